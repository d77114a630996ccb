import { binaryEntropyBits } from './latent-information'

/**
 * How many samples include each pixel. Everything a map shows (mean, variance, entropy) follows exactly from these
 * whole numbers, so samples may come in any order and in any chunks.
 */
export interface Moments {
  readonly sampleCount: number
  /** Samples that include the pixel, [row][column]; at most 65,535 samples. */
  readonly counts: Uint16Array
}

/** Nothing counted yet. */
export const noMoments = (pixelCount: number): Moments => ({
  sampleCount: 0,
  counts: new Uint16Array(pixelCount),
})

/** Counts of these masks (pixels 0 or 1, one grid) added to those before; neither is changed. */
export function addSamples(before: Moments, masks: readonly Uint8Array[]): Moments {
  const counts = before.counts.slice()
  for (const mask of masks) {
    for (let at = 0; at < counts.length; at += 1) counts[at] = (counts[at] ?? 0) + (mask[at] ?? 0)
  }
  return { sampleCount: before.sampleCount + masks.length, counts }
}

/** What the samples say of one pixel. */
export interface PixelSpread {
  /** p: share of samples that include the pixel, 0..1. */
  readonly share: number
  /** p (1 - p), 0..0.25. */
  readonly variance: number
  /** -p log2 p - (1 - p) log2 (1 - p), 0..1. */
  readonly entropyBits: number
}

/** The spread at a pixel that `count` of the samples include; all 0 without samples. */
export function pixelSpread(count: number, sampleCount: number): PixelSpread {
  const share = sampleCount === 0 ? 0 : count / sampleCount
  return { share, variance: share * (1 - share), entropyBits: binaryEntropyBits(share) }
}

/** Variance of the samples at a pixel that `count` of them include. */
export const varianceOfSamples = (count: number, sampleCount: number): number =>
  pixelSpread(count, sampleCount).variance

/** One value a pixel, [row][column], of a measure of how many samples include it; each count is worked out once. */
export function mapOf(
  moments: Moments,
  measure: (count: number, sampleCount: number) => number,
): Float32Array {
  const byCount = Float32Array.from({ length: moments.sampleCount + 1 }, (_, count) =>
    measure(count, moments.sampleCount),
  )
  const map = new Float32Array(moments.counts.length)
  for (let at = 0; at < map.length; at += 1) map[at] = byCount[moments.counts[at] ?? 0] ?? 0
  return map
}
