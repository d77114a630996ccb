/**
 * Which sample is most typical: relaxed inclusion depth (epsilon inclusion depth, Chaves-de-Plaza et al. 2024,
 * "Inclusion Depth for Contour Ensembles"). With A in B to the degree |A and B| / |A|,
 *
 *   within_i  = mean over j of |S_i and S_j| / |S_i|      how far the others hold sample i
 *   around_i  = mean over j of |S_i and S_j| / |S_j|      how far sample i holds the others
 *   depth_i   = min(within_i, around_i)
 *
 * Both means are sums over the pixels of S_i of one map made once: of how many samples include the pixel, and of the
 * sum of 1 / |S_j| of those. That is two passes over the pixels of the samples instead of all pairs.
 */
export interface SampleDepths {
  /** Depth of each sample in sample order, 0..1; 0 for an empty one. */
  readonly depths: Float64Array
  /** Sample indices, deepest first; of equal depth the lower index first; empty samples last. */
  readonly order: readonly number[]
  /** Pixels of each sample. */
  readonly pixelCounts: Uint32Array
  readonly emptyCount: number
}

/** Depths of masks on one grid (pixels 0 or 1). Means are over the samples that are not empty, the sample itself included. */
export function sampleDepths(masks: readonly Uint8Array[]): SampleDepths {
  const pixelCount = masks[0]?.length ?? 0
  const pixelCounts = new Uint32Array(masks.length)
  const included = new Float64Array(pixelCount)
  const weighted = new Float64Array(pixelCount)
  masks.forEach((mask, index) => {
    let size = 0
    for (let at = 0; at < pixelCount; at += 1) size += mask[at] ?? 0
    pixelCounts[index] = size
    if (size > 0) addWeight(mask, 1 / size, included, weighted)
  })
  const drawn = pixelCounts.reduce((count, size) => count + (size > 0 ? 1 : 0), 0)
  const depths = new Float64Array(masks.length)
  masks.forEach((mask, index) => {
    const size = pixelCounts[index] ?? 0
    if (size > 0) depths[index] = depthOf(mask, size, included, weighted) / drawn
  })
  const order = [...masks.keys()].sort((a, b) => {
    const emptyLast = Number(pixelCounts[a] === 0) - Number(pixelCounts[b] === 0)
    return emptyLast || (depths[b] ?? 0) - (depths[a] ?? 0) || a - b
  })
  return { depths, order, pixelCounts, emptyCount: masks.length - drawn }
}

function addWeight(mask: Uint8Array, weight: number, included: Float64Array, weighted: Float64Array): void {
  for (let at = 0; at < mask.length; at += 1) {
    if (mask[at] === 0) continue
    included[at] = (included[at] ?? 0) + 1
    weighted[at] = (weighted[at] ?? 0) + weight
  }
}

function depthOf(mask: Uint8Array, size: number, included: Float64Array, weighted: Float64Array): number {
  let within = 0
  let around = 0
  for (let at = 0; at < mask.length; at += 1) {
    if (mask[at] === 0) continue
    within += included[at] ?? 0
    around += weighted[at] ?? 0
  }
  return Math.min(within / size, around)
}
