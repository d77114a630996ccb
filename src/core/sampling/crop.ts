import type { Grid } from '../../contract'
import type { ImagePoint } from '../geometry/image-point'

/** The square of whole pixels around a point: its origin is round(centre) - floor(size / 2). */
export const cropAround = (centre: ImagePoint, sizePx: number): Grid => ({
  widthPx: sizePx,
  heightPx: sizePx,
  originColumn: Math.round(centre.column) - Math.floor(sizePx / 2),
  originRow: Math.round(centre.row) - Math.floor(sizePx / 2),
  columnStep: 1,
  rowStep: 1,
})
