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
  // Only the stretch from a mask's first pixel to its last is looked at: samples fill a small part of their grid.
  const stretches = masks.map((mask) => ({ mask, first: mask.indexOf(1), end: mask.lastIndexOf(1) + 1 }))
  stretches.forEach((stretch, index) => {
    if (stretch.first < 0) return
    const size = sizeOf(stretch)
    pixelCounts[index] = size
    addWeight(stretch, 1 / size, included, weighted)
  })
  const drawn = pixelCounts.reduce((count, size) => count + (size > 0 ? 1 : 0), 0)
  const depths = Float64Array.from(stretches, (stretch, index) => {
    const size = pixelCounts[index] ?? 0
    return size === 0 ? 0 : depthOf(stretch, size, included, weighted) / drawn
  })
  const order = [...masks.keys()].sort((a, b) => {
    const emptyLast = Number(pixelCounts[a] === 0) - Number(pixelCounts[b] === 0)
    return emptyLast || (depths[b] ?? 0) - (depths[a] ?? 0) || a - b
  })
  return { depths, order, pixelCounts, emptyCount: masks.length - drawn }
}

/** A mask and the places of its first pixel and behind its last. */
interface Stretch {
  readonly mask: Uint8Array
  readonly first: number
  readonly end: number
}

function sizeOf({ mask, first, end }: Stretch): number {
  let size = 0
  for (let at = first; at < end; at += 1) size += mask[at] ?? 0
  return size
}

function addWeight(stretch: Stretch, weight: number, included: Float64Array, weighted: Float64Array): void {
  const { mask, first, end } = stretch
  for (let at = first; at < end; at += 1) {
    if (mask[at] === 0) continue
    included[at] = (included[at] ?? 0) + 1
    weighted[at] = (weighted[at] ?? 0) + weight
  }
}

function depthOf(stretch: Stretch, size: number, included: Float64Array, weighted: Float64Array): number {
  const { mask, first, end } = stretch
  let within = 0
  let around = 0
  for (let at = first; at < end; at += 1) {
    if (mask[at] === 0) continue
    within += included[at] ?? 0
    around += weighted[at] ?? 0
  }
  return Math.min(within / size, around)
}
