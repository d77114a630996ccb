/** The inverse of `maskOfEdgeMaps`: edge points that give a mask back, pixel for pixel. */
import type { PlacedMask } from '../contour/box-mask'
import type { EdgePoint } from './lidc-file'

/** Right, down, left, up: the pixel that a walker along the border has on its right side lies inside. */
const STEPS = [
  { column: 1, row: 0 },
  { column: 0, row: 1 },
  { column: -1, row: 0 },
  { column: 0, row: -1 },
] as const

interface Region {
  readonly widthPx: number
  readonly heightPx: number
  readonly labels: Int32Array
  readonly count: number
}

/** Regions joined by sides, labelled from 1 in reading order; 0 is outside. */
function regionsOf(widthPx: number, heightPx: number, pixels: Uint8Array): Region {
  const labels = new Int32Array(pixels.length)
  let count = 0
  for (let start = 0; start < pixels.length; start += 1) {
    if (pixels[start] !== 1 || labels[start] !== 0) continue
    count += 1
    const open = [start]
    labels[start] = count
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const column = at % widthPx
      const neighbours = [
        column > 0 ? at - 1 : -1,
        column < widthPx - 1 ? at + 1 : -1,
        at - widthPx,
        at + widthPx,
      ]
      for (const next of neighbours) {
        if (next >= 0 && pixels[next] === 1 && labels[next] === 0) {
          labels[next] = count
          open.push(next)
        }
      }
    }
  }
  return { widthPx, heightPx, labels, count }
}

/**
 * Walks clockwise along the pixel sides of one region's outer border, and notes each time the pixel on the other side
 * of the border: the first pixel outside. Corners between two outside pixels are diagonal steps of the polygon.
 */
function walkBorder(region: Region, label: number): readonly EdgePoint[] {
  const { widthPx, heightPx, labels } = region
  const inside = (column: number, row: number): boolean =>
    column >= 0 && row >= 0 && column < widthPx && row < heightPx && labels[row * widthPx + column] === label
  const start = labels.indexOf(label)
  // The walker stands on the corner left above the pixel and looks right; outside is above it.
  const first = { column: start % widthPx, row: Math.floor(start / widthPx) }
  let { column, row } = first
  let heading = 0
  const points: EdgePoint[] = []
  do {
    const step = STEPS[heading] ?? STEPS[0]
    // Pixels left and right ahead of a corner, for each heading.
    const right = cellAhead(column, row, heading, true)
    const left = cellAhead(column, row, heading, false)
    if (inside(left.column, left.row)) heading = (heading + 3) % 4
    else if (!inside(right.column, right.row)) heading = (heading + 1) % 4
    else {
      const last = points.at(-1)
      if (last?.column !== left.column || last.row !== left.row) points.push(left)
      column += step.column
      row += step.row
    }
  } while (column !== first.column || row !== first.row || heading !== 0)
  return points
}

/** The pixel ahead of a corner, on the walker's right or left side. Corner (c, r) is left above pixel (c, r). */
function cellAhead(column: number, row: number, heading: number, rightSide: boolean): EdgePoint {
  const corners = [
    { right: [0, 0], left: [0, -1] },
    { right: [-1, 0], left: [0, 0] },
    { right: [-1, -1], left: [-1, 0] },
    { right: [0, -1], left: [-1, -1] },
  ] as const
  const [dc, dr] = (corners[heading] ?? corners[0])[rightSide ? 'right' : 'left']
  return { column: column + dc, row: row + dr }
}

/**
 * One ring of edge points for each region of a mask (regions joined by sides), in image indices. Every pixel outside
 * must be joined to the far outside over sides: an outline cannot say holes.
 */
export function traceEdgeMaps({
  originColumn,
  originRow,
  mask,
}: PlacedMask): readonly (readonly EdgePoint[])[] {
  const region = regionsOf(mask.widthPx, mask.heightPx, mask.pixels)
  return Array.from({ length: region.count }, (_unused, index) =>
    walkBorder(region, index + 1).map(({ column, row }) => ({
      column: column + originColumn,
      row: row + originRow,
    })),
  )
}
