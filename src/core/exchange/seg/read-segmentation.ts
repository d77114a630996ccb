/**
 * DICOM Segmentation objects (PS3.3 A.51, C.8.20): BINARY, FRACTIONAL and LABELMAP, native, deflated or RLE. Frames
 * are decoded one at a time when they are asked for; where they lie on a series is said in place-segmentation.ts.
 */
import {
  accept,
  type Orientation,
  type PatientPoint,
  type PixelSpacing,
  refuse,
  type Result,
  type Warning,
} from '../../../contract'
import { decodeFrame, openPixels } from '../../dicom/pixels/decode-frame'
import { describePixels } from '../../dicom/pixels/image-pixels'
import type { DataSet } from '../../dicom/read-elements'
import { readDicomFile } from '../../dicom/read-file'
import type { Inflate } from '../../files/inflate'
import type { StoredFrame } from '../../image/pixel-layout'
import { type Keyword, TAG } from '../../dicom/elements'
import type { TextReader } from '../../dicom/text'
import type { TransferSyntax } from '../../dicom/transfer-syntax'
import { code, decimals, items, longWord, readerOf, text, word, words } from '../../dicom/values'
import { orientationFrom } from '../../geometry/orientation'
import { spacingFrom } from '../../geometry/spacing'
import { labToRgb } from '../display-colour'
import type { Code, Rgb } from '../exchange-reading'

const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4'
const LABELMAP_STORAGE = '1.2.840.10008.5.1.4.1.1.66.7'
/** More segments than any object of the field has (whole-body label maps have about 200). */
const MAX_SEGMENTS = 65_535

/** One segment as the object describes it. */
export interface Segment {
  readonly number: number
  readonly label: string
  readonly description: string
  readonly algorithmType: string
  readonly algorithmName: string
  readonly category: Code | null
  readonly type: Code | null
  readonly colour: Rgb | null
  readonly trackingId: string
  readonly trackingUid: string
}

/** A source slice of a frame. */
export interface SegmentSource {
  readonly sopInstanceUid: string
  /** 0-based; null where the object names none. */
  readonly frame: number | null
}

/** What the object says of one frame; pixels are decoded by `decode`. */
export interface SegmentFrame {
  /** Null in a label map, whose pixels say it, and in tiles without functional groups. */
  readonly segment: number | null
  /** The source slices that it was derived from, as many as the object names (PS3.3 C.7.6.16.2.6 allows several). */
  readonly sources: readonly SegmentSource[]
  readonly positionMm: PatientPoint | null
  readonly orientation: Orientation | null
  readonly spacingMm: PixelSpacing | null
}

export interface SegmentationObject {
  readonly sopInstanceUid: string
  readonly seriesUid: string
  readonly frameOfReferenceUid: string
  /** Series that it says it was made on. */
  readonly referencedSeriesUids: readonly string[]
  readonly creator: string
  readonly contentLabel: string
  readonly contentDescription: string
  readonly kind: 'binary' | 'probability' | 'occupancy' | 'labelmap'
  /** Stored value of a share of 1; 1 for binary objects. */
  readonly fullValue: number
  /** Value that stands for outside in a label map, where the object names one. */
  readonly paddingValue: number | null
  /** A slide in tiles: no slice of a series. */
  readonly tiled: boolean
  readonly rows: number
  readonly columns: number
  readonly segments: readonly Segment[]
  readonly frames: readonly SegmentFrame[]
  readonly warnings: readonly Warning[]
  /** One frame; its values row by row: 0 or 1, 0 to `fullValue`, or segment numbers. */
  readonly decode: (frame: number) => Result<StoredFrame>
}

function codeOf(set: DataSet, keyword: Keyword, reader: TextReader): Code | null {
  const [item] = items(set, TAG[keyword])
  if (item === undefined) return null
  return {
    value: code(item, TAG.CodeValue),
    scheme: code(item, TAG.CodingSchemeDesignator),
    meaning: text(item, TAG.CodeMeaning, reader),
  }
}

function segmentOf(set: DataSet, reader: TextReader): Segment {
  const [l, a, b] = words(set, TAG.RecommendedDisplayCIELabValue)
  return {
    number: word(set, TAG.SegmentNumber) ?? 0,
    label: text(set, TAG.SegmentLabel, reader),
    description: text(set, TAG.SegmentDescription, reader),
    algorithmType: code(set, TAG.SegmentAlgorithmType),
    algorithmName: text(set, TAG.SegmentAlgorithmName, reader),
    category: codeOf(set, 'SegmentedPropertyCategoryCodeSequence', reader),
    type: codeOf(set, 'SegmentedPropertyTypeCodeSequence', reader),
    colour: l === undefined || a === undefined || b === undefined ? null : labToRgb([l, a, b]),
    trackingId: text(set, TAG.TrackingID, reader),
    trackingUid: code(set, TAG.TrackingUID),
  }
}

