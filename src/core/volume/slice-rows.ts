/** Rows of a plane out of one slice. Where they lie along its pixels, those on both sides are found once for all of a row. */

export type VoxelValues = Int16Array | Uint16Array | Uint8Array | Float32Array

/** A slice as it is read: its values, [row][column]. */
export interface SliceValues {
  readonly values: VoxelValues
  readonly columns: number
  readonly rows: number
}

/** A row of a plane in a slice: where it begins, and its steps there, in pixels. */
export interface RowWalk {
  readonly column: number
  readonly row: number
  readonly columnStep: number
  readonly rowStep: number
}

/** How far beside a pixel's centre nothing lies between: rounding of the geometry, in pixels. */
const ON_CENTRE = 1e-6
/** What adds up to less than this over a row is no step. */
const LEVEL = 1e-7

/** The value of a slice between its pixels; NaN beyond half a pixel outside of it. */
export function bilinear({ values, columns, rows }: SliceValues, column: number, row: number): number {
  if (!(column >= -0.5 && row >= -0.5 && column <= columns - 0.5 && row <= rows - 0.5)) return Number.NaN
  const x = column < 0 ? 0 : column > columns - 1 ? columns - 1 : column
  const y = row < 0 ? 0 : row > rows - 1 ? rows - 1 : row
  let left = Math.floor(x)
  let top = Math.floor(y)
  let across = x - left
  let down = y - top
  if (across > 1 - ON_CENTRE) {
    left += 1
    across = 0
  }
  if (down > 1 - ON_CENTRE) {
    top += 1
    down = 0
  }
  const at = top * columns + left
  const upper = across < ON_CENTRE ? (values[at] ?? 0) : mix(values, at, at + 1, across)
  if (down < ON_CENTRE) return upper
  const below = at + columns
  const lower = across < ON_CENTRE ? (values[below] ?? 0) : mix(values, below, below + 1, across)
  return upper + (lower - upper) * down
}

const mix = (values: VoxelValues, one: number, other: number, share: number): number => {
  const from = values[one] ?? 0
  return from + ((values[other] ?? 0) - from) * share
}

/** Whether a row goes from centre to centre along one axis of the slice, or stays on one. */
function isOnCentres(from: number, step: number, count: number): boolean {
  const whole = Math.round(step)
  return Math.abs(step - whole) * count < LEVEL && Math.abs(from - Math.round(from)) < LEVEL
}

/** One axis of a slice: so many lines of pixels, so far apart among its values. */
interface Axis {
  readonly size: number
  readonly stride: number
}

/** A row along `along`, from centre to centre, at a place between two lines of `beside`. */
function readAlong(
  values: VoxelValues,
  along: Axis & { readonly from: number; readonly step: number },
  beside: Axis & { readonly at: number },
  into: Float64Array | Float32Array,
): void {
  const { size, stride, from, step } = along
  if (!(beside.at >= -0.5 && beside.at <= beside.size - 0.5)) {
    into.fill(Number.NaN)
    return
  }
  const place = Math.min(beside.size - 1, Math.max(0, beside.at))
  let line = Math.floor(place)
  let share = place - line
  if (share > 1 - ON_CENTRE) {
    line += 1
    share = 0
  }
  const base = line * beside.stride
  const isBetween = share >= ON_CENTRE
  // The places of the row that lie in the slice: from centre to centre, all others lie beyond half a pixel outside.
  const [first, end] = within(from, step, size, into.length)
  into.fill(Number.NaN, 0, first).fill(Number.NaN, end)
  const by = step * stride
  let at = base + (from + first * step) * stride
  if (isBetween)
    for (let n = first; n < end; n += 1, at += by) into[n] = mix(values, at, at + beside.stride, share)
  else for (let n = first; n < end; n += 1, at += by) into[n] = values[at] ?? 0
}

/** The first place of a row within 0 to `size`, and the one behind the last. */
function within(from: number, step: number, size: number, count: number): readonly [number, number] {
  if (step === 0) return from >= 0 && from < size ? [0, count] : [count, count]
  const [one, other] = step > 0 ? [-from, size - 1 - from] : [from - (size - 1), from]
  const by = Math.abs(step)
  const first = Math.min(count, Math.max(0, Math.ceil(one / by)))
  return [first, Math.max(first, Math.min(count, Math.floor(other / by) + 1))]
}

/** `into[n]` = what `bilinear` says of the slice at the n-th place of the row. */
export function readRow(slice: SliceValues, walk: RowWalk, into: Float64Array | Float32Array): void {
  const { values, columns, rows } = slice
  const { column, row, columnStep, rowStep } = walk
  const count = into.length
  const across = { size: columns, stride: 1, from: Math.round(column), step: Math.round(columnStep) }
  const down = { size: rows, stride: columns, from: Math.round(row), step: Math.round(rowStep) }
  if (Math.abs(rowStep) * count < LEVEL && isOnCentres(column, columnStep, count))
    readAlong(values, across, { size: rows, stride: columns, at: row }, into)
  else if (Math.abs(columnStep) * count < LEVEL && isOnCentres(row, rowStep, count))
    readAlong(values, down, { size: columns, stride: 1, at: column }, into)
  else
    for (let n = 0; n < count; n += 1) into[n] = bilinear(slice, column + n * columnStep, row + n * rowStep)
}
