/**
 * Rows of a plane out of one slice, as numbers; NaN where nothing was imaged. Where they lie along its pixels, those on
 * both sides are found once for all of a row.
 */
import type { Range } from '../image/range'

export type VoxelValues = Int16Array | Uint16Array | Uint8Array | Float32Array

/** A slice as it is read: its values, [row][column], and which of them only fill it up (PS3.3 C.7.5.1.1.2). */
export interface SliceValues {
  readonly values: VoxelValues
  readonly columns: number
  readonly rows: number
  readonly padding: Range
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
/** Holds no value. Whole numbers above those of 16 bits: compared as such, and the first comparison always says it. */
export const NO_PADDING: Range = { least: 2 ** 16 + 1, most: 2 ** 16 }

/**
 * On the way from one value to another. Of a value that is not there the other is no part: the nearer of the two says
 * whether anything is there at all.
 */
export function onTheWay(from: number, to: number, share: number): number {
  const between = from + (to - from) * share
  if (!Number.isNaN(between)) return between
  return share >= 0.5 ? to : from
}

/** The value of a slice between its pixels; NaN in its padding, and beyond half a pixel outside of it. */
export function bilinear(slice: SliceValues, column: number, row: number): number {
  const { columns, rows } = slice
  if (!(column >= -0.5 && row >= -0.5 && column <= columns - 0.5 && row <= rows - 0.5)) return Number.NaN
  const x = Math.min(columns - 1, Math.max(0, column))
  const y = Math.min(rows - 1, Math.max(0, row))
  let [left, top] = [Math.floor(x), Math.floor(y)]
  let [across, down] = [x - left, y - top]
  if (across > 1 - ON_CENTRE) {
    left += 1
    across = 0
  }
  if (down > 1 - ON_CENTRE) {
    top += 1
    down = 0
  }
  const at = top * columns + left
  const upper = along(slice, at, across)
  return down < ON_CENTRE ? upper : onTheWay(upper, along(slice, at + columns, across), down)
}

function along(slice: SliceValues, at: number, share: number): number {
  const value = voxel(slice, at)
  return share < ON_CENTRE ? value : onTheWay(value, voxel(slice, at + 1), share)
}

function voxel({ values, padding }: SliceValues, at: number): number {
  const value = values[at] ?? Number.NaN
  return value >= padding.least && value <= padding.most ? Number.NaN : value
}

/** A row that goes from centre to centre along a slice, on one line of its pixels or between two. */
export interface PixelRun {
  /** Those of its places that lie in the slice: from `first` on, before `end`. */
  readonly first: number
  readonly end: number
  /** Where the value of place `first` stands, and how far on that of the next. */
  readonly at: number
  readonly step: number
  /** How far on the other line of pixels stands, and how far on the way to it the row lies: 0 where it lies on the first. */
  readonly beside: number
  readonly share: number
}

const NOTHING: PixelRun = { first: 0, end: 0, at: 0, step: 0, beside: 0, share: 0 }

/** Whether a row goes from centre to centre along one axis of the slice, or stays on one. */
function isOnCentres(from: number, step: number, count: number): boolean {
  const whole = Math.round(step)
  return Math.abs(step - whole) * count < LEVEL && Math.abs(from - Math.round(from)) < LEVEL
}

/** How a row of so many places runs along the slice's pixels; null where it goes aslant or between them. */
export function pixelRun(
  { columns, rows }: Omit<SliceValues, 'values'>,
  { column, row, columnStep, rowStep }: RowWalk,
  count: number,
): PixelRun | null {
  const across = { size: columns, stride: 1, from: column, step: columnStep }
  const down = { size: rows, stride: columns, from: row, step: rowStep }
  if (Math.abs(rowStep) * count < LEVEL && isOnCentres(column, columnStep, count))
    return runAlong(across, down, count)
  if (Math.abs(columnStep) * count < LEVEL && isOnCentres(row, rowStep, count))
    return runAlong(down, across, count)
  return null
}

/** One axis of a slice: so many lines of pixels, so far apart among its values; where on it a row begins, and its steps. */
interface Axis {
  readonly size: number
  readonly stride: number
  readonly from: number
  readonly step: number
}

function runAlong(along: Axis, beside: Axis, count: number): PixelRun {
  if (!(beside.from >= -0.5 && beside.from <= beside.size - 0.5)) return NOTHING
  const place = Math.min(beside.size - 1, Math.max(0, beside.from))
  const before = Math.floor(place)
  const onWay = place - before
  const line = onWay > 1 - ON_CENTRE ? before + 1 : before
  const from = Math.round(along.from)
  const step = Math.round(along.step)
  const first = firstWithin(from, step, along.size, count)
  return {
    first,
    end: Math.max(first, endWithin(from, step, along.size, count)),
    at: line * beside.stride + (from + first * step) * along.stride,
    step: step * along.stride,
    beside: beside.stride,
    share: line > before || onWay < ON_CENTRE ? 0 : onWay,
  }
}

// Of places `from + n * step`, n < count: those that lie in 0..size-1, from the first on, before the end.

function firstWithin(from: number, step: number, size: number, count: number): number {
  if (step === 0) return from >= 0 && from < size ? 0 : count
  const one = step > 0 ? -from : from - (size - 1)
  return Math.min(count, Math.max(0, Math.ceil(one / Math.abs(step))))
}

function endWithin(from: number, step: number, size: number, count: number): number {
  if (step === 0) return count
  const last = step > 0 ? size - 1 - from : from
  return Math.min(count, Math.floor(last / Math.abs(step)) + 1)
}

/** `into[n]` = the value of the slice at the n-th place of the row. */
export function readRow(slice: SliceValues, walk: RowWalk, into: Float64Array): void {
  const run = pixelRun(slice, walk, into.length)
  if (run === null) {
    for (let n = 0; n < into.length; n += 1)
      into[n] = bilinear(slice, walk.column + n * walk.columnStep, walk.row + n * walk.rowStep)
    return
  }
  into.fill(Number.NaN, 0, run.first).fill(Number.NaN, run.end)
  readRun(slice, run, into)
  if (run.share > 0) mixRun(slice, { ...run, at: run.at + run.beside }, run.share, into)
}

/** `into[n]` = what lies on the way, by this share, from what stands there to the value of the slice. */
export function mixRow(
  slice: SliceValues,
  walk: RowWalk,
  share: number,
  into: Float64Array,
  spare: Float64Array,
): void {
  const run = pixelRun(slice, walk, into.length)
  if (run?.share === 0 && run.first === 0 && run.end === into.length) {
    mixRun(slice, run, share, into)
    return
  }
  readRow(slice, walk, spare)
  for (let n = 0; n < into.length; n += 1)
    into[n] = onTheWay(into[n] ?? Number.NaN, spare[n] ?? Number.NaN, share)
}

// The two loops that all pixels of straight planes go through: no closures, one array of each kind.

function readRun({ values, padding }: SliceValues, run: PixelRun, into: Float64Array): void {
  const { least, most } = padding
  const { end, step } = run
  for (let n = run.first, at = run.at; n < end; n += 1, at += step) {
    const value = values[at] ?? Number.NaN
    into[n] = value >= least && value <= most ? Number.NaN : value
  }
}

function mixRun({ values, padding }: SliceValues, run: PixelRun, share: number, into: Float64Array): void {
  const { least, most } = padding
  const { end, step } = run
  for (let n = run.first, at = run.at; n < end; n += 1, at += step) {
    const value = values[at] ?? Number.NaN
    const to = value >= least && value <= most ? Number.NaN : value
    const from = into[n] ?? Number.NaN
    const between = from + (to - from) * share
    into[n] = Number.isNaN(between) ? (share >= 0.5 ? to : from) : between
  }
}