/** First item of a functional group: that of the frame, else the shared one. */
const group = (frame: DataSet | undefined, shared: DataSet | undefined, tag: number): DataSet | undefined =>
  (frame === undefined ? undefined : items(frame, tag)[0]) ??
  (shared === undefined ? undefined : items(shared, tag)[0])

function sourcesOf(frame: DataSet | undefined, shared: DataSet | undefined): readonly SegmentSource[] {
  const tag = TAG.DerivationImageSequence
  const own = frame === undefined ? [] : items(frame, tag)
  const derivations = own.length > 0 ? own : shared === undefined ? [] : items(shared, tag)
  return derivations
    .flatMap((derivation) => items(derivation, TAG.SourceImageSequence))
    .flatMap((source): readonly SegmentSource[] => {
      const sopInstanceUid = code(source, TAG.ReferencedSOPInstanceUID)
      const numbers = decimals(source, TAG.ReferencedFrameNumber).filter((number) => number !== null)
      if (sopInstanceUid === '') return []
      if (numbers.length === 0) return [{ sopInstanceUid, frame: null }]
      return numbers.map((number) => ({ sopInstanceUid, frame: number - 1 }))
    })
}

function frameOf(frame: DataSet | undefined, shared: DataSet | undefined): SegmentFrame {
  const identification = group(frame, shared, TAG.SegmentIdentificationSequence)
  const position = group(frame, shared, TAG.PlanePositionSequence)
  const orientation = group(frame, shared, TAG.PlaneOrientationSequence)
  const measures = group(frame, shared, TAG.PixelMeasuresSequence)
  const [x, y, z] = position === undefined ? [] : decimals(position, TAG.ImagePositionPatient)
  return {
    segment: identification === undefined ? null : word(identification, TAG.ReferencedSegmentNumber),
    sources: sourcesOf(frame, shared),
    positionMm: x == null || y == null || z == null ? null : [x, y, z],
    orientation:
      orientation === undefined ? null : orientationFrom(decimals(orientation, TAG.ImageOrientationPatient)),
    spacingMm: measures === undefined ? null : spacingFrom(decimals(measures, TAG.PixelSpacing)),
  }
}

const damaged = (reason: string): Result<never> =>
  refuse('annotation-damaged', reason, { next: 'Export the segmentation again.' })

function kindOf(set: DataSet): Result<SegmentationObject['kind']> {
  const type = code(set, TAG.SegmentationType)
  if (code(set, TAG.SOPClassUID) === LABELMAP_STORAGE || type === 'LABELMAP') return accept('labelmap')
  if (type === 'BINARY') return accept('binary')
  if (type !== 'FRACTIONAL') return damaged(`The segmentation is of the unknown type "${type.slice(0, 20)}".`)
  const fractional = code(set, TAG.SegmentationFractionalType)
  if (fractional === 'OCCUPANCY') return accept('occupancy')
  if (fractional === 'PROBABILITY') return accept('probability')
  return damaged('A fractional segmentation says neither PROBABILITY nor OCCUPANCY.')
}

/** Segments with numbers of their own; refused when two share one, since frames could not be told apart. */
function segmentsOf(set: DataSet, reader: TextReader): Result<readonly Segment[]> {
  const described = items(set, TAG.SegmentSequence)
  if (described.length === 0) return damaged('The segmentation describes no segment.')
  if (described.length > MAX_SEGMENTS)
    return refuse('limit-reached', `${described.length} segments are too many.`)
  const segments = described.map((item) => segmentOf(item, reader))
  const numbers = new Set(segments.map(({ number }) => number))
  if (numbers.size < segments.length) return damaged('Two segments have the same number.')
  return accept(segments)
}

/** Header of the object; its SOP class must be that of a segmentation. */
function readObject(bytes: Uint8Array, inflate: Inflate): ReturnType<typeof openObject> {
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, inflate)
  if (reading.kind === 'refused') return { ok: false, refusal: reading.refusal }
  if (reading.kind === 'more') return refuse('truncated', 'The segmentation ends early.')
  return openObject(reading.file)
}

const noStream = ({ name, uid }: TransferSyntax): ReturnType<typeof refuse> =>
  refuse('transfer-syntax-unsupported', `Segmentations in ${name} (${uid}) are not read.`, {
    next: 'Convert the file to RLE or to uncompressed (gdcmconv --raw).',
  })

