import type { Figure } from '../../contract'
import { sizesOfMask, type MaskSizes } from '../uncertainty/sizes'
import { drawCases, figureOverCases, type CaseDraws, type Times } from '../measures/case-bootstrap'
import { dice } from '../measures/dice'
import { figureOf, measured, noInterval, notMeasured, type Measured, type Without } from '../measures/figure'
import { iouDistance } from '../measures/ged'
import type { Steps } from '../measures/steps'
import {
  averageSurfaceDistance,
  hausdorff,
  hausdorff95,
  surfaceDistances,
  surfaceOf,
  type Surface,
  type SurfaceDistances,
} from '../measures/surface-distance'
import type { VoxelBlock, VoxelSize } from '../measures/voxel-block'

/**
 * One reading of a structure against another: two raters, two attempts of one rater, or a reading and a consensus.
 * Intervals are over the slices that either marked; n is their number. Differences are signed, other less own.
 */
export interface PairComparison {
  readonly dice: Figure
  readonly iou: Figure
  readonly hausdorff: Figure
  readonly hausdorff95: Figure
  readonly surfaceDistance: Figure
  /** In mm3. */
  readonly volumeDifference: Figure
  /** In percent of the mean of both volumes, so that neither is the truth: -200 to 200. */
  readonly volumeDifferencePercent: Figure
  /** These three on the slice where own is largest; where own is empty, on the other's. No interval: one slice. */
  readonly areaDifference: Figure
  readonly longestDiameterDifference: Figure
  readonly equivalentDiameterDifference: Figure
}

/** Reading `own` of a block against each of `others`, in their order. A few steps a pair. */
export function* compareWith(
  block: VoxelBlock,
  own: number,
  others: readonly number[],
  size: VoxelSize,
): Steps<PairComparison[]> {
  const measurable = block.sliceCount === 1 || size.betweenSlices !== null
  const surface = function* (reading: number): Steps<Surface | null> {
    return measurable ? yield* surfaceOf(block.masks[reading] ?? new Uint8Array(0), block, size) : null
  }
  const ownSurface = yield* surface(own)
  const drawn = new Map<number, CaseDraws>()
  const compared: PairComparison[] = []
  for (const other of others) {
    const otherSurface = yield* surface(other)
    const pair = yield* pairOf(block, own, other)
    const draws = drawn.get(pair.slices.length) ?? (yield* drawCases(pair.slices.length, 'slices'))
    drawn.set(pair.slices.length, draws)
    const distances =
      ownSurface === null || otherSurface === null ? null : surfaceDistances(ownSurface, otherSurface, block)
    yield
    compared.push(yield* figuresOf(block, pair, distances, draws, size))
  }
  return compared
}

/** Pixels of both readings by slice, over the slices that either marked. */
interface SlicePair {
  readonly masks: readonly [Uint8Array, Uint8Array]
  /** Slice of the block. */
  readonly slices: readonly number[]
  readonly own: Uint32Array
  readonly other: Uint32Array
  readonly shared: Uint32Array
}

function* pairOf(block: VoxelBlock, own: number, other: number): Steps<SlicePair> {
  const none = new Uint8Array(0)
  const masks = [block.masks[own] ?? none, block.masks[other] ?? none] as const
  const slicePixels = block.widthPx * block.heightPx
  const counts: { slice: number; first: number; second: number; shared: number }[] = []
  for (let slice = 0; slice < block.sliceCount; slice += 1) {
    let [first, second, shared] = [0, 0, 0]
    for (let at = slice * slicePixels; at < (slice + 1) * slicePixels; at += 1) {
      const a = masks[0][at] ?? 0
      const b = masks[1][at] ?? 0
      first += a
      second += b
      shared += a & b
    }
    if (first + second > 0) counts.push({ slice, first, second, shared })
    yield
  }
  return {
    masks,
    slices: counts.map(({ slice }) => slice),
    own: Uint32Array.from(counts, ({ first }) => first),
    other: Uint32Array.from(counts, ({ second }) => second),
    shared: Uint32Array.from(counts, ({ shared }) => shared),
  }
}

function sum(counts: Uint32Array, times: Times): number {
  let total = 0
  for (let index = 0; index < counts.length; index += 1) total += (counts[index] ?? 0) * (times[index] ?? 0)
  return total
}

function* figuresOf(
  block: VoxelBlock,
  pair: SlicePair,
  distances: SurfaceDistances | null,
  draws: CaseDraws,
  size: VoxelSize,
): Steps<PairComparison> {
  const n = pair.slices.length
  const overlap = (of: (shared: number, own: number, other: number) => number) => (times: Times) =>
    measured(of(sum(pair.shared, times), sum(pair.own, times), sum(pair.other, times)), n)
  return {
    dice: yield* figureOverCases(draws, 'share', overlap(dice)),
    iou: yield* figureOverCases(
      draws,
      'share',
      overlap((...counts) => 1 - iouDistance(...counts)),
    ),
    ...(yield* distanceFigures(block, pair, distances, draws, size.unit)),
    ...(yield* volumeFigures(pair, draws, size)),
    ...sizeFigures(block, pair, size),
  }
}

