import { existsSync } from 'node:fs'
import { optionalStep } from './apt.js'
import { onPath } from './on-path.js'

/** Orthanc with its DICOMweb plug-in, the archive that the tests ask, and DCMTK, which fills it. */

const PLUG_IN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so'
const PROGRAM = '/usr/sbin/Orthanc'

/** @returns {{ readonly program: string, readonly plugIn: string, readonly storescu: string } | null} MARGIN_ORTHANC, else Debian's */
export function findOrthanc() {
  const named = process.env['MARGIN_ORTHANC'] ?? ''
  const program = [named, PROGRAM].find((path) => path !== '' && existsSync(path)) ?? onPath(['Orthanc'])
  const plugIn = process.env['MARGIN_ORTHANC_DICOMWEB'] ?? PLUG_IN
  const storescu = onPath(['storescu'])
  return program === null || storescu === null || !existsSync(plugIn) ? null : { program, plugIn, storescu }
}

export const orthancStep = optionalStep(
  'finding Orthanc with DICOMweb, and DCMTK (packages orthanc, orthanc-dicomweb, dcmtk)',
  ['orthanc', 'orthanc-dicomweb', 'dcmtk'],
  () => findOrthanc() !== null,
)