function openObject(file: Parameters<typeof openPixels>[0]) {
  const { dataSet } = file
  const sopClass = code(dataSet, TAG.SOPClassUID)
  if (sopClass !== SEGMENTATION_STORAGE && sopClass !== LABELMAP_STORAGE) {
    return refuse(
      'annotation-unsupported',
      `The file is no segmentation (SOP class ${sopClass || 'missing'}).`,
    )
  }
  // Their decoders live in the decode threads; segmentations are packed by run lengths or deflate.
  if (file.syntax.pixels === 'stream') return noStream(file.syntax)
  const described = describePixels(dataSet, file.syntax)
  if (!described.ok) return described
  const { layout } = described.value
  const pixels = openPixels(file, layout)
  if (!pixels.ok) return pixels
  if (pixels.value.frames < layout.frames) {
    return refuse(
      'pixels-truncated',
      `The segmentation declares ${layout.frames} frames, ${pixels.value.frames} are there.`,
      { next: 'Copy or export the file again.' },
    )
  }
  const warnings = [...file.warnings, ...described.value.warnings, ...pixels.value.warnings]
  return accept({ file, dataSet, layout, pixels: pixels.value, warnings })
}

/**
 * Reads a segmentation. Refused: what is no segmentation, pixels in a syntax without a decoder here, fewer frames
 * than declared, segments that share a number, and frames of a segment that the object does not describe.
 */
export function readSegmentation(bytes: Uint8Array, inflate: Inflate): Result<SegmentationObject> {
  const opened = readObject(bytes, inflate)
  if (!opened.ok) return opened
  const { file, dataSet, layout, pixels, warnings } = opened.value
  const kind = kindOf(dataSet)
  if (!kind.ok) return kind
  const reader = readerOf(dataSet)
  const segments = segmentsOf(dataSet, reader)
  if (!segments.ok) return segments
  const [shared] = items(dataSet, TAG.SharedFunctionalGroupsSequence)
  const perFrame = items(dataSet, TAG.PerFrameFunctionalGroupsSequence)
  const frames = Array.from({ length: layout.frames }, (_unused, at) => frameOf(perFrame[at], shared))
  const numbers = new Set(segments.value.map(({ number }) => number))
  const unknown = frames.find(({ segment }) => segment !== null && !numbers.has(segment))
  if (unknown !== undefined) {
    return damaged(`A frame belongs to segment ${unknown.segment ?? 0}, which is not described.`)
  }
  const isFractional = kind.value === 'probability' || kind.value === 'occupancy'
  return accept({
    sopInstanceUid: code(dataSet, TAG.SOPInstanceUID),
    seriesUid: code(dataSet, TAG.SeriesInstanceUID),
    frameOfReferenceUid: code(dataSet, TAG.FrameOfReferenceUID),
    referencedSeriesUids: items(dataSet, TAG.ReferencedSeriesSequence).map((series) =>
      code(series, TAG.SeriesInstanceUID),
    ),
    creator: text(dataSet, TAG.ContentCreatorName, reader),
    contentLabel: text(dataSet, TAG.ContentLabel, reader),
    contentDescription: text(dataSet, TAG.ContentDescription, reader),
    kind: kind.value,
    fullValue: isFractional ? (word(dataSet, TAG.MaximumFractionalValue) ?? 255) : 1,
    paddingValue: word(dataSet, TAG.PixelPaddingValue),
    tiled: longWord(dataSet, TAG.TotalPixelMatrixColumns) !== null,
    rows: layout.rows,
    columns: layout.columns,
    segments: segments.value,
    frames,
    warnings,
    decode: (frame) => {
      const read = (offset: number, length: number): Uint8Array =>
        dataSet.bytes.subarray(offset, offset + length)
      return decodeFrame(file, pixels, frame, read, { inflate, stream: () => noStream(file.syntax) })
    },
  })
}

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

/** All frames of a binary segmentation at once, as they were written. Refused: every other kind, and a deflated file. */
export function readSegmentationFrames(bytes: Uint8Array): Result<ReadSegmentation> {
  const read = readSegmentation(bytes, noInflate)
  if (!read.ok) return read
  const { kind, rows, columns, decode } = read.value
  if (kind !== 'binary')
    return refuse('pixel-format-unsupported', 'The segmentation has no pixels of one bit.')
  const frames: ReadFrame[] = []
  for (const [at, { sources }] of read.value.frames.entries()) {
    const pixels = decode(at)
    if (!pixels.ok) return pixels
    frames.push({
      sopInstanceUid: sources[0]?.sopInstanceUid ?? '',
      pixels: Uint8Array.from(pixels.value.values),
    })
  }
  return accept({ rows, columns, frames })
}
