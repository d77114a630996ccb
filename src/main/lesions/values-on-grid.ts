import type { Grid } from '../../contract'
import type { PixelBody } from '../library/library-service'
import { storedValues } from '../inference/stored-values'

/** Values (HU) of a grey slice on a crop of whole pixels, row by row; NaN outside the image. null for colours. */
export function valuesOnGrid(body: PixelBody, grid: Grid): Float32Array | null {
  const stored = storedValues(body)
  if (stored === null) return null
  const { widthPx, heightPx, slope, intercept } = body.description
  const values = new Float32Array(grid.widthPx * grid.heightPx).fill(NaN)
  for (let row = 0; row < grid.heightPx; row += 1) {
    const imageRow = grid.originRow + row
    if (imageRow < 0 || imageRow >= heightPx) continue
    for (let column = 0; column < grid.widthPx; column += 1) {
      const imageColumn = grid.originColumn + column
      if (imageColumn < 0 || imageColumn >= widthPx) continue
      values[row * grid.widthPx + column] =
        slope * (stored[imageRow * widthPx + imageColumn] ?? NaN) + intercept
    }
  }
  return values
}
