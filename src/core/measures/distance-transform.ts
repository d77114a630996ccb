import type { Steps } from './steps'
import type { Extent, VoxelSize } from './voxel-block'

const VOXELS_A_STEP = 100_000

/**
 * Exact squared Euclidean distance of every voxel centre to the nearest voxel that is 1, in the square of the voxel
 * size's unit; Infinity everywhere where none is. One axis after another: along a row by two sweeps, then along
 * columns and slices the lower envelope of parabolas f(p) + (step (q - p))^2 (Felzenszwalb and Huttenlocher 2012;
 * Maurer 2003), linear in the number of voxels. With more than one slice their distance must be known (else it throws). A step about
 * every hundred thousand voxels.
 */
export function* squaredDistances(sites: Uint8Array, extent: Extent, size: VoxelSize): Steps<Float64Array> {
  const { widthPx, heightPx, sliceCount } = extent
  const squared = new Float64Array(sites.length)
  alongRows(sites, squared, widthPx, size.betweenColumns)
  yield
  const slicePixels = widthPx * heightPx
  const envelope = new LowerEnvelope(Math.max(heightPx, sliceCount))
  let voxels = 0
  for (let slice = 0; slice < sliceCount; slice += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      envelope.apply(squared, slice * slicePixels + column, widthPx, heightPx, size.betweenRows)
      voxels += heightPx
      if (voxels >= VOXELS_A_STEP) {
        voxels = 0
        yield
      }
    }
  }
  if (sliceCount > 1) {
    if (size.betweenSlices === null) throw new Error('distances across slices need the slice distance')
    for (let at = 0; at < slicePixels; at += 1) {
      envelope.apply(squared, at, slicePixels, sliceCount, size.betweenSlices)
      voxels += sliceCount
      if (voxels >= VOXELS_A_STEP) {
        voxels = 0
        yield
      }
    }
  }
  return squared
}

function alongRows(sites: Uint8Array, squared: Float64Array, widthPx: number, step: number): void {
  for (let start = 0; start < sites.length; start += widthPx) {
    let gap = Infinity
    for (let at = start; at < start + widthPx; at += 1) {
      gap = sites[at] === 1 ? 0 : gap + 1
      squared[at] = gap
    }
    gap = Infinity
    for (let at = start + widthPx - 1; at >= start; at -= 1) {
      gap = sites[at] === 1 ? 0 : gap + 1
      const nearest = Math.min(gap, squared[at] ?? Infinity) * step
      squared[at] = nearest * nearest
    }
  }
}

/** The scratch of one line, kept so that a volume's thousands of lines share it. */
class LowerEnvelope {
  readonly #heights: Float64Array
  readonly #parabolas: Int32Array
  /** Where parabola i begins to be the lowest. */
  readonly #from: Float64Array

  constructor(longest: number) {
    this.#heights = new Float64Array(longest)
    this.#parabolas = new Int32Array(longest)
    this.#from = new Float64Array(longest)
  }

  /** Replaces the line of `count` values at `start`, `stride` apart, by its lower envelope. */
  apply(values: Float64Array, start: number, stride: number, count: number, step: number): void {
    const weight = step * step
    const [heights, parabolas, from] = [this.#heights, this.#parabolas, this.#from]
    let last = -1
    for (let q = 0; q < count; q += 1) {
      const height = values[start + q * stride] ?? Infinity
      heights[q] = height
      if (height === Infinity) continue
      let meets = -Infinity
      while (last >= 0) {
        const p = parabolas[last] ?? 0
        meets = ((height - (heights[p] ?? 0)) / (weight * (q - p)) + q + p) / 2
        if (meets > (from[last] ?? 0)) break
        last -= 1
        meets = -Infinity
      }
      last += 1
      parabolas[last] = q
      from[last] = meets
    }
    if (last < 0) return
    let current = 0
    for (let q = 0; q < count; q += 1) {
      while (current < last && (from[current + 1] ?? 0) < q) current += 1
      const p = parabolas[current] ?? 0
      values[start + q * stride] = (heights[p] ?? 0) + weight * (q - p) * (q - p)
    }
  }
}
