import { readFileSync } from 'node:fs'
import { TAG } from '../../../core/dicom/elements'
import { describeObject } from '../../../core/dicom/describe-object'
import { readDicomFile } from '../../../core/dicom/read-file'
import { code, readerOf, text } from '../../../core/dicom/values'
import type { RefusalCode } from '../../../contract'
import { inflate } from '../../library/decode/dicom-source'

/** What a file is said to be by itself, once all of it is here. */
export interface LookedAt {
  readonly sopInstanceUid: string
  readonly seriesUid: string
  readonly studyUid: string
  readonly patientId: string
  readonly sopClassUid: string
  readonly transferSyntaxUid: string
  /** Where its data set begins, behind the file meta group. */
  readonly dataSetAt: number
}

/** What is wrong with the bytes themselves. Anything else (a syntax that is not decoded here) is said when it is opened. */
const DAMAGE: ReadonlySet<RefusalCode> = new Set([
  'file-empty',
  'not-dicom',
  'truncated',
  'structure-damaged',
  'pixels-truncated',
  'pixels-absent',
])

/** Reads a file whole and looks at every length in it; a string says what is wrong. */
export function lookAtObject(path: string): LookedAt | string {
  const bytes = readFileSync(path)
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, inflate)
  if (reading.kind === 'refused') return reading.refusal.reason
  if (reading.kind === 'more') return 'It ends too early.'
  const { meta, dataSet } = reading.file
  const ends = [...meta.elements.values()].map(({ offset, length }) => offset + length)
  const described = describeObject(reading.file, { path: '', key: path })
  if (!described.ok && DAMAGE.has(described.refusal.code)) return described.refusal.reason
  return {
    sopInstanceUid: code(dataSet, TAG.SOPInstanceUID),
    seriesUid: code(dataSet, TAG.SeriesInstanceUID),
    studyUid: code(dataSet, TAG.StudyInstanceUID),
    patientId: text(dataSet, TAG.PatientID, readerOf(dataSet)),
    sopClassUid: code(dataSet, TAG.SOPClassUID),
    transferSyntaxUid: code(meta, TAG.TransferSyntaxUID),
    dataSetAt: Math.max(0, ...ends),
  }
}
