/** Holes of a mask as LIDC exclusions: rings of the holes' own outermost pixels, which an exclusion takes away too. */
import type { PlacedMask } from '../../contour/box-mask'
import type { EdgePoint } from '../../lidc/lidc-file'

export interface SplitMask {
  /** The mask with its holes filled. */
  readonly whole: PlacedMask
  /** One ring a hole, in image indices. */
  readonly holes: readonly (readonly EdgePoint[])[]
}

/** Unset pixels joined by sides: 1 for what reaches the border, 2, 3, … for holes; 0 for set pixels. */
function labelUnset(
  widthPx: number,
  heightPx: number,
  pixels: Uint8Array,
): { labels: Int32Array; count: number } {
  const labels = new Int32Array(pixels.length)
  const open: number[] = []
  const flood = (label: number): void => {
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (pixels[at] === 1 || labels[at] !== 0) continue
      labels[at] = label
      const column = at % widthPx
      if (column > 0) open.push(at - 1)
      if (column < widthPx - 1) open.push(at + 1)
      if (at >= widthPx) open.push(at - widthPx)
      if (at + widthPx < pixels.length) open.push(at + widthPx)
    }
  }
  for (let at = 0; at < pixels.length; at += 1) {
    const column = at % widthPx
    const isBorder = column === 0 || column === widthPx - 1 || at < widthPx || at >= widthPx * (heightPx - 1)
    if (isBorder) open.push(at)
  }
  flood(1)
  let count = 1
  for (let at = 0; at < pixels.length; at += 1) {
    if (pixels[at] === 1 || labels[at] !== 0) continue
    count += 1
    open.push(at)
    flood(count)
  }
  return { labels, count }
}

const ALONG_COLUMN = [1, 0, -1, 0] as const
const ALONG_ROW = [0, 1, 0, -1] as const

/** Walks round one hole along its sides, the hole on the right, and notes its pixel at each side. */
function ringOf(labels: Int32Array, widthPx: number, label: number): readonly EdgePoint[] {
  const isIn = (column: number, row: number): boolean =>
    column >= 0 && column < widthPx && labels[row * widthPx + column] === label
  const start = labels.indexOf(label)
  const first = { column: start % widthPx, row: Math.floor(start / widthPx) }
  const points: EdgePoint[] = []
  // The walker stands in a pixel and keeps the side on its left: heading 0 looks right along the upper side.
  let { column, row } = first
  let heading = 0
  do {
    const last = points.at(-1)
    if (last?.column !== column || last.row !== row) points.push({ column, row })
    const [dc, dr] = [ALONG_COLUMN[heading] ?? 0, ALONG_ROW[heading] ?? 0]
    const [lc, lr] = [dr, -dc]
    const ahead = isIn(column + dc, row + dr)
    if (ahead && isIn(column + dc + lc, row + dr + lr)) {
      points.push({ column: column + dc, row: row + dr })
      column += dc + lc
      row += dr + lr
      heading = (heading + 3) & 3
    } else if (ahead) {
      column += dc
      row += dr
    } else heading = (heading + 1) & 3
  } while (column !== first.column || row !== first.row || heading !== 0)
  return points
}

/** Parts a mask into its filled shape and rings of its holes. */
export function splitHoles(placed: PlacedMask): SplitMask {
  const { originColumn, originRow, mask } = placed
  const { widthPx, heightPx, pixels } = mask
  const { labels, count } = labelUnset(widthPx, heightPx, pixels)
  const filled = Uint8Array.from(labels, (label) => (label === 1 ? 0 : 1))
  const holes = Array.from({ length: count - 1 }, (_unused, at) =>
    ringOf(labels, widthPx, at + 2).map(({ column, row }) => ({
      column: column + originColumn,
      row: row + originRow,
    })),
  )
  return { whole: { originColumn, originRow, mask: { widthPx, heightPx, pixels: filled } }, holes }
}
