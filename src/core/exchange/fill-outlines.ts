/**
 * Contours of files to pixels: the filling of rasterise.ts behind checks that a file needs. A pixel is inside where
 * its centre is; a centre on a left or upper side is inside, one on a right or lower side outside.
 */
import { accept, refuse, type Result } from '../../contract'
import type { PlacedMask } from '../contour/box-mask'
import { fillPolygon } from '../contour/rasterise'
import type { SizePx } from '../sampling/resample'

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

/**
 * The pixels of a closed polygon (x0, y0, x1, y1, …, pixel-centre coordinates) in its box of the image, by the even-odd
 * rule. What lies outside the image falls away. Refused: fewer than three corners, coordinates that are no numbers,
 * and polygons of more work than `MOST_CROSSINGS`.
 */
export function fillOutline(points: Float64Array, size: SizePx): Result<PlacedMask> {
  if (points.length < 6) return refuse('annotation-damaged', 'An outline has fewer than three corners.')
  if (points.some((value) => !Number.isFinite(value))) {
    return refuse('annotation-damaged', 'An outline has a corner that is no number.')
  }
  if (crossingCount(points, size.heightPx) > MOST_CROSSINGS) {
    return refuse('limit-reached', `An outline of ${points.length / 2} corners is too intricate to fill.`)
  }
  return accept(fillPolygon([snapped(points)], size))
}

/** Corners to six decimals of a pixel. */
export const snapped = (points: Float64Array): Float64Array =>
  points.map((value) => Math.round(value * SNAP) / SNAP)
