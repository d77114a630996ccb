import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { aptAllowed, aptInstall } from './apt.js'
import { reportFailure, root, StepFailed } from './steps.js'

/**
 * `npm run test:package`: installs the Debian package, draws 100 samples with it as a normal user without a display,
 * opens its window on a screen of its own, and removes it again.
 */

const user = 'nobody'
const packed = join(root, 'build', 'packed')

/** @param {readonly string[]} command @param {string} home */
const asUser = (command, home) =>
  spawnSync(
    'runuser',
    ['-u', user, '--', 'env', '-u', 'DISPLAY', `HOME=${home}`, `TMPDIR=${home}`, ...command],
    {
      encoding: 'utf8',
      maxBuffer: 64 * 2 ** 20,
      cwd: '/',
    },
  )

/** @param {boolean} holds @param {string} what */
function check(holds, what) {
  if (!holds) throw new StepFailed(`The package fails: ${what}.`, 'Look at the lines above.')
  process.stdout.write(`ok     ${what}\n`)
}

try {
  const name = readdirSync(packed).find((each) => each.endsWith('.deb'))
  if (name === undefined || !aptAllowed())
    throw new StepFailed(
      'There is no package to install here.',
      'As root on Debian: npm run package, then this.',
    )
  check(aptInstall([join(packed, name)]), 'it installs with what it depends on')
  const home = mkdtempSync('/tmp/margin-package-')
  execFileSync('chown', [user, home])
  try {
    const drawn = asUser(['margin', 'demo', '--samples', '100'], home)
    process.stderr.write(drawn.status === 0 ? '' : drawn.stderr)
    check(drawn.status === 0, 'margin demo ends well as a normal user, without a display')
    check(JSON.parse(drawn.stdout).run.samples === 100, '100 samples were drawn')
    const window = asUser(
      ['timeout', '--signal=TERM', '25', 'xvfb-run', '-a', 'margin', '--demo', '--enable-logging=stderr'],
      home,
    )
    // 124: still open when its time was over; a window that ends by itself ends with something else.
    check(window.status === 124, 'its window opens with the sandbox on and stays open')
    check(!/did not start|FATAL/.test(window.stderr), 'nothing went wrong in the window')
  } finally {
    rmSync(home, { recursive: true, force: true })
    spawnSync('dpkg', ['--remove', 'margin'], { stdio: 'ignore' })
  }
} catch (error) {
  reportFailure(error)
}
