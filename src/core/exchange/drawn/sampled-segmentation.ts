/** Segmentations of what samples draw: every sample a segment of its own, or the share of samples at each pixel. */
import { accept, refuse, type Result } from '../../../contract'
import { derivedUid } from '../../dicom/write/derived-uid'
import { writeDicom } from '../../dicom/write/write-dicom'
import { elementText, type ExportSource, type ExportStamp, sharedFor } from '../derived-object'
import { wholeMask } from '../exchange-reading'
import { nothingDeflated } from '../read-back'
import { readSegmentation } from '../seg/read-segmentation'
import {
  segmentedDataSet,
  type SegmentedObject,
  type WrittenFrame,
  type WrittenSegment,
} from '../seg/segment-object'
import { LUNG, MORPHOLOGIC_ABNORMALITY, NODULE, requirePlaces } from '../seg/segmentation'
import { countsOf, type DrawnLesion, type DrawnSlice, drawnFrom, placed, withRun } from './drawn-lesion'

/** What becomes an object: its parts, and how their pixels are stored. */
interface Parts {
  readonly name: string
  readonly label: string
  readonly instanceNumber: number
  readonly segments: readonly {
    readonly label: string
    readonly description: string
    readonly name: string
  }[]
  /** Of one segment (from 1) on one slice; null where nothing is set. */
  readonly pixelsOn: (slice: DrawnSlice, segment: number) => Uint8Array | null
  readonly fullValue?: number
}

/** Bytes of pixels that are written at most: two copies of them are held while they are compared. */
const MOST_BYTES = 2 ** 28
/** What a byte can count to. */
const MOST_COUNTED = 255

/** What an element of value representation LO holds. */
const MAX_LO_LETTERS = 64

/** Each sample that draws something as a segment of one object (BINARY); segments overlap. */
export function sampleSegmentation(
  lesion: DrawnLesion,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  const drawn = Array.from({ length: lesion.run.samples }, (_, sample) => sample).filter((sample) =>
    lesion.slices.some(({ samples }) => samples[sample]?.includes(1)),
  )
  return written(
    lesion,
    {
      ...{ name: 'samples', label: 'Samples', instanceNumber: 10 },
      segments: drawn.map((sample) => ({
        name: `sample-${sample + 1}`,
        label: `Sample ${sample + 1}`,
        description: withRun(`Sample ${sample + 1}, counted from 1.`, lesion),
      })),
      pixelsOn: (slice, segment) => slice.samples[drawn[segment - 1] ?? -1] ?? null,
    },
    source,
    stamp,
  )
}

/**
 * The share of samples that include each pixel (FRACTIONAL). The stored value is the count of samples where a byte
 * holds it, so that no share is rounded.
 */
export function shareSegmentation(
  lesion: DrawnLesion,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  const count = lesion.run.samples
  const fullValue = Math.min(count, MOST_COUNTED)
  return written(
    lesion,
    {
      ...{ name: 'share', label: 'Share of samples', instanceNumber: 11, fullValue },
      segments: [
        {
          name: 'share',
          label: 'Share of samples',
          description: withRun(
            'Share of the samples that include a pixel: spread of the model, not a probability of being right.',
            lesion,
          ),
        },
      ],
      pixelsOn: (slice) =>
        Uint8Array.from(countsOf(slice), (share) => Math.round((share * fullValue) / count)),
    },
    source,
    stamp,
  )
}

function segmentOf(part: Parts['segments'][number], lesion: DrawnLesion, key: string): WrittenSegment {
  return {
    label: elementText(part.label, MAX_LO_LETTERS),
    description: elementText(part.description, 1024),
    algorithmType: 'SEMIAUTOMATIC',
    algorithmName: elementText(`${lesion.run.model} ${lesion.run.modelVersion}`, MAX_LO_LETTERS),
    category: MORPHOLOGIC_ABNORMALITY,
    type: NODULE,
    region: LUNG,
    colour: null,
    trackingId: `${lesion.id} ${part.name}`,
    trackingUid: derivedUid(`${key} ${part.name} tracking`),
  }
}

const NOTHING_SET = 'There is no pixel to write: every slice is empty.'

