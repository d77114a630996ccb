import type {
  Agreement,
  Grid,
  OutlineMode,
  PixelSpacing,
  ReaderAgainstSamples,
  SliceReport,
  Warning,
} from '../../contract'
import { countPixels, type Mask } from '../image/mask'
import { sampleDepths } from '../uncertainty/contour-depth'
import { insideField } from '../uncertainty/inside-field'
import { LEAST_FOR_INTERVAL, spreadOf } from '../uncertainty/intervals'
import { depthOutliers } from '../uncertainty/outliers'
import { presenceOf, type AskedPlace } from '../uncertainty/presence'
import { modesOf } from '../uncertainty/modes'
import { pixelSizeOf, sizesOfMask, sizesOfSamples, type MaskSizes } from '../uncertainty/sizes'
import { energyDistanceInterval } from './bootstrap'
import { dice } from './dice'
import { distancesWithin, energyDistance, pairDistances } from './ged'
import { intersections, packMasks } from './packed-masks'
import { comparableMasks, type ComparableMasks, type SliceReading } from './readers-on-grid'
import { LEAST_FOR_RELIABILITY, outsideBand90, shareBins } from './reliability'
import { runThrough, type Steps } from './steps'

/** What a run gave on one slice or one photograph. */
export interface SliceSamples {
  /** One a sample, on the grid, in sample order; at least one. */
  readonly masks: readonly Mask[]
  readonly grid: Grid
  readonly pixelSpacingMm: PixelSpacing | null
  /** On the grid; null: everything counts. */
  readonly fieldOfView: Mask | null
  /** Those who read this slice, also those who drew nothing on it; without any there is no agreement. */
  readonly readers: readonly SliceReading[]
  readonly sopInstanceUid: string | null
  readonly sliceIndex: number | null
  /** The place on the image that was clicked; null where a structure, or all there is, was asked for. */
  readonly place?: AskedPlace | null
  readonly warnings: readonly Warning[]
}

/**
 * Sizes, depth and agreement of a run's samples. With a field of view, only what lies inside it counts. Sizes in mm
 * only with spacing, else in pixels of the original image. A reader's own sizes are those of the reader's whole mask.
 */
export const sliceReport = (slice: SliceSamples): SliceReport => runThrough(sliceReportSteps(slice))

/** `sliceReport` in steps: a hundred samples of a photograph take half a second, which nothing else should wait for. */
export function* sliceReportSteps(slice: SliceSamples): Steps<SliceReport> {
  const { grid, pixelSpacingMm, fieldOfView } = slice
  const masks = masksInField(slice)
  yield
  const depths = sampleDepths(masks.map((mask) => mask.pixels))
  yield
  const pixel = pixelSizeOf(grid, pixelSpacingMm)
  const sizes: (MaskSizes | null)[] = []
  for (const [index, mask] of masks.entries()) {
    sizes.push(sizesOfMask(mask, depths.pixelCounts[index] ?? 0, pixel))
    yield
  }
  const fieldPixelCount = fieldOfView === null ? null : countPixels(fieldOfView)
  const compared = yield* comparedWith(masks, slice)
  const outliers = depthOutliers(depths)
  const modes = fieldOfView === null ? yield* outlineModes(masks) : []
  return {
    sopInstanceUid: slice.sopInstanceUid,
    sliceIndex: slice.sliceIndex,
    grid,
    pixelSpacingMm,
    sampleCount: masks.length,
    emptyCount: depths.emptyCount,
    ...presenceOf(masks, depths.pixelCounts, grid, slice.place ?? null),
    sizes: sizesOfSamples(sizes, depths.pixelCounts, pixel, fieldPixelCount),
    agreement: compared.agreement,
    depthOrder: [...depths.order],
    ...(modes.length > 1 ? { modes } : {}),
    ...(outliers.length > 0
      ? { outliers: outliers.map((sampleIndex) => ({ sampleIndex, depth: depths.depths[sampleIndex] ?? 0 })) }
      : {}),
    warnings: [...slice.warnings, ...compared.warnings, ...(fieldOfView === null ? cutByCrop(masks) : [])],
  }
}

/** Kinds of outlines among the samples that draw something. */
function* outlineModes(masks: readonly Mask[]): Steps<OutlineMode[]> {
  const pixels = masks.map((mask) => mask.pixels)
  const packed = yield* packMasks(pixels, pixels[0]?.length ?? 0)
  const drawn = [...masks.keys()].filter((index) => (packed.pixelCounts[index] ?? 0) > 0)
  return modesOf({ count: packed.count, values: yield* distancesWithin(packed) }, drawn)
}

type Compared = Pick<SliceReport, 'agreement' | 'warnings'>

/** The part of a report that is about readers, for those who were brought in after the run. */
export function* agreementSteps(slice: SliceSamples): Steps<Compared> {
  const masks = masksInField(slice)
  yield
  return yield* comparedWith(masks, slice)
}

const masksInField = ({ masks, fieldOfView }: SliceSamples): Mask[] =>
  masks.map((mask) => ({ ...mask, pixels: insideField(mask.pixels, fieldOfView?.pixels ?? null) }))

function* comparedWith(masks: readonly Mask[], slice: SliceSamples): Steps<Compared> {
  const { readers, grid, fieldOfView } = slice
  if (readers.length === 0) return { agreement: null, warnings: [] }
  const comparable = yield* comparableMasks(masks, readers, grid, fieldOfView)
  const fieldPixelCount = fieldOfView === null ? null : countPixels(fieldOfView)
  const agreement = yield* agreementOf(comparable, slice, fieldPixelCount)
  return { agreement, warnings: [...comparable.warnings] }
}

