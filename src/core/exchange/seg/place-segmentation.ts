/**
 * Segmentation objects laid on an opened series. A frame's place is what it says itself (Plane Position); of the slices
 * that it was derived from, the one at that place is meant. A frame without a place lies on the one slice it names.
 */
import { accept, refuse, type Result, type Warning } from '../../../contract'
import { cropToBox } from '../../contour/box-mask'
import { leftOverWarnings } from '../../dicom/pixels/decode-frame'
import { sameOrientation } from '../../geometry/orientation'
import { subtract } from '../../geometry/vector'
import type { ExchangeReading, ExchangeSlice, ExchangeStructure } from '../exchange-reading'
import type { PlacedReading } from '../placed-readings'
import { belowOneHalf, markedByShares } from '../shares'
import {
  halfStepMm,
  type ImageTarget,
  nearestSlice,
  POSITION_TOLERANCE_MM,
  requireFrameOfReference,
  requireSize,
  requireSeries,
  type SeriesTarget,
  sliceByReference,
  numberOfSlice,
} from '../image-target'
import type { Segment, SegmentationObject, SegmentFrame } from './read-segmentation'

/** Bytes of all boxes of one object; far above any reading, and a hostile file of full frames stops here. */
const MAX_BOX_PIXELS = 512 * 1024 * 1024
const SPACING_TOLERANCE_FRACTION = 1e-3

const cornerToleranceMm = ({ spacingMm }: SeriesTarget): number =>
  Math.max(POSITION_TOLERANCE_MM, Math.min(spacingMm?.row ?? 1, spacingMm?.column ?? 1) / 10)

/** Refuses a frame that lies turned, mirrored, shifted or scaled against the series: pixels would land elsewhere. */
function requireSameGrid(target: SeriesTarget, frame: SegmentFrame, sliceIndex: number): Result<null> {
  const { orientation, spacingMm } = frame
  const next = 'Export it on the grid of the series.'
  if (orientation !== null && target.orientation !== null) {
    if (!sameOrientation(orientation, target.orientation)) {
      return refuse('annotation-mismatch', 'The segmentation is turned or mirrored against the series.', {
        next,
      })
    }
  }
  if (spacingMm !== null && target.spacingMm !== null) {
    const { row, column } = target.spacingMm
    const differs = (a: number, b: number): boolean => Math.abs(a - b) > SPACING_TOLERANCE_FRACTION * b
    if (differs(spacingMm.row, row) || differs(spacingMm.column, column)) {
      return refuse('annotation-mismatch', 'The segmentation has another pixel spacing than the series.', {
        next,
      })
    }
  }
  const off = offMm(target, frame, sliceIndex)
  if (off === null || off <= cornerToleranceMm(target)) return accept(null)
  return refuse(
    'annotation-mismatch',
    `A frame lies ${off.toFixed(2)} mm off slice ${numberOfSlice(target, sliceIndex)} of the series.`,
    { next },
  )
}

interface Places {
  /** Slice of each frame. */
  readonly slices: readonly number[]
  readonly byPosition: number
}

/** How far a frame's corner lies off a slice's; null where one of the two has no place. */
function offMm(target: SeriesTarget, { positionMm }: SegmentFrame, sliceIndex: number): number | null {
  const slice = target.slices[sliceIndex]?.positionMm ?? null
  return positionMm === null || slice === null ? null : Math.hypot(...subtract(positionMm, slice))
}

type Placed = { readonly index: number; readonly byPosition: boolean } | null

/** The named source at the frame's place, else the slice at its place, else the only one that is named. */
function placeFrame(target: SeriesTarget, frame: SegmentFrame, named: readonly number[]): Placed {
  const fitting = named.find(
    (index) => (offMm(target, frame, index) ?? Infinity) <= cornerToleranceMm(target),
  )
  if (fitting !== undefined) return { index: fitting, byPosition: false }
  const near = frame.positionMm === null ? null : nearestSlice(target, frame.positionMm)
  if (near !== null && near.distanceMm < halfStepMm(target)) return { index: near.index, byPosition: true }
  const [only, ...others] = named
  return only === undefined || others.length > 0 ? null : { index: only, byPosition: false }
}

