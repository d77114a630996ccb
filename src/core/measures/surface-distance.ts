import { squaredDistancesInSteps } from '../contour/distance-transform'
import { measured, notMeasured, type Measured } from './figure'
import type { Steps } from './steps'
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

/** The surface of a mask. Throws for several slices without the distance between them. */
export function* surfaceOf(mask: Uint8Array, extent: Extent, size: VoxelSize): Steps<Surface> {
  const voxels = surfaceVoxels(mask, extent)
  yield
  const sites = new Uint8Array(mask.length)
  for (const at of voxels) sites[at] = 1
  const { widthPx, heightPx, sliceCount } = extent
  if (sliceCount > 1 && size.betweenSlices === null)
    throw new Error('distances across slices need the slice distance')
  const squared = yield* squaredDistancesInSteps(
    sites,
    { width: widthPx, height: heightPx, depth: sliceCount },
    { x: size.betweenColumns, y: size.betweenRows, z: size.betweenSlices ?? 0 },
  )
  return { voxels, squared }
}

function surfaceVoxels(mask: Uint8Array, { widthPx, heightPx, sliceCount }: Extent): Uint32Array {
  const slicePixels = widthPx * heightPx
  const deep = sliceCount > 1
  const edge = new Uint32Array(mask.length)
  let count = 0
  for (let start = 0, row = 0; start < mask.length; start += widthPx, row = (row + 1) % heightPx) {
    const rim = row === 0 || row === heightPx - 1
    for (let at = start; at < start + widthPx; at += 1) {
      if (mask[at] !== 1) continue
      const inside =
        !rim &&
        at > start &&
        at < start + widthPx - 1 &&
        mask[at - 1] === 1 &&
        mask[at + 1] === 1 &&
        mask[at - widthPx] === 1 &&
        mask[at + widthPx] === 1 &&
        (!deep || (mask[at - slicePixels] === 1 && mask[at + slicePixels] === 1))
      if (inside) continue
      edge[count] = at
      count += 1
    }
  }
  return edge.slice(0, count)
}

/**
 * Distances from the surface voxels of one mask to the other's surface. On a grid few distances differ, so they are
 * counted by slice: a resample of slices then weighs some hundred counts and not every voxel.
 */
export interface DirectedDistances {
  /** Each distance of each slice, ascending: how many of the slice's surface voxels have it. */
  readonly distances: Float64Array
  readonly slices: Uint32Array
  readonly counts: Uint32Array
  /** By slice of the block: surface voxels, the sum of their distances. */
  readonly voxelCounts: Float64Array
  readonly sums: Float64Array
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

function directed(from: Surface, to: Surface, { widthPx, heightPx, sliceCount }: Extent): DirectedDistances {
  const slicePixels = widthPx * heightPx
  const voxelCounts = new Float64Array(sliceCount)
  const sums = new Float64Array(sliceCount)
  const counted: { squared: number; slice: number; count: number }[] = []
  for (let slice = 0, first = 0; slice < sliceCount; slice += 1) {
    let last = first
    while (last < from.voxels.length && (from.voxels[last] ?? 0) < (slice + 1) * slicePixels) last += 1
    const squares = new Float64Array(last - first)
    for (let index = first; index < last; index += 1) {
      squares[index - first] = to.squared[from.voxels[index] ?? 0] ?? 0
    }
    squares.sort()
    for (let index = 0; index < squares.length; index += 1) {
      const squared = squares[index] ?? 0
      const same = counted.at(-1)
      if (same?.slice === slice && same.squared === squared) same.count += 1
      else counted.push({ squared, slice, count: 1 })
      sums[slice] = (sums[slice] ?? 0) + Math.sqrt(squared)
    }
    voxelCounts[slice] = squares.length
    first = last
  }
  counted.sort((a, b) => a.squared - b.squared)
  return {
    distances: Float64Array.from(counted, ({ squared }) => Math.sqrt(squared)),
    slices: Uint32Array.from(counted, ({ slice }) => slice),
    counts: Uint32Array.from(counted, ({ count }) => count),
    voxelCounts,
    sums,
  }
}

/** How often each slice of the block counts; without it every slice counts once. */
type SliceTimes = ArrayLike<number>

/** The largest distance. */
export const hausdorff = (pair: SurfaceDistances, times?: SliceTimes): Measured =>
  largerOfBoth(pair, 1, times)

/** The 95th percentile of the distances, the larger of both directions. */
export const hausdorff95 = (pair: SurfaceDistances, times?: SliceTimes): Measured =>
  largerOfBoth(pair, 0.95, times)

/** Mean over the voxels of both surfaces (ASSD). */
export function averageSurfaceDistance({ there, back }: SurfaceDistances, times?: SliceTimes): Measured {
  // Each direction is summed by itself, so that exchanging the readings gives the same bits.
  const count = total(there.voxelCounts, times) + total(back.voxelCounts, times)
  return count === 0
    ? notMeasured('both readings are empty')
    : measured((total(there.sums, times) + total(back.sums, times)) / count, count)
}

function total(bySlice: Float64Array, times?: SliceTimes): number {
  let sum = 0
  for (let slice = 0; slice < bySlice.length; slice += 1) {
    sum += (bySlice[slice] ?? 0) * (times === undefined ? 1 : (times[slice] ?? 0))
  }
  return sum
}

function largerOfBoth({ there, back }: SurfaceDistances, share: number, times?: SliceTimes): Measured {
  const [first, second] = [quantileOf(there, share, times), quantileOf(back, share, times)]
  // A resample of slices may hold the surface of one reading only.
  if (first === null || second === null) return notMeasured('one reading is empty')
  return measured(Math.max(first, second), total(there.voxelCounts, times) + total(back.voxelCounts, times))
}

/** Type 7 quantile, each distance taken as often as its slice counts; null where none is left. Counted from the top, which is near. */
function quantileOf(
  { distances, slices, counts, voxelCounts }: DirectedDistances,
  share: number,
  times?: SliceTimes,
): number | null {
  const count = total(voxelCounts, times)
  if (count === 0) return null
  const place = (count - 1) * share
  const below = Math.floor(place)
  let high: number | null = null
  let from = count
  for (let index = distances.length - 1; index >= 0; index -= 1) {
    from -= (counts[index] ?? 0) * (times === undefined ? 1 : (times[slices[index] ?? 0] ?? 0))
    const distance = distances[index] ?? 0
    // This distance takes the ranks from `from` up to where the last one began.
    if (high === null && from <= below + 1) high = distance
    if (from <= below) return distance + ((high ?? distance) - distance) * (place - below)
  }
  return high
}