function framesOf(lesion: DrawnLesion, parts: Parts, source: ExportSource): Result<readonly WrittenFrame[]> {
  const frames: WrittenFrame[] = []
  for (let segment = 1; segment <= parts.segments.length; segment += 1)
    for (const [at, drawn] of lesion.slices.entries()) {
      const pixels = parts.pixelsOn(drawn, segment)
      if (pixels === null || pixels.every((pixel) => pixel === 0)) continue
      const slice = source.slices.get(drawn.sliceIndex)
      if (slice === undefined)
        return refuse('not-found', 'The source file of a slice was not found.', {
          next: 'Use the masks as PNG.',
        })
      frames.push({ segment, place: at + 1, slice, mask: placed(drawn, pixels) })
    }
  return frames.length === 0 ? refuse('annotation-unsupported', NOTHING_SET) : accept(frames)
}

function written(
  lesion: DrawnLesion,
  parts: Parts,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  const frames = framesOf(lesion, parts, source)
  if (!frames.ok) return frames
  const { widthPx, heightPx, seriesUid } = source.target
  const sizeBytes = (frames.value.length * widthPx * heightPx) / (parts.fullValue === undefined ? 8 : 1)
  if (sizeBytes > MOST_BYTES)
    return refuse(
      'limit-reached',
      `${frames.value.length} frames of ${widthPx} × ${heightPx} pixels are too many for one object.`,
      {
        next: 'Draw fewer samples, or take the share of samples.',
      },
    )
  const slices = frames.value.map(({ slice }) => slice)
  const ready = requirePlaces(slices, source.shared)
  if (!ready.ok) return ready
  const key = `seg ${stamp.key}`
  const shared = sharedFor(source.shared, [lesion.label, lesion.id])
  if (!shared.ok) return shared
  const object: SegmentedObject = {
    sopInstanceUid: derivedUid(`${key} ${parts.name}`),
    seriesUid: derivedUid(key),
    dimensionUid: derivedUid(`${key} ${parts.name} dimensions`),
    seriesNumber: stamp.seriesNumber,
    instanceNumber: parts.instanceNumber,
    seriesDescription: elementText(`Margin ${lesion.label}: ${drawnFrom(lesion.run)}`, MAX_LO_LETTERS),
    sourceSeriesUid: seriesUid,
    rows: heightPx,
    columns: widthPx,
    shared: shared.value,
    creator: 'Margin^Software',
    contentLabel: 'SAMPLES',
    contentDescription: elementText(parts.label, MAX_LO_LETTERS),
    softwareVersion: stamp.softwareVersion,
    segments: parts.segments.map((part) => segmentOf(part, lesion, key)),
    frames: frames.value,
    ...(parts.fullValue === undefined ? {} : { fullValue: parts.fullValue }),
  }
  const bytes = writeDicom(segmentedDataSet(object))
  const same = readsBack(bytes, object)
  return same.ok ? accept(bytes) : same
}

/** Every frame is decoded again and compared value by value. */
function readsBack(bytes: Uint8Array, object: SegmentedObject): Result<null> {
  const differs = refuse('internal', 'The segmentation did not read back as it was written.', {
    next: 'Nothing was exported. Choose another format, and report this.',
  })
  const read = readSegmentation(bytes, nothingDeflated)
  if (!read.ok) return read
  const { frames, segments, fullValue, rows, columns, decode } = read.value
  if (frames.length !== object.frames.length || segments.length !== object.segments.length) return differs
  if (rows !== object.rows || columns !== object.columns || fullValue !== (object.fullValue ?? 1))
    return differs
  for (const [at, frame] of object.frames.entries()) {
    const stored = decode(at)
    if (!stored.ok) return stored
    const other = frames[at]
    if (other?.segment !== frame.segment || other.sources[0]?.sopInstanceUid !== frame.slice.sopInstanceUid)
      return differs
    const whole = wholeMask(frame, columns, rows)
    for (let pixel = 0; pixel < whole.length; pixel += 1)
      if (whole[pixel] !== stored.value.values[pixel]) return differs
  }
  return accept(null)
}