/** Why two readings have no surface distance; null where they have one. */
function whyNoDistance(pair: SlicePair, distances: SurfaceDistances | null): Without | null {
  const [ownEmpty, otherEmpty] = [isEmpty(pair.own), isEmpty(pair.other)]
  if (ownEmpty || otherEmpty)
    return ownEmpty && otherEmpty ? 'both readings are empty' : 'one reading is empty'
  return distances === null ? 'the distance between slices is not known' : null
}

function* distanceFigures(
  block: VoxelBlock,
  pair: SlicePair,
  distances: SurfaceDistances | null,
  draws: CaseDraws,
  unit: VoxelSize['unit'],
): Steps<Pick<PairComparison, 'hausdorff' | 'hausdorff95' | 'surfaceDistance'>> {
  const why = whyNoDistance(pair, distances)
  if (why !== null || distances === null) {
    const none = missing(why ?? 'both readings are empty', unit, pair.slices.length)
    return { hausdorff: none, hausdorff95: none, surfaceDistance: none }
  }
  const inBlock = new Uint16Array(block.sliceCount)
  const over =
    (measure: (pair: SurfaceDistances, times: Times) => Measured) =>
    (times: Times): Measured => {
      for (let index = 0; index < pair.slices.length; index += 1) {
        inBlock[pair.slices[index] ?? 0] = times[index] ?? 0
      }
      return { ...measure(distances, inBlock), n: pair.slices.length }
    }
  return {
    hausdorff: yield* figureOverCases(draws, unit, over(hausdorff)),
    hausdorff95: yield* figureOverCases(draws, unit, over(hausdorff95)),
    surfaceDistance: yield* figureOverCases(draws, unit, over(averageSurfaceDistance)),
  }
}

function* volumeFigures(
  pair: SlicePair,
  draws: CaseDraws,
  size: VoxelSize,
): Steps<Pick<PairComparison, 'volumeDifference' | 'volumeDifferencePercent'>> {
  const n = pair.slices.length
  const voxelMm3 =
    size.betweenSlices === null ? 0 : size.betweenColumns * size.betweenRows * size.betweenSlices
  const difference = (times: Times): number => sum(pair.other, times) - sum(pair.own, times)
  const without =
    size.unit === 'px'
      ? 'the pixel spacing is not known'
      : size.betweenSlices === null
        ? 'the distance between slices is not known'
        : null
  return {
    volumeDifference:
      without === null
        ? yield* figureOverCases(draws, 'mm3', (times) => measured(difference(times) * voxelMm3, n))
        : missing(without, 'mm3', n),
    volumeDifferencePercent: yield* figureOverCases(draws, 'percent', (times) => {
      const both = sum(pair.other, times) + sum(pair.own, times)
      return both === 0
        ? notMeasured('both readings are empty', n)
        : measured((200 * difference(times)) / both, n)
    }),
  }
}

function sizeFigures(
  { widthPx, heightPx }: VoxelBlock,
  pair: SlicePair,
  size: VoxelSize,
): Pick<PairComparison, 'areaDifference' | 'longestDiameterDifference' | 'equivalentDiameterDifference'> {
  const reference = pair.own.some((count) => count > 0) ? pair.own : pair.other
  const largest = reference.reduce((best, count, at) => (count > (reference[best] ?? 0) ? at : best), 0)
  const start = (pair.slices[largest] ?? 0) * widthPx * heightPx
  const sizes = (which: 0 | 1, counts: Uint32Array): MaskSizes | null => {
    const pixels = pair.masks[which].subarray(start, start + widthPx * heightPx)
    return sizesOfMask({ widthPx, heightPx, pixels }, counts[largest] ?? 0, size)
  }
  const [own, other] = [sizes(0, pair.own), sizes(1, pair.other)]
  const difference = (of: (sizes: MaskSizes) => number, unit: Figure['unit']): Figure => {
    if (own === null && other === null) return missing('both readings are empty', unit, 0)
    // An area of nothing is 0, but nothing has no diameter.
    const isArea = unit === 'mm2' || unit === 'px2'
    if (!isArea && (own === null || other === null)) return missing(whyNoDiameter(pair), unit, 1)
    const signed = (other === null ? 0 : of(other)) - (own === null ? 0 : of(own))
    return figureOf(measured(signed, 1), noInterval('one pair, no interval'), unit)
  }
  return {
    areaDifference: difference(({ area }) => area, size.unit === 'mm' ? 'mm2' : 'px2'),
    longestDiameterDifference: difference(({ longestDiameter }) => longestDiameter, size.unit),
    equivalentDiameterDifference: difference(({ equivalentDiameter }) => equivalentDiameter, size.unit),
  }
}

const isEmpty = (counts: Uint32Array): boolean => counts.every((count) => count === 0)

/** Both have pixels somewhere, but sizes are compared on one slice. */
const whyNoDiameter = ({ own, other }: SlicePair): Without =>
  isEmpty(own) || isEmpty(other)
    ? 'one reading is empty'
    : 'one reading marks nothing on the slice where the other is largest'

const missing = (without: Without, unit: Figure['unit'], n: number): Figure =>
  figureOf(notMeasured(without, n), noInterval(without), unit)
