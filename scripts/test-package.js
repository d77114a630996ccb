import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { packageAbsent, packing } from './packaging/packed.js'
import { aptInstall } from './setup/apt.js'
import { reportFailure, StepFailed } from './setup/steps.js'

/**
 * `npm run test:package`: installs the Debian package, draws 100 samples with it as a normal user without a display,
 * opens its window on a screen of its own, and removes it again. With --quick that of `package --quick`.
 */

const user = 'nobody'
/** Electron alone is more: less is not all of it. */
const LEAST_MB = 60
const debName = () =>
  existsSync(packing.folder) ? (readdirSync(packing.folder).find((each) => each.endsWith('.deb')) ?? '') : ''

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

/** Papers that have to come along, and what must not. */
function checkContents() {
  const bill = JSON.parse(readFileSync('/opt/margin/sbom.cdx.json', 'utf8'))
  /** @type {readonly string[]} */
  const names = bill.components.map((/** @type {{ name: string }} */ each) => each.name)
  const wanted = ['onnxruntime-node', 'sharp', 'reka-ui', 'cornerstone-core']
  check(
    bill.bomFormat === 'CycloneDX' && wanted.every((name) => names.includes(name)),
    'its bill of materials names what is in it',
  )
  const licences = readFileSync('/opt/margin/third-party-licences.txt', 'utf8')
  check(
    names.every((name) => licences.includes(`${name} (`)),
    'each of them with its licence',
  )
  check(existsSync('/opt/margin/LICENSE.margin.txt'), 'and its own')
  const models = '/opt/margin/resources/models'
  check(existsSync(`${models}/lidc-cflow-planar/manifest.json`), 'models lie beside the archive')
  check(
    ['lidc', 'retina'].every((of) => existsSync(`${models}/${of}-cflow-planar/checkpoint.safetensors`)) &&
      existsSync('/opt/margin/resources/trainer/margin_trainer/__main__.py') &&
      existsSync('/opt/margin/resources/trainer/requirements.txt'),
    'the trainer comes along, and the weights that it starts from',
  )
  check(existsSync('/opt/margin/resources/case/case.json'), 'and so does the built-in case')
  const desktop = readFileSync('/usr/share/applications/margin.desktop', 'utf8')
  check(/MimeType=application\/dicom;inode\/directory;/.test(desktop), 'it opens DICOM files and folders')
  const mb = statSync(join(packing.folder, debName())).size / 1e6
  check(
    mb > LEAST_MB && mb <= packing.mostMb,
    `it is ${mb.toFixed(0)} MB, at most ${packing.mostMb.toFixed(0)}`,
  )
}

/**
 * A window with the built-in case, told to end by the system after a while; the screen is there until it has ended.
 *
 * @param {string} home
 */
async function checkWindow(home) {
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [number] = await once(screen.stdout, 'data')
  const display = `DISPLAY=:${String(number).trim()}`
  const ended = ['timeout', '--foreground', '--kill-after=20', '15']
  const program = ['margin', '--demo', '--enable-logging=stderr']
  const window = asUser(['env', display, ...ended, ...program], home)
  screen.kill()
  const wrong = /did not start|FATAL|Unhandled/.test(window.stderr)
  if (window.status !== 124 || wrong) process.stderr.write(window.stderr)
  // A window that ends by itself ends with something else, and one that does not end when told with 137.
  check(window.status === 124, 'its window opens with the sandbox on, stays open and ends when it is told to')
  check(!wrong, 'nothing went wrong in the window')
  const left = readdirSync(home).filter((name) => name.startsWith('margin-'))
  check(left.length === 0, 'nothing of a case is left in the temporary folder')
}

/** @param {boolean} holds @param {string} what */
function check(holds, what) {
  if (!holds) throw new StepFailed(`The package fails: ${what}.`, 'Look at the lines above.')
  process.stdout.write(`ok     ${what}\n`)
}

try {
  const name = debName()
  const absent = name === '' ? 'there is none' : packageAbsent()
  if (absent !== null)
    throw new StepFailed(
      `The package is not tried: ${absent}.`,
      'As root on Debian, where no Margin is installed: npm run package, then this.',
    )
  check(aptInstall([join(packing.folder, name)]), 'it installs with what it depends on')
  const home = mkdtempSync('/tmp/margin-package-')
  execFileSync('chown', [user, home])
  try {
    checkContents()
    const asNode = asUser(
      ['env', 'ELECTRON_RUN_AS_NODE=1', 'timeout', '10', '/opt/margin/margin', '-p', '6*7'],
      home,
    )
    check(!asNode.stdout.includes('42'), 'its program is no Node for whoever finds it')
    const asked = asUser(['margin', '--help'], home)
    check(asked.status === 0 && asked.stdout.includes('margin infer'), 'margin --help answers in a terminal')
    const wrong = asUser(['margin', 'nonsense'], home)
    check(wrong.status === 2, 'a command that it has not ends with 2')
    const drawn = asUser(['margin', 'demo', '--samples', '100'], home)
    process.stderr.write(drawn.status === 0 ? '' : drawn.stderr)
    check(drawn.status === 0, 'margin demo ends well as a normal user, without a display')
    check(JSON.parse(drawn.stdout).run.samples === 100, '100 samples were drawn')
    await checkWindow(home)
  } finally {
    rmSync(home, { recursive: true, force: true })
    spawnSync('dpkg', ['--remove', 'margin'], { stdio: 'ignore' })
  }
} catch (error) {
  reportFailure(error)
}
