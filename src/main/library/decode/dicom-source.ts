import { refuse } from '../../../contract'
import type { Result } from '../../../contract'
import { readDicomFile } from '../../../core/dicom/read-file'
import type { DicomFile } from '../../../core/dicom/read-file'
import type { Inflate } from '../../../core/files/inflate'
import { needsWholeFile } from '../../../core/dicom/describe-object'
import type { OpenSource } from './file-bytes'
import { inflateRaw } from './inflate'
import { FIRST_READ_BYTES, MAX_WHOLE_FILE_BYTES } from './limits'

/** Raw deflate of a data set or of a frame. */
export const inflate: Inflate = (deflated, limitBytes) =>
  inflateRaw(deflated, limitBytes, { damaged: 'structure-damaged', tooLarge: 'pixels-too-large' })

/** Reads as much of a source as its header needs; all of it where the pixels are in fragments. */
export function readDicomSource(open: OpenSource, first: Uint8Array<ArrayBuffer>): Result<DicomFile> {
  let bytes = first
  for (;;) {
    const reading = readDicomFile({ bytes, totalBytes: open.totalBytes }, inflate)
    if (reading.kind === 'refused') return { ok: false, refusal: reading.refusal }
    const needed =
      reading.kind === 'more' ? reading.bytes : needsWholeFile(reading.file) ? open.totalBytes : 0
    if (reading.kind === 'complete' && needed === 0) return { ok: true, value: reading.file }
    const wanted = Math.min(open.totalBytes, Math.max(needed, bytes.length * 2))
    if (wanted > MAX_WHOLE_FILE_BYTES) {
      return refuse(
        'limit-reached',
        `${wanted} bytes would have to be in memory at once; the limit is ${MAX_WHOLE_FILE_BYTES}.`,
      )
    }
    const more = open.read(0, wanted)
    if (more.length <= bytes.length) return refuse('truncated', 'The file became shorter while it was read.')
    bytes = more
  }
}

/** The beginning of a source, enough to tell what it is. */
export const readBeginning = (open: OpenSource): Uint8Array<ArrayBuffer> =>
  open.read(0, Math.min(open.totalBytes, FIRST_READ_BYTES))
