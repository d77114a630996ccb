import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall } from './apt.js'
import { onPath } from './on-path.js'
import { python } from './python.js'
import { root, succeeds } from './steps.js'

/** Other readers of DICOM, beside which the benchmarks stand. Nothing of them is shipped, and no test needs them. */

const SYSTEM_PYTHON = '/usr/bin/python3'

const hasGdcm = () => succeeds(SYSTEM_PYTHON, ['-c', 'import gdcm'], { quiet: true })

/** @returns {string | null} the system's Python with GDCM (Debian: python3-gdcm), which is installed where that may be */
export function gdcmPython() {
  const isHere = () => existsSync(SYSTEM_PYTHON) && hasGdcm()
  return isHere() || (aptInstall(['python3-gdcm']) && isHere()) ? SYSTEM_PYTHON : null
}

/** @returns {string | null} dcm2niix, likewise */
export function dcm2niix() {
  return onPath(['dcm2niix']) ?? (aptInstall(['dcm2niix']) ? onPath(['dcm2niix']) : null)
}

const PYLIBJPEG = [
  'pylibjpeg==2.1.0',
  'pylibjpeg-libjpeg==2.5.0',
  'pylibjpeg-openjpeg==2.6.0',
  'pylibjpeg-rle==2.2.0',
]

/** @returns {string | null} a folder with pylibjpeg and its decoders for the trainer's Python; fetched once, under build/ */
export function pylibjpegFolder() {
  const folder = join(root, 'build', 'bench-python')
  if (existsSync(join(folder, 'pylibjpeg'))) return folder
  // Without what they ask for: NumPy and pydicom are in the trainer's own environment already.
  const words = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, ...PYLIBJPEG]
  return existsSync(python) && succeeds(python, words) ? folder : null
}
