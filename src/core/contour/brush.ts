/**
 * Brush and eraser: a disc swept along the pointer's line. A pixel is painted when its centre lies in the swept shape
 * (its rim included), or when the line itself passes through the pixel: so a brush thinner than a pixel paints what
 * is under the pointer, and never nothing. A line painted in parts gives the same pixels as painted at once.
 *
 * The disc may be an ellipse in pixels (`DiscPx`): a disc on the patient where rows and columns lie differently far
 * apart. Rows are stretched first, so that all is done with a circle whose radius is `disc.columns`.
 */
import type { Mask } from '../image/mask'
import type { SizePx } from '../sampling/resample'
import type { PlacedMask } from './box-mask'
import { clipBox, type DiscPx, type ImagePosition, type PixelBox, type ValueSlice } from './slice-mask'

/** Values from `low` to `high`, both included. */
export interface ValueRange {
  readonly low: number
  readonly high: number
}

/** A line longer than this from a pixel centre is no place on an image: keeps a damaged position from costing time. */
const FURTHEST_PX = 1e6
const LEAST_RADIUS_PX = 1e-6

/** The pixels that the disc covers on its way along `line` (one position: a dab), on an image of this size. */
export function sweepDisc(disc: DiscPx, line: readonly ImagePosition[], size: SizePx): PlacedMask {
  const sound = line.filter(
    ({ column, row }) => Math.abs(column) < FURTHEST_PX && Math.abs(row) < FURTHEST_PX,
  )
  const tip = {
    columns: Math.max(disc.columns, LEAST_RADIUS_PX),
    rows: Math.max(disc.rows, LEAST_RADIUS_PX),
  }
  const { column, row, widthPx, heightPx } = clipBox(boxOfLine(tip, sound), size)
  const mask: Mask = { widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) }
  const placed = { originColumn: column, originRow: row, mask }
  const isThin = (0.5 / tip.columns) ** 2 + (0.5 / tip.rows) ** 2 > 1
  sound.forEach((to, index) => {
    const from = sound[Math.max(0, index - 1)] ?? to
    if (index === 0 && sound.length > 1) return
    markCapsule(placed, tip, from, to)
    if (isThin) markPassed(placed, from, to)
  })
  return placed
}

/** The pixels of `placed` whose value lies in the range; pixels beyond the image go. */
export function limitToValues(placed: PlacedMask, slice: ValueSlice, range: ValueRange): PlacedMask {
  const { originColumn, originRow, mask } = placed
  const pixels = mask.pixels.map((pixel, at) => {
    const column = originColumn + (at % mask.widthPx)
    const row = originRow + Math.floor(at / mask.widthPx)
    return pixel === 1 && isWithin(valueAt(slice, column, row), range) ? 1 : 0
  })
  return { ...placed, mask: { ...mask, pixels } }
}

/** Half width of a range in robust standard deviations: takes in 99 of 100 pixels of an even region with noise. */
const RANGE_SD = 2.5
/** Median absolute deviation to standard deviation, for normal noise. */
const SD_OF_MAD = 1.4826

/**
 * The values that belong to what the stroke starts on: the median under the inner half of the disc (at least 3 x 3
 * pixels), plus and minus 2.5 robust standard deviations there or `leastTolerance`, whichever is wider. Null where
 * the stroke starts outside the image.
 */
export function rangeAtStart(
  slice: ValueSlice,
  disc: DiscPx,
  start: ImagePosition,
  leastTolerance: number,
): ValueRange | null {
  if (Number.isNaN(valueAt(slice, Math.round(start.column), Math.round(start.row)))) return null
  const inner = { columns: Math.max(1.5, disc.columns / 2), rows: Math.max(1.5, disc.rows / 2) }
  const { originColumn, originRow, mask } = sweepDisc(inner, [start], slice)
  const values: number[] = []
  mask.pixels.forEach((pixel, at) => {
    const value = valueAt(
      slice,
      originColumn + (at % mask.widthPx),
      originRow + Math.floor(at / mask.widthPx),
    )
    if (pixel === 1 && Number.isFinite(value)) values.push(value)
  })
  const middle = medianOf(values)
  const spread = SD_OF_MAD * medianOf(values.map((value) => Math.abs(value - middle)))
  const tolerance = Math.max(RANGE_SD * spread, leastTolerance)
  return { low: middle - tolerance, high: middle + tolerance }
}

/**
 * A brush that keeps to what it started on: of the pixels under the disc those with a value in the range that hang
 * together (by sides) with pixels of the range under the line itself. Across an edge nothing is painted.
 */
export function followEdges(
  slice: ValueSlice,
  disc: DiscPx,
  line: readonly ImagePosition[],
  range: ValueRange,
): PlacedMask {
  const reach = limitToValues(sweepDisc(disc, line, slice), slice, range)
  const { originColumn, originRow, mask } = reach
  const { widthPx, heightPx } = mask
  const thin = sweepDisc({ columns: 0, rows: 0 }, line, slice)
  const grown = new Uint8Array(mask.pixels.length)
  const waiting: number[] = []
  const visit = (at: number): void => {
    if (mask.pixels[at] !== 1 || grown[at] === 1) return
    grown[at] = 1
    waiting.push(at)
  }
  thin.mask.pixels.forEach((pixel, at) => {
    if (pixel !== 1) return
    const column = thin.originColumn + (at % thin.mask.widthPx) - originColumn
    const row = thin.originRow + Math.floor(at / thin.mask.widthPx) - originRow
    visit(row * widthPx + column)
  })
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const column = at % widthPx
    if (column > 0) visit(at - 1)
    if (column < widthPx - 1) visit(at + 1)
    if (at >= widthPx) visit(at - widthPx)
    if (at < (heightPx - 1) * widthPx) visit(at + widthPx)
  }
  return { ...reach, mask: { ...mask, pixels: grown } }
}

