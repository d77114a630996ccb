/**
 * Which sample is most typical: relaxed inclusion depth (epsilon inclusion depth, Chaves-de-Plaza et al. 2024,
 * "Inclusion Depth for Contour Ensembles"). With A in B to the degree |A and B| / |A|,
 *
 *   within_i  = mean over j of |S_i and S_j| / |S_i|      how far the others hold sample i
 *   around_i  = mean over j of |S_i and S_j| / |S_j|      how far sample i holds the others
 *   depth_i   = min(within_i, around_i)
 *
 * Both means are sums over the pixels of S_i of one map made once: of how many samples include the pixel, and of the
 * sum of 1 / |S_j| of those. A mask is a list of runs of pixels; a run adds to a map by its two ends, and sums over a
 * run are differences of running sums. So one pass finds the runs, and no pair of samples is ever compared.
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
  const all = masks.map(runsOf)
  const pixelCounts = Uint32Array.from(all, sizeOf)
  const included = new Float64Array(pixelCount + 1)
  const weighted = new Float64Array(pixelCount + 1)
  all.forEach((runs, index) => {
    addAtEnds(included, runs, 1)
    addAtEnds(weighted, runs, 1 / (pixelCounts[index] ?? 1))
  })
  sumUpTo(included)
  sumUpTo(weighted)
  const drawn = pixelCounts.reduce((count, size) => count + (size > 0 ? 1 : 0), 0)
  const depths = Float64Array.from(all, (runs, index) => {
    const size = pixelCounts[index] ?? 0
    return size === 0 ? 0 : Math.min(sumOver(included, runs) / size, sumOver(weighted, runs)) / drawn
  })
  const order = [...masks.keys()].sort((a, b) => {
    const emptyLast = Number(pixelCounts[a] === 0) - Number(pixelCounts[b] === 0)
    return emptyLast || (depths[b] ?? 0) - (depths[a] ?? 0) || a - b
  })
  return { depths, order, pixelCounts, emptyCount: masks.length - drawn }
}

/** Runs of pixels set: first place and the place behind the last, run after run, rows joined. */
function runsOf(mask: Uint8Array): Uint32Array {
  const ends: number[] = []
  let before = 0
  for (let at = 0; at < mask.length; at += 1) {
    const pixel = mask[at] ?? 0
    if (pixel !== before) ends.push(at)
    before = pixel
  }
  if (before !== 0) ends.push(mask.length)
  return Uint32Array.from(ends)
}

function sizeOf(runs: Uint32Array): number {
  let size = 0
  for (let run = 0; run < runs.length; run += 2) size += (runs[run + 1] ?? 0) - (runs[run] ?? 0)
  return size
}

/** Adds a weight to each pixel of the runs of a map that is kept as differences of neighbours. */
function addAtEnds(differences: Float64Array, runs: Uint32Array, weight: number): void {
  for (let run = 0; run < runs.length; run += 2) {
    const first = runs[run] ?? 0
    const end = runs[run + 1] ?? 0
    differences[first] = (differences[first] ?? 0) + weight
    differences[end] = (differences[end] ?? 0) - weight
  }
}

/** Differences of neighbours to sums of all pixels before each place. */
function sumUpTo(map: Float64Array): void {
  let value = 0
  let sum = 0
  for (let at = 0; at < map.length; at += 1) {
    value += map[at] ?? 0
    map[at] = sum
    sum += value
  }
}

function sumOver(sums: Float64Array, runs: Uint32Array): number {
  let total = 0
  for (let run = 0; run < runs.length; run += 2) {
    total += (sums[runs[run + 1] ?? 0] ?? 0) - (sums[runs[run] ?? 0] ?? 0)
  }
  return total
}
