import type { Grid } from '../../contract'
import type { Mask } from '../image/mask'
import { dice } from './dice'

/** A mask and where its grid lies in the image. */
export interface MaskOnGrid {
  readonly mask: Mask
  readonly grid: Grid
}

/**
 * Dice of two masks of one image whose grids may differ in place and size (two models see crops of their own): each
 * pixel of one is looked up in the other, and what lies beyond a grid is background. null where the grids' pixels do
 * not fall on each other (another scale, or half a pixel off): nothing is resampled for a single figure.
 */
export function diceAcrossGrids(a: MaskOnGrid, b: MaskOnGrid): number | null {
  const shift = shiftBetween(a.grid, b.grid)
  if (shift === null) return null
  let shared = 0
  for (let row = 0; row < a.mask.heightPx; row += 1) {
    const otherRow = row + shift.rows
    if (otherRow < 0 || otherRow >= b.mask.heightPx) continue
    for (let column = 0; column < a.mask.widthPx; column += 1) {
      const otherColumn = column + shift.columns
      if (otherColumn < 0 || otherColumn >= b.mask.widthPx) continue
      const here = a.mask.pixels[row * a.mask.widthPx + column] ?? 0
      shared += here & (b.mask.pixels[otherRow * b.mask.widthPx + otherColumn] ?? 0)
    }
  }
  return dice(shared, pixelsSet(a.mask), pixelsSet(b.mask))
}

const pixelsSet = ({ pixels }: Mask): number => pixels.reduce((sum, pixel) => sum + pixel, 0)

/** Grid steps are ratios of whole pixel counts: a difference below this is rounding. */
const ROUNDING = 1e-6

/** What is to be added to a column and a row of `a` to find the same place in `b`; null where there is no such whole number. */
function shiftBetween(a: Grid, b: Grid): { readonly columns: number; readonly rows: number } | null {
  const sameSteps =
    Math.abs(a.columnStep - b.columnStep) < ROUNDING && Math.abs(a.rowStep - b.rowStep) < ROUNDING
  const columns = (a.originColumn - b.originColumn) / b.columnStep
  const rows = (a.originRow - b.originRow) / b.rowStep
  const whole = (value: number): boolean => Math.abs(value - Math.round(value)) < ROUNDING
  if (!sameSteps || !whole(columns) || !whole(rows)) return null
  return { columns: Math.round(columns), rows: Math.round(rows) }
}