/** Says which series a frame was drawn on, where it is not this one. */
function drawnElsewhere(target: SeriesTarget, object: SegmentationObject, at: number): Result<never> {
  const [series] = object.referencedSeriesUids
  const named = series === undefined || series === target.seriesUid ? '' : ` It was made on series ${series}.`
  const uid = object.frames[at]?.sources[0]?.sopInstanceUid ?? ''
  return refuse(
    'annotation-mismatch',
    `Frame ${at + 1} of the segmentation was drawn on slice ${uid}, which the series does not have.${named}`,
    { next: 'Open the series that it was drawn on, with all its slices.' },
  )
}

function placeFrames(target: SeriesTarget, object: SegmentationObject): Result<Places> {
  const bySource = sliceByReference(target)
  // A file that names no series, but lies in the same space, is told by its places.
  const isOfSpace =
    object.referencedSeriesUids.length === 0 &&
    object.frameOfReferenceUid !== '' &&
    object.frameOfReferenceUid === target.frameOfReferenceUid
  const isOfSeries = isOfSpace || object.referencedSeriesUids.includes(target.seriesUid)
  const slices: number[] = []
  let byPosition = 0
  for (const [at, frame] of object.frames.entries()) {
    const found = frame.sources.map(({ sopInstanceUid, frame: of }) => bySource(sopInstanceUid, of))
    const named = [...new Set(found.filter((index) => index !== null))]
    if (named.length === 0 && frame.sources.length > 0 && !isOfSeries)
      return drawnElsewhere(target, object, at)
    const placed = placeFrame(target, frame, named)
    if (placed === null && named.length === 0 && frame.sources.length > 0)
      return drawnElsewhere(target, object, at)
    if (placed === null) {
      const what =
        named.length > 1 ? 'names several slices of the series and' : 'names no slice of the series and'
      return refuse('annotation-mismatch', `Frame ${at + 1} of the segmentation ${what} lies on none.`, {
        next: 'Open the series that it was drawn on.',
      })
    }
    if (placed.byPosition) byPosition += 1
    const same = requireSameGrid(target, frame, placed.index)
    if (!same.ok) return same
    slices.push(placed.index)
  }
  return accept({ slices, byPosition })
}

/** The box of all values above zero; the mask in it and, for shares, the shares. Null where no pixel is marked. */
function boxOf(
  values: ArrayLike<number>,
  object: SegmentationObject,
  isSet: (value: number) => boolean,
): Pick<ExchangeSlice, 'mask' | 'fraction'> | null {
  const pixels = new Uint8Array(object.rows * object.columns)
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = isSet(values[at] ?? 0) ? 1 : 0
  const whole = { widthPx: object.columns, heightPx: object.rows, pixels }
  const box = cropToBox({ originColumn: 0, originRow: 0, mask: whole })
  if (box.mask.pixels.length === 0) return null
  const { kind, fullValue } = object
  if (kind !== 'probability' && kind !== 'occupancy') return { mask: box, fraction: null }
  const { widthPx } = box.mask
  const shares = Float32Array.from(box.mask.pixels, (_pixel, at) => {
    const row = box.originRow + Math.floor(at / widthPx)
    return Math.min(1, (values[row * object.columns + box.originColumn + (at % widthPx)] ?? 0) / fullValue)
  })
  return markedByShares(box, shares, kind)
}

function largestOf(values: ArrayLike<number>): number {
  let largest = 0
  for (let at = 0; at < values.length; at += 1) largest = Math.max(largest, values[at] ?? 0)
  return largest
}

type Drawn = Map<number, Map<number, ExchangeSlice>>