function* agreementOf(
  compared: ComparableMasks,
  slice: SliceSamples,
  fieldPixelCount: number | null,
): Steps<Agreement> {
  const samples = yield* packMasks(compared.samples, compared.pixelCount)
  const readers = yield* packMasks(compared.readers, compared.pixelCount)
  const pairs = yield* pairDistances(samples, readers)
  const interval = samples.count < LEAST_FOR_INTERVAL ? null : yield* energyDistanceInterval(pairs)
  const shared = yield* intersections(samples, readers)
  const hasShares = samples.count >= LEAST_FOR_RELIABILITY
  // Nobody's tree of vessels lies inside a band, pixel by pixel.
  const isWhole = slice.fieldOfView !== null
  const outside = hasShares && !isWhole ? outsideBand90(compared.samples, compared.readers) : null
  yield
  const bins = hasShares ? yield* shareBins(compared.samples, compared.readers) : null
  return {
    ...energyDistance(pairs),
    gedLow95: interval?.low95 ?? null,
    gedHigh95: interval?.high95 ?? null,
    readers: slice.readers.map((reading, reader) => {
      const readerPixels = readers.pixelCounts[reader] ?? 0
      const dices = Array.from(samples.pixelCounts, (samplePixels, sample) =>
        dice(shared[sample * readers.count + reader] ?? 0, samplePixels, readerPixels),
      )
      const outsideBand = outside?.[reader]
      return {
        ...readerAgainst(reading, dices, slice.pixelSpacingMm, shareInField(reading, slice, fieldPixelCount)),
        ...(outsideBand === undefined ? {} : { outsideBand90: outsideBand }),
      }
    }),
    ...(bins === null ? {} : { shareBins: bins }),
  }
}

/**
 * A reader's own share of the field, on the pixels of the image as the reader's area is: brought to a coarser grid, thin
 * vessels come and go. The field is that of the grid, each of its pixels as large as it is on the image. Null without a
 * field.
 */
function shareInField(
  { placed: { originColumn, originRow, mask } }: SliceReading,
  { grid, fieldOfView }: SliceSamples,
  fieldPixelCount: number | null,
): number | null {
  if (fieldOfView === null || fieldPixelCount === null) return null
  let inside = 0
  for (let row = 0; row < mask.heightPx; row += 1) {
    const fieldRow = Math.round((originRow + row - grid.originRow) / grid.rowStep)
    if (fieldRow < 0 || fieldRow >= grid.heightPx) continue
    for (let column = 0; column < mask.widthPx; column += 1) {
      if (mask.pixels[row * mask.widthPx + column] !== 1) continue
      const fieldColumn = Math.round((originColumn + column - grid.originColumn) / grid.columnStep)
      const isOnGrid = fieldColumn >= 0 && fieldColumn < grid.widthPx
      if (isOnGrid && fieldOfView.pixels[fieldRow * grid.widthPx + fieldColumn] === 1) inside += 1
    }
  }
  return inside / (fieldPixelCount * grid.columnStep * grid.rowStep)
}

function readerAgainst(
  { readingId, letter, placed }: SliceReading,
  dices: readonly number[],
  spacingMm: PixelSpacing | null,
  shareOfField: number | null,
): ReaderAgainstSamples {
  const ownPixels = pixelSizeOf({ columnStep: 1, rowStep: 1 }, spacingMm)
  const sizes = sizesOfMask(placed.mask, countPixels(placed.mask), ownPixels)
  const spread = spreadOf(dices)
  if (spread === null) throw new Error('a slice report needs at least one sample')
  const sized =
    sizes === null
      ? {}
      : ownPixels.unit === 'mm'
        ? {
            areaMm2: sizes.area,
            equivalentDiameterMm: sizes.equivalentDiameter,
            longestDiameterMm: sizes.longestDiameter,
          }
        : {
            areaPx: sizes.area,
            equivalentDiameterPx: sizes.equivalentDiameter,
            longestDiameterPx: sizes.longestDiameter,
          }
  return {
    readingId,
    letter,
    empty: sizes === null,
    ...sized,
    ...(sizes === null || shareOfField === null ? {} : { shareOfField }),
    dice: { median: spread.median, low95: spread.low95, high95: spread.high95 },
  }
}

/** Says how many samples reach the border of the crop: what lies beyond was not seen, so their sizes are lower bounds. */
function cutByCrop(masks: readonly Mask[]): Warning[] {
  const cut = masks.filter(({ widthPx, heightPx, pixels }) => {
    const lastRow = (heightPx - 1) * widthPx
    if (pixels.subarray(0, widthPx).includes(1) || pixels.subarray(lastRow).includes(1)) return true
    for (let at = 0; at < pixels.length; at += widthPx) {
      if (pixels[at] === 1 || pixels[at + widthPx - 1] === 1) return true
    }
    return false
  }).length
  const text =
    masks.length === 1
      ? 'The outline reaches the edge of the crop; its size may be larger than given.'
      : `${cut} of ${masks.length} samples reach the edge of the crop; their sizes may be larger than given.`
  return cut === 0 ? [] : [{ code: 'samples-cut-by-crop', text }]
}