const isWithin = (value: number, { low, high }: ValueRange): boolean => value >= low && value <= high

/** NaN outside the image, which lies in no range. */
function valueAt({ widthPx, heightPx, values }: ValueSlice, column: number, row: number): number {
  if (column < 0 || row < 0 || column >= widthPx || row >= heightPx) return NaN
  return values[row * widthPx + column] ?? NaN
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const half = sorted.length >> 1
  const upper = sorted[half] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
}

function boxOfLine(tip: DiscPx, line: readonly ImagePosition[]): PixelBox {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const { column, row } of line) {
    left = Math.min(left, column)
    right = Math.max(right, column)
    top = Math.min(top, row)
    bottom = Math.max(bottom, row)
  }
  // Half a pixel at least: where the line passes.
  const [columns, rows] = [Math.max(tip.columns, 0.5), Math.max(tip.rows, 0.5)]
  const column = Math.floor(left - columns)
  const row = Math.floor(top - rows)
  return {
    column,
    row,
    widthPx: Math.ceil(right + columns) - column + 1,
    heightPx: Math.ceil(bottom + rows) - row + 1,
  }
}

/** Sets the pixels whose centre lies within the disc's radius of the line from `from` to `to`. */
function markCapsule(placed: PlacedMask, tip: DiscPx, from: ImagePosition, to: ImagePosition): void {
  const { originColumn, originRow, mask } = placed
  const radius = tip.columns
  const stretch = tip.columns / tip.rows
  const [ax, ay, bx, by] = [from.column, from.row * stretch, to.column, to.row * stretch]
  const [alongX, alongY] = [bx - ax, by - ay]
  const square = alongX * alongX + alongY * alongY
  const isInside = (x: number, y: number): boolean => {
    const share = square === 0 ? 0 : ((x - ax) * alongX + (y - ay) * alongY) / square
    const nearest = Math.min(1, Math.max(0, share))
    const [dx, dy] = [x - ax - nearest * alongX, y - ay - nearest * alongY]
    return dx * dx + dy * dy <= radius * radius
  }
  const top = Math.max(originRow, Math.ceil(Math.min(from.row, to.row) - tip.rows - 1))
  const bottom = Math.min(
    originRow + mask.heightPx - 1,
    Math.floor(Math.max(from.row, to.row) + tip.rows + 1),
  )
  for (let row = top; row <= bottom; row += 1) {
    const y = row * stretch
    const [left, right] = spanOfCapsule(y, [ax, ay, bx, by], radius)
    // The span is right but for rounding; the shape has no dents, so only its two ends are to be tried.
    let first = Math.max(originColumn, Math.ceil(left) - 1)
    let last = Math.min(originColumn + mask.widthPx - 1, Math.floor(right) + 1)
    while (first <= last && !isInside(first, y)) first += 1
    while (last >= first && !isInside(last, y)) last -= 1
    const start = (row - originRow) * mask.widthPx - originColumn
    if (first <= last) mask.pixels.fill(1, start + first, start + last + 1)
  }
}

type Segment = readonly [ax: number, ay: number, bx: number, by: number]

/** Where the horizontal line at `y` enters and leaves a capsule: its two discs and its two straight sides. */
function spanOfCapsule(y: number, [ax, ay, bx, by]: Segment, radius: number): readonly [number, number] {
  let left = Infinity
  let right = -Infinity
  const take = (x: number): void => {
    left = Math.min(left, x)
    right = Math.max(right, x)
  }
  // A little more than the radius, so that a row that only touches a disc is tried.
  const reach = radius * (1 + 1e-9)
  for (const [x, centre] of [
    [ax, ay],
    [bx, by],
  ] as const) {
    const half = Math.sqrt(reach * reach - (y - centre) * (y - centre))
    if (Number.isNaN(half)) continue
    take(x - half)
    take(x + half)
  }
  const length = Math.hypot(bx - ax, by - ay)
  if (by === ay) return [left, right]
  for (const side of [-radius, radius]) {
    const offsetX = (-side * (by - ay)) / length
    const offsetY = (side * (bx - ax)) / length
    const share = (y - ay - offsetY) / (by - ay)
    if (share >= 0 && share <= 1) take(ax + offsetX + share * (bx - ax))
  }
  return [left, right]
}

/** Sets the pixels that the line from `from` to `to` passes through, row by row. */
function markPassed(placed: PlacedMask, from: ImagePosition, to: ImagePosition): void {
  const { originColumn, originRow, mask } = placed
  const [upper, lower] = from.row <= to.row ? [from, to] : [to, from]
  const slope = lower.row === upper.row ? 0 : (lower.column - upper.column) / (lower.row - upper.row)
  const top = Math.max(originRow, Math.floor(upper.row + 0.5))
  const bottom = Math.min(originRow + mask.heightPx - 1, Math.floor(lower.row + 0.5))
  for (let row = top; row <= bottom; row += 1) {
    const enters = row - 0.5 <= upper.row ? upper.column : upper.column + (row - 0.5 - upper.row) * slope
    const leaves = row + 0.5 >= lower.row ? lower.column : upper.column + (row + 0.5 - upper.row) * slope
    const first = Math.max(originColumn, Math.floor(Math.min(enters, leaves) + 0.5))
    const last = Math.min(originColumn + mask.widthPx - 1, Math.floor(Math.max(enters, leaves) + 0.5))
    const start = (row - originRow) * mask.widthPx - originColumn
    if (first <= last) mask.pixels.fill(1, start + first, start + last + 1)
  }
}