/** Segment numbers that occur in a frame of a label map; those that no segment describes are noted. */
function labelsIn(
  values: ArrayLike<number>,
  object: SegmentationObject,
  drawn: Drawn,
  undescribed: Set<number>,
): readonly number[] {
  const seen = new Set<number>()
  let last: number | null = null
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0
    if (value !== last) seen.add(value)
    last = value
  }
  seen.delete(0)
  if (object.paddingValue !== null) seen.delete(object.paddingValue)
  for (const label of seen) if (!drawn.has(label)) undescribed.add(label)
  return [...seen].filter((label) => drawn.has(label))
}

interface Collected {
  readonly undescribed: ReadonlySet<number>
  /** Largest share of the frames in which none reaches one half, by segment. */
  readonly faint: ReadonlyMap<number, number>
  /** Of frames with more pixels than their header asks for, the first. */
  readonly warnings: readonly Warning[]
}

function collect(object: SegmentationObject, places: Places, drawn: Drawn): Result<Collected> {
  let boxPixels = 0
  let warnings: readonly Warning[] = []
  const undescribed = new Set<number>()
  const faint = new Map<number, number>()
  for (const [at, frame] of object.frames.entries()) {
    const decoded = object.decode(at)
    if (!decoded.ok) return decoded
    const { values } = decoded.value
    if (warnings.length === 0) warnings = leftOverWarnings(decoded.value)
    const sliceIndex = places.slices[at] ?? 0
    const labels =
      object.kind === 'labelmap' ? labelsIn(values, object, drawn, undescribed) : [frame.segment ?? 0]
    for (const label of labels) {
      const isSet =
        object.kind === 'labelmap' ? (value: number) => value === label : (value: number) => value > 0
      const box = boxOf(values, object, isSet)
      if (box === null) {
        const largest = largestOf(values) / object.fullValue
        if (object.kind !== 'labelmap' && largest > 0)
          faint.set(label, Math.max(largest, faint.get(label) ?? 0))
        continue
      }
      boxPixels += box.mask.mask.pixels.length
      if (boxPixels > MAX_BOX_PIXELS) {
        return refuse('limit-reached', 'The segmentation marks more pixels than a reading can have.')
      }
      const slices = drawn.get(label)
      if (slices?.has(sliceIndex) === true) {
        return refuse(
          'annotation-damaged',
          `Segment ${label} has two frames on one slice, frame ${at + 1} is the second: which one is meant cannot be told.`,
        )
      }
      slices?.set(sliceIndex, { sliceIndex, ...box })
    }
  }
  return accept({ undescribed, faint, warnings })
}

/** A label map describes what pixels of 0 are: that is no structure. */
const isBackground = (object: SegmentationObject, { number }: Segment): boolean =>
  object.kind === 'labelmap' && number === 0

function structureOf(segment: Segment, slices: ReadonlyMap<number, ExchangeSlice>): ExchangeStructure {
  const told: Readonly<Record<string, string>> = {
    description: segment.description,
    algorithmType: segment.algorithmType,
    algorithmName: segment.algorithmName,
    trackingId: segment.trackingId,
    trackingUid: segment.trackingUid,
  }
  return {
    ordinal: segment.number,
    label: segment.label,
    category: segment.category,
    type: segment.type,
    colour: segment.colour,
    facts: Object.fromEntries(Object.entries(told).filter(([, value]) => value !== '')),
    slices: [...slices.values()].sort((a, b) => a.sliceIndex - b.sliceIndex),
  }
}

/** Segments that hold shares, and none that marks a pixel: what they say is not that there is nothing. */
const faintSegments = (
  segments: readonly Segment[],
  drawn: Drawn,
  { faint }: Collected,
): readonly Segment[] => segments.filter(({ number }) => faint.has(number) && drawn.get(number)?.size === 0)

