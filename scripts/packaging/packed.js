import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { aptAllowed } from '../setup/apt.js'
import { windowAbsent } from '../setup/electron.js'
import { root } from '../setup/steps.js'

/** What `npm run package` and `npm run test:package` have in common: where a package lies, how it is packed, how large it may be. */

/**
 * @typedef {{
 *   readonly folder: string,
 *   readonly compression: readonly string[],
 *   readonly mostMb: number,
 * }} Packing
 */

/** As handed on: xz at dpkg's own level, which every Debian and its kin reads. @type {Packing} */
const handedOn = { folder: join(root, 'build', 'packed'), compression: ['-Zxz'], mostMb: 130 }
/** For the tests: xz at its quick level takes a tenth of the time and an eighth more room. @type {Packing} */
const forTests = {
  folder: join(root, 'build', 'packed-quickly'),
  compression: ['-Zxz', '-z1'],
  mostMb: (handedOn.mostMb * 9) / 8,
}

export const QUICK = '--quick'
export const packing = process.argv.includes(QUICK) ? forTests : handedOn

/** Why the package is neither made nor installed here, or null. @returns {string | null} */
export function packageAbsent() {
  if (!aptAllowed()) return 'it takes root on Debian to install it'
  if (windowAbsent() !== null) return windowAbsent()
  // A person's own Margin is not taken away by a test.
  return isInstalled() ? 'a Margin is installed here already' : null
}

const isInstalled = () =>
  spawnSync('dpkg-query', ['-W', '-f=${Status}', 'margin'], { encoding: 'utf8' }).stdout ===
  'install ok installed'
