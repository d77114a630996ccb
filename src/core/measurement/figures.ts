import type { Measurement, PixelDescription, PixelSpacing } from '../../contract'
import type { ImagePoint } from '../geometry/image-point'
import { paddingRange } from '../image/padding'

/** Grey values of the slice that a measurement lies on, real ones (HU), row by row. */
export interface SliceValues {
  readonly widthPx: number
  readonly heightPx: number
  /** Of the pixel at this place, row by row; NaN where the file fills up what was not imaged (PS3.3 C.7.5.1.1.2). */
  readonly at: (index: number) => number
  readonly unit: string
}

/** The values of a slice as its file means them, padding left out; null of a colour picture. */
export function sliceValues(description: PixelDescription, stored: ArrayLike<number>): SliceValues | null {
  const { type, widthPx, heightPx, slope, intercept, unit } = description
  if (type === 'rgb8') return null
  const padding = paddingRange(description)
  const at = (index: number): number => {
    const value = stored[index] ?? 0
    const isPadding = padding !== null && value >= padding.least && value <= padding.most
    return isPadding ? Number.NaN : value * slope + intercept
  }
  return { widthPx, heightPx, unit, at }
}

/** Of the pixels whose centres lie inside: the standard deviation is that of these pixels (divided by their number). */
export interface ValueFigures {
  readonly count: number
  readonly mean: number
  readonly deviation: number
  readonly least: number
  readonly most: number
  readonly unit: string
  /** Pixels inside that were not imaged: none of the figures is of them. */
  readonly leftOut: number
}

/** What a measurement says. Lengths and areas in mm and mm² where the spacing is known, else in px and px². */
export interface MeasurementFigures {
  readonly unit: 'mm' | 'px'
  readonly length: number | null
  /** Of two diameters: the longer, the shorter, and (long + short) / 2. */
  readonly diameters: {
    readonly long: number
    readonly short: number
    readonly mean: number
    /** Whether the line that was drawn first is the long one. */
    readonly isFirstLong: boolean
  } | null
  readonly angleDegrees: number | null
  readonly area: number | null
  readonly values: ValueFigures | null
}

const NOTHING = { length: null, diameters: null, angleDegrees: null, area: null, values: null }
const SQUARE: PixelSpacing = { row: 1, column: 1 }

interface Scaled {
  readonly x: number
  readonly y: number
}

const apart = (a: Scaled | undefined, b: Scaled | undefined): number =>
  a === undefined || b === undefined ? Number.NaN : Math.hypot(a.x - b.x, a.y - b.y)

