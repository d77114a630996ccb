import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  becomeMargin,
  buildStep,
  checkNode,
  installStep,
  reportFailure,
  root,
  runSteps,
  succeeds,
} from './setup/steps.js'

/** `npm start [-- PATH… --demo --door browser|electron --port N]`: sets everything up, then opens Margin. */

const args = process.argv.slice(2)
const display =
  process.platform === 'win32' ||
  process.platform === 'darwin' ||
  Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])

/** The window's program is fetched once, and only where a window can appear. Without it the browser does the same. */
const FETCH_TIMEOUT_MS = 180_000
const electron = join(root, 'node_modules', 'electron')
const windowStep = {
  name: 'fetching the window (Electron)',
  done: () => existsSync(join(electron, 'path.txt')) || 'ELECTRON_OVERRIDE_DIST_PATH' in process.env,
  run: () => {
    const fetched = succeeds(process.execPath, [join(electron, 'install.js')], {
      timeoutMs: FETCH_TIMEOUT_MS,
      quiet: true,
    })
    if (!fetched) process.stderr.write('      not to be had: Margin opens in the browser instead\n')
  },
}
const inBrowser = !display || args.includes('browser') || args.includes('--door=browser')

try {
  checkNode()
  await runSteps([installStep, ...(inBrowser ? [] : [windowStep]), buildStep])
  becomeMargin(['open', ...args])
} catch (error) {
  reportFailure(error)
}