/** Refuses an object that holds values, none of which marks a pixel of a segment. */
function requireMarked(faint: readonly Segment[], drawn: Drawn, collected: Collected): Result<null> {
  const { undescribed } = collected
  if ([...drawn.values()].some(({ size }) => size > 0)) return accept(null)
  if (faint.length > 0) {
    const named = faint.map(({ number, label }) => label || `segment ${number}`).join('”, “')
    const largest = Math.max(...collected.faint.values())
    return refuse(
      'annotation-unsupported',
      `The segmentation holds shares of “${named}”: ${belowOneHalf(largest)}, so that they mark no pixel.`,
      { next: 'Bring it in as a binary segmentation.' },
    )
  }
  if (undescribed.size === 0) return accept(null)
  const reason = `All pixels of the segmentation (${[...undescribed].join(', ')}) belong to no segment that is described.`
  return refuse('annotation-damaged', reason)
}

function warningsOf(
  object: SegmentationObject,
  places: Places,
  { undescribed, faint: shares, warnings: ofFrames }: Collected,
  faint: readonly Segment[],
): readonly Warning[] {
  const warnings = [...object.warnings, ...ofFrames]
  for (const { number, label } of faint) {
    const text = `“${label || `Segment ${number}`}” was left out: of its shares ${belowOneHalf(shares.get(number) ?? 0)}.`
    warnings.push({ code: 'segment-left-out', text })
  }
  if (undescribed.size > 0) {
    const text = `Pixels of ${[...undescribed].join(', ')} belong to no segment that is described and were left out.`
    warnings.push({ code: 'labels-undescribed', text })
  }
  if (places.byPosition > 0) {
    const text = `${places.byPosition} frames name no source image at their place; they were placed by their positions.`
    warnings.push({ code: 'placed-by-position', text })
  }
  if (object.kind === 'probability' || object.kind === 'occupancy') {
    const text = `The segmentation holds shares (${object.kind}); pixels of one half or more are shown as its mask.`
    warnings.push({ code: 'fractional', text })
  }
  return warnings
}

/**
 * A segmentation as a reading on a series: one structure a segment, also of a segment without pixels. Refused by
 * name: another matrix, frame of reference, orientation, spacing or place; slices that the series does not have;
 * two frames of one segment on one slice; tiles of a slide; values of which none marks a pixel. A segment of shares
 * below one half is left out with a warning.
 */
export function placeSegmentation(object: SegmentationObject, image: ImageTarget): Result<PlacedReading> {
  const series = requireSeries(image, 'The segmentation')
  if (!series.ok) return series
  const target = series.value
  if (object.tiled) {
    return refuse('annotation-unsupported', 'The segmentation is one of a slide in tiles, not of a series.')
  }
  const frameOfReference = requireFrameOfReference(target, object.frameOfReferenceUid, 'The segmentation')
  if (!frameOfReference.ok) return frameOfReference
  const size = requireSize(target, object.columns, object.rows, 'The segmentation')
  if (!size.ok) return size
  if (object.kind !== 'labelmap' && object.frames.some(({ segment }) => segment === null)) {
    return refuse('annotation-damaged', 'A frame does not say which segment it belongs to.')
  }
  const places = placeFrames(target, object)
  if (!places.ok) return places
  const segments = object.segments.filter((segment) => !isBackground(object, segment))
  const drawn: Drawn = new Map(segments.map(({ number }) => [number, new Map<number, ExchangeSlice>()]))
  const collected = collect(object, places.value, drawn)
  if (!collected.ok) return collected
  const faint = faintSegments(segments, drawn, collected.value)
  const marked = requireMarked(faint, drawn, collected.value)
  if (!marked.ok) return marked
  const facts = Object.entries({
    contentLabel: object.contentLabel,
    contentDescription: object.contentDescription,
    sopInstanceUid: object.sopInstanceUid,
  }).filter(([, value]) => value !== '')
  const reading: ExchangeReading = {
    reader: object.creator,
    facts: Object.fromEntries(facts),
    structures: segments
      .filter((segment) => !faint.includes(segment))
      .map((segment) => structureOf(segment, drawn.get(segment.number) ?? new Map())),
  }
  return accept({ reading, warnings: warningsOf(object, places.value, collected.value, faint) })
}