/** What a measurement says of its slice; `values` null: there are none (a photograph), or they are not here. */
export function figuresOf(
  measurement: Pick<Measurement, 'shape' | 'points'>,
  spacing: PixelSpacing | null,
  values: SliceValues | null,
): MeasurementFigures {
  const steps = figuresInSteps(measurement, spacing, values)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** `figuresOf` with a step a row of pixels, for whoever has others to answer in between. */
export function* figuresInSteps(
  { shape, points }: Pick<Measurement, 'shape' | 'points'>,
  spacing: PixelSpacing | null,
  values: SliceValues | null,
): Generator<undefined, MeasurementFigures, undefined> {
  const step = spacing ?? SQUARE
  const unit = spacing === null ? 'px' : 'mm'
  const scaled = points.map(({ column, row }): Scaled => ({ x: column * step.column, y: row * step.row }))
  const [a, b, c, d] = scaled
  switch (shape) {
    case 'ruler':
      return { ...NOTHING, unit, length: apart(a, b) }
    case 'diameters': {
      const [one, other] = [apart(a, b), apart(c, d)]
      const [long, short] = [Math.max(one, other), Math.min(one, other)]
      const diameters = { long, short, mean: (long + short) / 2, isFirstLong: one >= other }
      return { ...NOTHING, unit, diameters }
    }
    case 'angle':
      return { ...NOTHING, unit, angleDegrees: angleAt(a, b, c) }
    case 'ellipse':
    case 'rectangle':
    case 'polygon': {
      const inside = values === null ? null : yield* valuesInside({ shape, points }, values)
      return { ...NOTHING, unit, area: areaOf(shape, scaled), values: inside }
    }
  }
}

function angleAt(from: Scaled | undefined, corner: Scaled | undefined, to: Scaled | undefined): number {
  if (from === undefined || corner === undefined || to === undefined) return Number.NaN
  const one = Math.atan2(from.y - corner.y, from.x - corner.x)
  const other = Math.atan2(to.y - corner.y, to.x - corner.x)
  const turn = Math.abs(one - other) % (2 * Math.PI)
  return (Math.min(turn, 2 * Math.PI - turn) * 180) / Math.PI
}

function areaOf(shape: 'ellipse' | 'rectangle' | 'polygon', points: readonly Scaled[]): number {
  if (shape === 'polygon') return ringArea(points)
  const [a, b] = points
  const box = a === undefined || b === undefined ? Number.NaN : Math.abs(a.x - b.x) * Math.abs(a.y - b.y)
  return shape === 'rectangle' ? box : (box * Math.PI) / 4
}

/** The shoelace formula; where sides cross, what is enclosed twice with opposite turns cancels. */
function ringArea(points: readonly Scaled[]): number {
  const twice = points.reduce((sum, point, at) => {
    const next = points[(at + 1) % points.length] ?? point
    return sum + point.x * next.y - next.x * point.y
  }, 0)
  return Math.abs(twice) / 2
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

function boxOf(points: readonly ImagePoint[]): Box {
  const columns = points.map(({ column }) => column)
  const rows = points.map(({ row }) => row)
  return {
    left: Math.min(...columns),
    right: Math.max(...columns),
    top: Math.min(...rows),
    bottom: Math.max(...rows),
  }
}

/** Marks (1) the pixels of one row, from column `first` on, whose centres lie inside the shape. */
type MarkRow = (row: number, first: number, marks: Uint8Array) => void

function rowsOf({ shape, points }: Pick<Measurement, 'shape' | 'points'>): MarkRow {
  const { left, right, top, bottom } = boxOf(points)
  if (shape === 'rectangle') return (_row, _first, marks) => marks.fill(1)
  if (shape === 'polygon') return polygonRows(points)
  const [across, down] = [(right - left) / 2, (bottom - top) / 2]
  const [x, y] = [left + across, top + down]
  return (row, first, marks) => {
    for (let at = 0; at < marks.length; at += 1)
      marks[at] = ((first + at - x) / across) ** 2 + ((row - y) / down) ** 2 <= 1 ? 1 : 0
  }
}

/**
 * By scan lines: each side that a row passes turns inside to outside from its crossing on (even-odd). A row costs its
 * pixels and the corners once, not every pixel all corners.
 */
function polygonRows(points: readonly ImagePoint[]): MarkRow {
  const sides = points.map((from, at) => ({ from, to: points[(at + 1) % points.length] ?? from }))
  return (row, first, marks) => {
    marks.fill(0)
    for (const { from, to } of sides) {
      if (from.row > row === to.row > row) continue
      const crossing = from.column + ((row - from.row) / (to.row - from.row)) * (to.column - from.column)
      const at = Math.max(0, Math.ceil(crossing) - first)
      if (at < marks.length) marks[at] = (marks[at] ?? 0) ^ 1
    }
    let isInside = 0
    for (let at = 0; at < marks.length; at += 1) {
      isInside ^= marks[at] ?? 0
      marks[at] = isInside
    }
  }
}

function* valuesInside(
  measurement: Pick<Measurement, 'shape' | 'points'>,
  { widthPx, heightPx, at, unit }: SliceValues,
): Generator<undefined, ValueFigures | null, undefined> {
  const markRow = rowsOf(measurement)
  const { left, right, top, bottom } = boxOf(measurement.points)
  const first = Math.max(0, Math.ceil(left))
  const marks = new Uint8Array(Math.max(0, Math.min(widthPx - 1, Math.floor(right)) - first + 1))
  let [count, leftOut, mean, squares, least, most] = [0, 0, 0, 0, Infinity, -Infinity]
  for (let row = Math.max(0, Math.ceil(top)); row <= Math.min(heightPx - 1, bottom); row += 1) {
    markRow(row, first, marks)
    for (let place = marks.indexOf(1); place >= 0 && place < marks.length; place += 1) {
      if (marks[place] !== 1) continue
      const value = at(row * widthPx + first + place)
      if (Number.isNaN(value)) {
        leftOut += 1
        continue
      }
      // Welford: the mean and the sum of squares about it, without losing digits to large offsets.
      count += 1
      const from = value - mean
      mean += from / count
      squares += from * (value - mean)
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
    yield
  }
  const deviation = Math.sqrt(squares / count)
  return count === 0 ? null : { count, mean, deviation, least, most, unit, leftOut }
}
