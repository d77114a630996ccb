import type { Comparison, Grid } from '../../contract'

/** Room around everything that was marked, in pixels. */
const ROOM_PX = 6

/** A square that holds all that the readings marked of the lesion; null where they marked nothing. */
export function gridAround({ readings }: Pick<Comparison, 'readings'>): Grid | null {
  const boxes = readings.flatMap(({ slices }) => slices.map(({ mask }) => mask))
  if (boxes.length === 0) return null
  const left = Math.min(...boxes.map(({ originColumn }) => originColumn))
  const top = Math.min(...boxes.map(({ originRow }) => originRow))
  const right = Math.max(...boxes.map(({ originColumn, widthPx }) => originColumn + widthPx))
  const bottom = Math.max(...boxes.map(({ originRow, heightPx }) => originRow + heightPx))
  return squareAround({ column: left, row: top, widthPx: right - left, heightPx: bottom - top }, ROOM_PX)
}

/** The square around a box with this much room on each side. */
export function squareAround(
  box: { readonly column: number; readonly row: number; readonly widthPx: number; readonly heightPx: number },
  roomPx: number,
): Grid {
  const side = Math.max(box.widthPx, box.heightPx) + 2 * roomPx
  return {
    widthPx: side,
    heightPx: side,
    originColumn: Math.round(box.column + (box.widthPx - side) / 2),
    originRow: Math.round(box.row + (box.heightPx - side) / 2),
    columnStep: 1,
    rowStep: 1,
  }
}
