import { intersections, type PackedMasks } from './packed-masks'
import type { Steps } from './steps'

/**
 * Generalised energy distance between samples s and readers y with d = 1 - IoU, the V-statistic:
 *
 *   GED = 2 D_sy - D_ss - D_yy,   D = mean of d over all ordered pairs, a mask with itself (d = 0) included
 *
 * Kohl et al. 2018; eq. (12) of arXiv 2006.02683. Never negative. N samples of the readers' own distribution give
 * D_yy / N on average, not 0. Two empty masks: d = 0; one empty: d = 1; exact counts, no epsilon.
 */
export interface EnergyDistance {
  readonly ged: number
  /** D_sy */
  readonly sampleReader: number
  /** D_ss */
  readonly sampleSample: number
  /** D_yy */
  readonly readerReader: number
}

/** Distances of all pairs, by [first * count of second + second]. */
export interface PairDistances {
  readonly sampleCount: number
  readonly readerCount: number
  readonly sampleReader: Float64Array
  readonly sampleSample: Float64Array
  readonly readerReader: Float64Array
}

/** Distance 1 - IoU of two masks of a and b pixels that share some. */
export function iouDistance(shared: number, a: number, b: number): number {
  const union = a + b - shared
  return union === 0 ? 0 : 1 - shared / union
}

/** Distances between all samples and readers, packed over the same pixels. */
export function* pairDistances(samples: PackedMasks, readers: PackedMasks): Steps<PairDistances> {
  return {
    sampleCount: samples.count,
    readerCount: readers.count,
    sampleReader: yield* distances(samples, readers),
    sampleSample: yield* distances(samples, samples),
    readerReader: yield* distances(readers, readers),
  }
}

/** Distances of all pairs among samples, [first * count + second]. */
export const distancesWithin = (samples: PackedMasks): Steps<Float64Array> => distances(samples, samples)

function* distances(a: PackedMasks, b: PackedMasks): Steps<Float64Array> {
  const shared = yield* intersections(a, b)
  return Float64Array.from(shared, (pixels, at) =>
    iouDistance(pixels, a.pixelCounts[Math.floor(at / b.count)] ?? 0, b.pixelCounts[at % b.count] ?? 0),
  )
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** The energy distance of at least one sample and one reader. */
export function energyDistance(pairs: PairDistances): EnergyDistance {
  const sampleReader = mean(pairs.sampleReader)
  const sampleSample = mean(pairs.sampleSample)
  const readerReader = mean(pairs.readerReader)
  // What is not zero only because sums were rounded must not print as a negative distance.
  const ged = Math.max(0, 2 * sampleReader - sampleSample - readerReader)
  return { ged, sampleReader, sampleSample, readerReader }
}
