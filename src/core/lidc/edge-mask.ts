/**
 * Edge points to pixels. A pixel belongs to an outline if it lies inside the polygon of the edge points and is not
 * itself an edge point (the edge points are the first pixels outside). An exclusion takes away its inside and its
 * edge points.
 *
 *      . E E E .        E edge point
 *      E # # # E        # belongs to the nodule
 *      . E E E .
 */
import { cropToBox, type PlacedMask } from '../contour/box-mask'
import type { EdgeMap, EdgePoint } from './lidc-file'

interface Box {
  readonly left: number
  readonly top: number
  readonly widthPx: number
  readonly heightPx: number
}

function boxOf(points: readonly EdgePoint[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { column, row } of points) {
    left = Math.min(left, column)
    right = Math.max(right, column)
    top = Math.min(top, row)
    bottom = Math.max(bottom, row)
  }
  return { left, top, widthPx: right - left + 1, heightPx: bottom - top + 1 }
}

/** Columns where the polygon crosses the centre line of a row, ascending. Edges are half open, so a vertex counts once. */
function crossings(points: readonly EdgePoint[], row: number): readonly number[] {
  const columns: number[] = []
  let previous = points.at(-1)
  for (const point of points) {
    if (previous !== undefined && previous.row <= row !== point.row <= row) {
      const fraction = (row - previous.row) / (point.row - previous.row)
      columns.push(previous.column + fraction * (point.column - previous.column))
    }
    previous = point
  }
  return columns.sort((a, b) => a - b)
}

function paintInside(pixels: Uint8Array, box: Box, points: readonly EdgePoint[], value: 0 | 1): void {
  for (let row = 0; row < box.heightPx; row += 1) {
    const columns = crossings(points, row + box.top)
    const start = row * box.widthPx
    for (let pair = 0; pair + 1 < columns.length; pair += 2) {
      const first = Math.ceil(columns[pair] ?? 0) - box.left
      const last = Math.floor(columns[pair + 1] ?? 0) - box.left
      pixels.fill(value, start + first, start + last + 1)
    }
  }
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)

/** Clears the edge points, and the pixels exactly on the line between two of them where a ring has a gap. */
function clearEdge(pixels: Uint8Array, box: Box, points: readonly EdgePoint[]): void {
  let previous = points.at(-1)
  for (const point of points) {
    if (previous === undefined) return
    const [dc, dr] = [point.column - previous.column, point.row - previous.row]
    const steps = greatestCommonDivisor(Math.abs(dc), Math.abs(dr))
    for (let step = 1; step <= Math.max(1, steps); step += 1) {
      const column = previous.column + (steps === 0 ? 0 : (dc / steps) * step)
      const row = previous.row + (steps === 0 ? 0 : (dr / steps) * step)
      pixels[(row - box.top) * box.widthPx + column - box.left] = 0
    }
    previous = point
  }
}

/**
 * The pixels that edge maps of one slice mark together: the union of the inclusions, less the exclusions. The box is
 * the smallest that holds them; 0 x 0 where nothing is marked.
 */
export function maskOfEdgeMaps(edgeMaps: readonly EdgeMap[]): PlacedMask {
  const points = edgeMaps.flatMap((map) => map.points)
  if (points.length === 0) {
    return { originColumn: 0, originRow: 0, mask: { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) } }
  }
  const box = boxOf(points)
  const union = new Uint8Array(box.widthPx * box.heightPx)
  const own = new Uint8Array(union.length)
  for (const map of edgeMaps.filter(({ inclusion }) => inclusion)) {
    own.fill(0)
    paintInside(own, box, map.points, 1)
    clearEdge(own, box, map.points)
    own.forEach((pixel, index) => {
      if (pixel === 1) union[index] = 1
    })
  }
  for (const map of edgeMaps.filter(({ inclusion }) => !inclusion)) {
    paintInside(union, box, map.points, 0)
    clearEdge(union, box, map.points)
  }
  return cropToBox({
    originColumn: box.left,
    originRow: box.top,
    mask: { widthPx: box.widthPx, heightPx: box.heightPx, pixels: union },
  })
}
