import { measured, notMeasured, type Measured } from './figure'
import { squaredDistances } from './distance-transform'
import type { Extent, VoxelSize } from './voxel-block'

/**
 * Distances between the surfaces of two masks, as in Metrics Reloaded (Maier-Hein et al. 2024) and MONAI
 * (`compute_hausdorff_distance`, `compute_average_surface_distance` with `symmetric`):
 *
 *   surface          the mask's voxels that have a voxel outside the mask among their 4 neighbours (one slice) or 6
 *                    (several slices); what lies beyond the block is outside
 *   Hausdorff        the largest distance from a surface voxel's centre to the nearest one of the other surface, the
 *                    larger of both directions
 *   95 % Hausdorff   the 95th percentile (linear, type 7) of these distances, the larger of both directions
 *   average (ASSD)   the mean over the surface voxels of both, pooled
 *
 * Other programs pool before the percentile (MedPy), or weight by surface area (surface-distance): figures differ.
 */
export interface Surface {
  /** Index of each surface voxel, ascending. */
  readonly voxels: Uint32Array
  /** Squared distance of every voxel to the surface; Infinity where there is no surface. */
  readonly squared: Float64Array
}

/** The surface of a mask. Throws for several slices without the distance between them: see `whyNoDistance`. */
export function surfaceOf(mask: Uint8Array, extent: Extent, size: VoxelSize): Surface {
  const edge = surfaceVoxels(mask, extent)
  const sites = new Uint8Array(mask.length)
  for (const at of edge) sites[at] = 1
  return { voxels: edge, squared: squaredDistances(sites, extent, size) }
}

function surfaceVoxels(mask: Uint8Array, { widthPx, heightPx, sliceCount }: Extent): Uint32Array {
  const slicePixels = widthPx * heightPx
  const edge: number[] = []
  for (let at = mask.indexOf(1); at >= 0; at = mask.indexOf(1, at + 1)) {
    const column = at % widthPx
    const row = Math.floor(at / widthPx) % heightPx
    const inside =
      column > 0 &&
      column < widthPx - 1 &&
      row > 0 &&
      row < heightPx - 1 &&
      mask[at - 1] === 1 &&
      mask[at + 1] === 1 &&
      mask[at - widthPx] === 1 &&
      mask[at + widthPx] === 1 &&
      (sliceCount === 1 || (mask[at - slicePixels] === 1 && mask[at + slicePixels] === 1))
    if (!inside) edge.push(at)
  }
  return Uint32Array.from(edge)
}

/** Distances from each surface voxel of one mask to the other's surface, ascending, with the slice of each. */
export interface DirectedDistances {
  readonly distances: Float64Array
  readonly slices: Uint32Array
}

/** Both directions of two surfaces that are not empty. */
export interface SurfaceDistances {
  readonly there: DirectedDistances
  readonly back: DirectedDistances
}

/** Distances of two surfaces of one block, neither empty. */
export const surfaceDistances = (a: Surface, b: Surface, extent: Extent): SurfaceDistances => ({
  there: directed(a, b, extent),
  back: directed(b, a, extent),
})

function directed(from: Surface, to: Surface, { widthPx, heightPx }: Extent): DirectedDistances {
  const order = from.voxels.slice().sort((a, b) => (to.squared[a] ?? 0) - (to.squared[b] ?? 0))
  return {
    distances: Float64Array.from(order, (at) => Math.sqrt(to.squared[at] ?? 0)),
    slices: order.map((at) => Math.floor(at / (widthPx * heightPx))),
  }
}

/** The largest distance; `times`: how often each slice counts. */
export const hausdorff = (pair: SurfaceDistances, times?: ArrayLike<number>): Measured =>
  largerOfBoth(pair, 1, times)

/** The 95th percentile of the distances, the larger of both directions. */
export const hausdorff95 = (pair: SurfaceDistances, times?: ArrayLike<number>): Measured =>
  largerOfBoth(pair, 0.95, times)

function largerOfBoth({ there, back }: SurfaceDistances, share: number, times?: ArrayLike<number>): Measured {
  const [first, second] = [quantileOf(there, share, times), quantileOf(back, share, times)]
  // A resample of slices may hold the surface of one reading only.
  if (first === null || second === null) return notMeasured('one reading is empty')
  return measured(Math.max(first, second), there.distances.length + back.distances.length)
}

/** Mean over the voxels of both surfaces (ASSD). */
export function averageSurfaceDistance(
  { there, back }: SurfaceDistances,
  times?: ArrayLike<number>,
): Measured {
  // Each direction is summed by itself, so that exchanging the readings gives the same bits.
  const [first, second] = [sumOf(there, times), sumOf(back, times)]
  const count = first.count + second.count
  return count === 0
    ? notMeasured('both readings are empty')
    : measured((first.sum + second.sum) / count, count)
}

function sumOf(
  { distances, slices }: DirectedDistances,
  times?: ArrayLike<number>,
): { readonly sum: number; readonly count: number } {
  let [sum, count] = [0, 0]
  for (const [index, distance] of distances.entries()) {
    const weight = times === undefined ? 1 : (times[slices[index] ?? 0] ?? 0)
    sum += weight * distance
    count += weight
  }
  return { sum, count }
}

/** Type 7 quantile of ascending values, each taken as often as its slice counts; null where none is left. */
function quantileOf(
  { distances, slices }: DirectedDistances,
  share: number,
  times?: ArrayLike<number>,
): number | null {
  const weightOf = (index: number): number => (times === undefined ? 1 : (times[slices[index] ?? 0] ?? 0))
  let count = 0
  for (let index = 0; index < distances.length; index += 1) count += weightOf(index)
  if (count === 0) return null
  const place = (count - 1) * share
  const below = Math.floor(place)
  let low = 0
  for (let index = 0, passed = 0; index < distances.length; index += 1) {
    const before = passed
    passed += weightOf(index)
    const distance = distances[index] ?? 0
    if (before <= below && below < passed) low = distance
    if (before <= below + 1 && below + 1 < passed) return low + (distance - low) * (place - below)
  }
  return low
}
