/**
 * Contours of files to pixels: the filling of rasterise.ts behind checks that a file needs. A pixel is inside where
 * its centre is; a centre on a left or upper side is inside, one on a right or lower side outside.
 */
import { accept, refuse, type Result } from '../../contract'
import { fillPolygon } from '../contour/rasterise'

/** Crossings of rows of one polygon beyond which it is no outline any more: a second of work or so. */
const MOST_CROSSINGS = 200_000_000
/** Corners keep six decimals of a pixel: noise of coordinates in millimetres must not decide a tie. */
const SNAP = 1e6

/** Work that filling a polygon takes, in rows crossed. */
function crossingCount(points: Float64Array, heightPx: number): number {
  let count = 0
  let previous = points.at(-1) ?? 0
  for (let at = 1; at < points.length; at += 2) {
    const y = points[at] ?? 0
    const top = Math.max(-1, Math.min(y, previous))
    const bottom = Math.min(heightPx, Math.max(y, previous))
    count += 1 + Math.max(0, bottom - top)
    previous = y
  }
  return count
}

export interface Filled {
  /** True where a pixel had been inside before: polygons of one image overlap or lie in each other. */
  readonly overlaps: boolean
}

/**
 * Adds a closed polygon (x0, y0, x1, y1, …, pixel-centre coordinates) to an image of 0 and 1 by exclusive or: a
 * polygon inside another cuts a hole. What lies outside the image falls away. Refused: coordinates that are no
 * numbers, and polygons of more work than `MOST_CROSSINGS`.
 */
export function xorPolygon(
  pixels: Uint8Array,
  widthPx: number,
  heightPx: number,
  points: Float64Array,
): Result<Filled> {
  if (points.some((value) => !Number.isFinite(value))) {
    return refuse('annotation-damaged', 'An outline has a corner that is no number.')
  }
  if (crossingCount(points, heightPx) > MOST_CROSSINGS) {
    return refuse('limit-reached', `An outline of ${points.length / 2} corners is too intricate to fill.`)
  }
  const snapped = points.map((value) => Math.round(value * SNAP) / SNAP)
  const { originColumn, originRow, mask } = fillPolygon([snapped], { widthPx, heightPx })
  let overlaps = false
  for (let row = 0; row < mask.heightPx; row += 1) {
    for (let column = 0; column < mask.widthPx; column += 1) {
      if (mask.pixels[row * mask.widthPx + column] !== 1) continue
      const at = (originRow + row) * widthPx + originColumn + column
      const before = pixels[at] ?? 0
      if (before === 1) overlaps = true
      pixels[at] = before ^ 1
    }
  }
  return accept({ overlaps })
}
