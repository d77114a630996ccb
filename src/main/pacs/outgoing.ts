import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { DicomUid } from '../../contract'
import { TAG } from '../../core/dicom/elements'
import { readDicomFile } from '../../core/dicom/read-file'
import { code, readerOf, text } from '../../core/dicom/values'
import { inflate } from '../library/decode/dicom-source'
import { PacsFailure } from './pacs-failure'

/** A file that is to be sent: by its path, or by its bytes where it was made just now. */
export type ToSend = { readonly path: string } | { readonly name: string; readonly bytes: Uint8Array }

/** A DICOM file that is sent as it is. */
export interface Outgoing {
  readonly file: string
  readonly bytes: Uint8Array
  /** Where its data set begins, behind the file meta group. */
  readonly dataSetAt: number
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly studyUid: string
  /** '': it does not say. */
  readonly patientId: string
  readonly transferSyntaxUid: string
}

const unfit = (file: string, why: string): PacsFailure =>
  new PacsFailure(
    'request-invalid',
    `${file} cannot be sent: ${why}`,
    'Send a whole DICOM file; nothing of it was sent.',
  )

/** Looks at a file before it goes out; throws `PacsFailure` where it is nothing that an archive takes. */
export function outgoing(toSend: ToSend): Outgoing {
  const file = 'path' in toSend ? basename(toSend.path) : toSend.name
  const bytes = 'path' in toSend ? bytesAt(toSend.path, file) : toSend.bytes
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, inflate)
  if (reading.kind !== 'complete')
    throw unfit(file, reading.kind === 'refused' ? reading.refusal.reason : 'It ends too early.')
  const { meta, dataSet } = reading.file
  const uid = (of: typeof meta, tag: number): string => DicomUid.safeParse(code(of, tag)).data ?? ''
  const found = {
    sopClassUid: uid(dataSet, TAG.SOPClassUID),
    sopInstanceUid: uid(dataSet, TAG.SOPInstanceUID),
    studyUid: uid(dataSet, TAG.StudyInstanceUID),
    transferSyntaxUid: uid(meta, TAG.TransferSyntaxUID),
  }
  if (Object.values(found).includes(''))
    throw unfit(file, 'It lacks an identifier (UID) that archives go by.')
  const ends = [...meta.elements.values()].map(({ offset, length }) => offset + length)
  const patientId = text(dataSet, TAG.PatientID, readerOf(dataSet))
  return { file, bytes, dataSetAt: Math.max(...ends), patientId, ...found }
}

function bytesAt(path: string, file: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw unfit(file, `It cannot be read (${why}).`)
  }
}
