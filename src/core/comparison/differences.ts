import type { Difference } from '../../contract'
import type { EdgeLetters } from '../geometry/orientation'
import { placeInWords, type MiddleAndReach, type OffsetFromMiddle } from './place-in-words'
import type { Steps } from '../measures/steps'
import { countVotes, majority } from './votes'
import type { VoxelBlock, VoxelSize } from '../measures/voxel-block'

/** A difference with its middle, image index. */
export interface DifferenceRegion extends Difference {
  readonly pixelCount: number
  readonly centroid: { readonly column: number; readonly row: number }
}

/**
 * Where one reading and the majority of the others (a tie is not marked) differ: pieces of one slice and one kind,
 * pixels connected by sides or corners, largest first. `letters` name the image's edges as stored (null: not known). A
 * step a slice.
 */
export function* differenceRegions(
  block: VoxelBlock,
  own: number,
  others: readonly number[],
  size: VoxelSize,
  letters: EdgeLetters | null,
): Steps<DifferenceRegion[]> {
  const none = new Uint8Array(0)
  const votes = countVotes(others.map((other) => block.masks[other] ?? none))
  yield
  const theirs = majority(votes, others.length)
  yield
  const mine = block.masks[own] ?? none
  const slicePixels = block.widthPx * block.heightPx
  const regions: DifferenceRegion[] = []
  for (let slice = 0; slice < (others.length === 0 ? 0 : block.sliceCount); slice += 1) {
    const range = [slice * slicePixels, (slice + 1) * slicePixels] as const
    const [ownSlice, theirSlice] = [mine.subarray(...range), theirs.subarray(...range)]
    const shape = middleOf(theirSlice, block.widthPx, size)
    const onlyOne = shape === null || !ownSlice.includes(1)
    for (const pixels of connectedDifferences(ownSlice, theirSlice, block.widthPx)) {
      const kind = ownSlice[pixels[0] ?? 0] === 1 ? 'only-own' : 'only-others'
      const place = onlyOne
        ? 'Whole outline'
        : placeInWords(offsetOf(pixels, block.widthPx, shape, size), shape, letters)
      regions.push({
        sliceIndex: block.firstSlice + slice,
        place,
        kind,
        ...measuresOf(pixels, block, size),
      })
    }
    yield
  }
  return regions.sort((a, b) => b.pixelCount - a.pixelCount || a.sliceIndex - b.sliceIndex)
}

/** Pieces of one slice where only the one or only the other marked, each as its pixels. */
function* connectedDifferences(own: Uint8Array, others: Uint8Array, widthPx: number): Generator<number[]> {
  // 1: only own; 2: only the others; 0: the same, or done.
  const open = new Uint8Array(own.length)
  for (let at = 0; at < own.length; at += 1) open[at] = own[at] === others[at] ? 0 : own[at] === 1 ? 1 : 2
  for (let start = 0; start < open.length; start += 1) {
    const kind = open[start] ?? 0
    if (kind === 0) continue
    const pixels = [start]
    open[start] = 0
    for (let next = 0; next < pixels.length; next += 1) {
      const at = pixels[next] ?? 0
      const column = at % widthPx
      for (let near = Math.max(0, column - 1); near <= Math.min(widthPx - 1, column + 1); near += 1) {
        for (const beside of [at - widthPx, at, at + widthPx]) {
          const neighbour = beside - column + near
          if (open[neighbour] !== kind) continue
          open[neighbour] = 0
          pixels.push(neighbour)
        }
      }
    }
    yield pixels
  }
}

function measuresOf(
  pixels: readonly number[],
  block: VoxelBlock,
  size: VoxelSize,
): Pick<DifferenceRegion, 'area' | 'box' | 'centroid' | 'pixelCount'> {
  const { widthPx, originColumn, originRow } = block
  let [left, right, top, bottom, columns, rows] = [Infinity, 0, Infinity, 0, 0, 0]
  for (const at of pixels) {
    const column = at % widthPx
    const row = Math.floor(at / widthPx)
    left = Math.min(left, column)
    right = Math.max(right, column)
    top = Math.min(top, row)
    bottom = Math.max(bottom, row)
    columns += column
    rows += row
  }
  return {
    pixelCount: pixels.length,
    area: {
      value: pixels.length * size.betweenColumns * size.betweenRows,
      unit: size.unit === 'mm' ? 'mm2' : 'px2',
    },
    box: {
      column: originColumn + left,
      row: originRow + top,
      widthPx: right - left + 1,
      heightPx: bottom - top + 1,
    },
    centroid: { column: originColumn + columns / pixels.length, row: originRow + rows / pixels.length },
  }
}

/** Middle of a mask's pixels and how far they reach: the radius of a disc with the same mean squared distance. Null when empty. */
function middleOf(mask: Uint8Array, widthPx: number, size: VoxelSize): MiddleAndReach | null {
  let [count, x, y, squares] = [0, 0, 0, 0]
  for (let at = mask.indexOf(1); at >= 0; at = mask.indexOf(1, at + 1)) {
    const right = (at % widthPx) * size.betweenColumns
    const down = Math.floor(at / widthPx) * size.betweenRows
    count += 1
    x += right
    y += down
    squares += right * right + down * down
  }
  if (count === 0) return null
  const spread = squares / count - (x / count) ** 2 - (y / count) ** 2
  return { x: x / count, y: y / count, reach: Math.sqrt(2 * Math.max(0, spread)) }
}

function offsetOf(
  pixels: readonly number[],
  widthPx: number,
  middle: MiddleAndReach,
  size: VoxelSize,
): OffsetFromMiddle {
  let [right, down, distance] = [0, 0, 0]
  for (const at of pixels) {
    const x = (at % widthPx) * size.betweenColumns - middle.x
    const y = Math.floor(at / widthPx) * size.betweenRows - middle.y
    right += x
    down += y
    distance += Math.hypot(x, y)
  }
  const count = pixels.length
  return { right: right / count, down: down / count, meanDistance: distance / count }
}
