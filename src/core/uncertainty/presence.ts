import type { Grid } from '../../contract'
import type { Mask } from '../image/mask'

/** A point on the image, in its index coordinates. */
export interface AskedPlace {
  readonly column: number
  readonly row: number
}

/**
 * Whether samples draw anything at all, which no size says: sizes, bands and median are of those that do. Two samples
 * of a hundred have a median too, and it is no finding.
 */
export interface Presence {
  /** Samples that draw something. */
  readonly drawnCount: number
  readonly drawnShare: number
  /** Fewer than half of the samples draw something. */
  readonly mostDrawNothing: boolean
  /** Samples that hold the place that was asked about; null: none was asked about, or it lies off the grid. */
  readonly placeCount: number | null
}

/** Of masks on one grid with that many pixels each. */
export function presenceOf(
  masks: readonly Mask[],
  pixelCounts: ArrayLike<number>,
  grid: Grid,
  place: AskedPlace | null,
): Presence {
  const drawnCount = masks.filter((_mask, at) => (pixelCounts[at] ?? 0) > 0).length
  return {
    drawnCount,
    drawnShare: drawnCount / masks.length,
    mostDrawNothing: drawnCount * 2 < masks.length,
    placeCount: place === null ? null : countAt(masks, grid, place),
  }
}

function countAt(masks: readonly Mask[], grid: Grid, place: AskedPlace): number | null {
  const column = Math.round((place.column - grid.originColumn) / grid.columnStep)
  const row = Math.round((place.row - grid.originRow) / grid.rowStep)
  if (column < 0 || row < 0 || column >= grid.widthPx || row >= grid.heightPx) return null
  return masks.filter(({ pixels, widthPx }) => pixels[row * widthPx + column] === 1).length
}
