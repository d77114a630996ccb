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

/** Share of samples that include a pixel, 0..1; 0 without samples. */
export const shareOfSamples = (count: number, sampleCount: number): number =>
  sampleCount === 0 ? 0 : count / sampleCount

/** Variance of the samples at a pixel: p (1 - p), 0..0.25. */
export function varianceOfSamples(count: number, sampleCount: number): number {
  const share = shareOfSamples(count, sampleCount)
  return share * (1 - share)
}

/** Entropy of the samples at a pixel in bits, 0..1: -p log2 p - (1 - p) log2 (1 - p). */
export function entropyBits(count: number, sampleCount: number): number {
  const share = shareOfSamples(count, sampleCount)
  return share <= 0 || share >= 1 ? 0 : -share * Math.log2(share) - (1 - share) * Math.log2(1 - share)
}

/** One value a pixel, [row][column], by one of the three measures above; each count is worked out once. */
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
