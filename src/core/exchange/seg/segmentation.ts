/** DICOM Segmentation of one segment, written from whole masks: what a run exports (segment-object.ts). */
import { accept, refuse, type Result } from '../../../contract'
import { SLICE_KEYWORDS, type SourceElements, type SourceSlice } from '../derived-object'
import type { Code } from '../exchange-reading'
import { readSegmentationFrames } from './read-segmentation'
import { segmentedDataSet, type SegmentedObject } from './segment-object'
import { writeDicom } from '../../dicom/write/write-dicom'

export { SHARED_KEYWORDS, SLICE_KEYWORDS, type SourceElements, type SourceSlice } from '../derived-object'

export interface SegmentationFrame {
  readonly slice: SourceSlice
  /** Rows x columns of the source, 0 or 1, row by row. */
  readonly pixels: Uint8Array
}

/** An object of one segment; `shared` (patient, study and frame of reference) is of any slice of the source. */
export interface Segmentation extends Omit<
  SegmentedObject,
  'creator' | 'contentLabel' | 'contentDescription' | 'segments' | 'frames'
> {
  readonly trackingUid: string
  readonly label: string
  readonly description: string
  readonly trackingId: string
  readonly algorithmName: string
  /** In ascending order along the normal; at least one, none of them empty. */
  readonly frames: readonly SegmentationFrame[]
}

/** PS3.16: CID 7150 category, CID 6280-like type. */
export const MORPHOLOGIC_ABNORMALITY: Code = {
  value: '49755003',
  scheme: 'SCT',
  meaning: 'Morphologically Abnormal Structure',
}
export const NODULE: Code = { value: '27925004', scheme: 'SCT', meaning: 'Nodule' }
export const LUNG: Code = { value: '39607008', scheme: 'SCT', meaning: 'Lung' }

function objectOf(segmentation: Segmentation): SegmentedObject {
  const { rows, columns } = segmentation
  return {
    ...segmentation,
    creator: 'Margin^Software',
    contentLabel: 'SAMPLES',
    contentDescription: segmentation.label,
    segments: [
      {
        label: segmentation.label,
        description: segmentation.description,
        algorithmType: 'SEMIAUTOMATIC',
        algorithmName: segmentation.algorithmName,
        category: MORPHOLOGIC_ABNORMALITY,
        type: NODULE,
        region: LUNG,
        colour: null,
        trackingId: segmentation.trackingId,
        trackingUid: segmentation.trackingUid,
      },
    ],
    frames: segmentation.frames.map(({ slice, pixels }, index) => ({
      segment: 1,
      place: index + 1,
      slice,
      mask: { originColumn: 0, originRow: 0, mask: { widthPx: columns, heightPx: rows, pixels } },
    })),
  }
}

/** Refuses a source whose slices do not say where they lie. */
export function requirePlaces(slices: readonly SourceSlice[], shared: SourceElements): Result<null> {
  const placeless = slices.some(({ elements }) =>
    SLICE_KEYWORDS.slice(0, 3).some((keyword) => !elements.has(keyword)),
  )
  if (!placeless && shared.has('FrameOfReferenceUID')) return accept(null)
  return refuse('annotation-unsupported', 'The source does not say where its slices lie in the patient.', {
    next: 'Use the masks as PNG.',
  })
}

/**
 * Writes a segmentation, reads it back and compares it pixel by pixel. Refused: no frames, a slice without its place,
 * and `internal` when what is read is not what was written.
 */
export function writeSegmentation(segmentation: Segmentation): Result<Uint8Array> {
  const { frames, rows, columns, shared } = segmentation
  if (frames.length === 0)
    return refuse('annotation-unsupported', 'There is no pixel to write: every slice is empty.')
  const slices = frames.map(({ slice }) => slice)
  const placed = requirePlaces(slices, shared)
  if (!placed.ok) return placed
  const bytes = writeDicom(segmentedDataSet(objectOf(segmentation)))
  const read = readSegmentationFrames(bytes)
  if (!read.ok) return read
  const same =
    read.value.rows === rows &&
    read.value.columns === columns &&
    read.value.frames.length === frames.length &&
    frames.every(({ slice, pixels }, index) => {
      const frame = read.value.frames[index]
      return (
        frame?.sopInstanceUid === slice.sopInstanceUid &&
        pixels.every((pixel, at) => pixel === frame.pixels[at])
      )
    })
  return same ? accept(bytes) : refuse('internal', 'The segmentation did not read back as it was written.')
}
