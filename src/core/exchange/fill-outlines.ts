/**
 * Polygons to pixels: a pixel is inside where its centre is. A centre on a left or upper side is inside, one on a
 * right or lower side outside, so that neighbours share no pixel.
 *
 * Each crossing of a row toggles the first centre at or right of it; a running parity along the row then says what is
 * inside. No list of crossings is kept, so that memory does not grow with the number of corners.
 */
import { accept, refuse, type Result } from '../../contract'

/** Crossings of rows of one polygon beyond which it is no outline any more: a second of work or so. */
const MOST_CROSSINGS = 200_000_000
/** Corners keep six decimals of a pixel: noise of coordinates in millimetres must not decide a tie. */
const SNAP = 1e6

const snap = (value: number): number => Math.round(value * SNAP) / SNAP

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

/** The part of the image that a polygon can reach; columns run one past the last, where what lies right of it ends. */
interface Window {
  readonly left: number
  readonly top: number
  readonly stride: number
  readonly rows: number
}

function windowOf(points: Float64Array, widthPx: number, heightPx: number): Window {
  let [left, top, right, bottom] = [widthPx, heightPx, 0, 0]
  for (let at = 0; at + 1 < points.length; at += 2) {
    const [x, y] = [points[at] ?? 0, points[at + 1] ?? 0]
    left = Math.min(left, Math.floor(x))
    right = Math.max(right, Math.ceil(x))
    top = Math.min(top, Math.floor(y))
    bottom = Math.max(bottom, Math.ceil(y))
  }
  left = Math.max(0, left)
  top = Math.max(0, top)
  return {
    left,
    top,
    stride: Math.max(0, Math.min(widthPx, right) - left) + 1,
    rows: Math.max(0, Math.min(heightPx, bottom) - top),
  }
}

function toggleSide(
  toggles: Uint8Array,
  { left, top, stride, rows }: Window,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
): void {
  if (y0 === y1) return
  const [xTop, yTop, xBottom, yBottom] = y0 < y1 ? [x0, y0, x1, y1] : [x1, y1, x0, y0]
  const first = Math.max(top, Math.ceil(yTop))
  const last = Math.min(top + rows - 1, Math.ceil(yBottom) - 1)
  const slope = (xBottom - xTop) / (yBottom - yTop)
  for (let row = first; row <= last; row += 1) {
    const x = snap(xTop + (row - yTop) * slope)
    const at = (row - top) * stride + Math.min(stride - 1, Math.max(0, Math.ceil(x) - left))
    toggles[at] = (toggles[at] ?? 0) ^ 1
  }
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
  const window = windowOf(points, widthPx, heightPx)
  const { left, top, stride, rows } = window
  const toggles = new Uint8Array(stride * rows)
  let x0 = snap(points.at(-2) ?? 0)
  let y0 = snap(points.at(-1) ?? 0)
  for (let at = 0; at + 1 < points.length; at += 2) {
    const x1 = snap(points[at] ?? 0)
    const y1 = snap(points[at + 1] ?? 0)
    toggleSide(toggles, window, [x0, y0, x1, y1])
    ;[x0, y0] = [x1, y1]
  }
  let overlaps = false
  for (let row = 0; row < rows; row += 1) {
    let inside = 0
    for (let column = 0; column < stride - 1; column += 1) {
      inside ^= toggles[row * stride + column] ?? 0
      if (inside === 0) continue
      const at = (top + row) * widthPx + left + column
      const before = pixels[at] ?? 0
      if (before === 1) overlaps = true
      pixels[at] = before ^ 1
    }
  }
  return accept({ overlaps })
}
