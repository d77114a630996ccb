/** Frames of a binary DICOM Segmentation: the inverse of `writeSegmentation`. */
import { accept, refuse, type Result } from '../../contract'
import { type Inflate, readDicomFile } from '../dicom/read-file'
import { TAG } from '../dicom/tag'
import { code, integer, items, valueBytes, word } from '../dicom/values'

const DERIVATION_IMAGE_SEQUENCE = 0x00089124
const SOURCE_IMAGE_SEQUENCE = 0x00082112
const REFERENCED_SOP_INSTANCE = 0x00081155

export interface ReadFrame {
  /** The source slice that the frame was derived from; empty where the file names none. */
  readonly sopInstanceUid: string
  /** Rows x columns, 0 or 1, row by row. */
  readonly pixels: Uint8Array
}

export interface ReadSegmentation {
  readonly rows: number
  readonly columns: number
  readonly frames: readonly ReadFrame[]
}

const noInflate: Inflate = () => refuse('transfer-syntax-unsupported', 'Deflated segmentations are not read.')

/** Reads the frames of an uncompressed binary segmentation. Refused: everything else. */
export function readSegmentationFrames(bytes: Uint8Array): Result<ReadSegmentation> {
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, noInflate)
  if (reading.kind === 'refused') return { ok: false, refusal: reading.refusal }
  if (reading.kind === 'more') return refuse('truncated', 'The segmentation ends early.')
  const { dataSet } = reading.file
  const rows = word(dataSet, TAG.rows) ?? 0
  const columns = word(dataSet, TAG.columns) ?? 0
  const frameCount = integer(dataSet, TAG.numberOfFrames) ?? 0
  const packed = valueBytes(dataSet, TAG.pixelData)
  if (word(dataSet, TAG.bitsAllocated) !== 1 || packed === null) {
    return refuse('pixel-format-unsupported', 'The segmentation has no pixels of one bit.')
  }
  const framePixels = rows * columns
  if (packed.length * 8 < frameCount * framePixels)
    return refuse('pixels-truncated', 'The segmentation has too few pixels.')
  const groups = items(dataSet, TAG.perFrameFunctionalGroups)
  const frames = Array.from({ length: frameCount }, (_unused, frame): ReadFrame => {
    const group = groups[frame]
    const derivation = group === undefined ? undefined : items(group, DERIVATION_IMAGE_SEQUENCE)[0]
    const source = derivation === undefined ? undefined : items(derivation, SOURCE_IMAGE_SEQUENCE)[0]
    const pixels = new Uint8Array(framePixels)
    for (let at = 0; at < framePixels; at += 1) {
      const bit = frame * framePixels + at
      pixels[at] = ((packed[bit >> 3] ?? 0) >> (bit & 7)) & 1
    }
    return { sopInstanceUid: source === undefined ? '' : code(source, REFERENCED_SOP_INSTANCE), pixels }
  })
  return accept({ rows, columns, frames })
}
