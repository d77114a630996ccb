import type { Measurement, PixelSpacing } from '../../contract'
import type { ImagePoint } from '../geometry/image-point'

/** Grey values of the slice that a measurement lies on, real ones (HU), row by row. */
export interface SliceValues {
  readonly widthPx: number
  readonly heightPx: number
  /** Of the pixel at this place, row by row. */
  readonly at: (index: number) => number
  readonly unit: string
}

/** Of the pixels whose centres lie inside: the standard deviation is that of these pixels (divided by their number). */
export interface ValueFigures {
  readonly count: number
  readonly mean: number
  readonly deviation: number
  readonly least: number
  readonly most: number
  readonly unit: string
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
  { shape, points }: Pick<Measurement, 'shape' | 'points'>,
  spacing: PixelSpacing | null,
  values: SliceValues | null,
): MeasurementFigures {
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
    case 'polygon':
      return {
        ...{ ...NOTHING, unit, area: areaOf(shape, scaled) },
        values: values === null ? null : valuesInside({ shape, points }, values),
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

/** Whether the centre of a pixel lies inside a shape. */
function insideOf({
  shape,
  points,
}: Pick<Measurement, 'shape' | 'points'>): (column: number, row: number) => boolean {
  const { left, right, top, bottom } = boxOf(points)
  if (shape === 'rectangle') return () => true
  if (shape === 'ellipse') {
    const [across, down] = [(right - left) / 2, (bottom - top) / 2]
    const [x, y] = [left + across, top + down]
    return (column, row) => ((column - x) / across) ** 2 + ((row - y) / down) ** 2 <= 1
  }
  return (column, row) => {
    let isIn = false
    points.forEach((point, at) => {
      const next = points[(at + 1) % points.length] ?? point
      if (point.row > row === next.row > row) return
      const crossing =
        point.column + ((row - point.row) / (next.row - point.row)) * (next.column - point.column)
      if (column < crossing) isIn = !isIn
    })
    return isIn
  }
}

function valuesInside(
  measurement: Pick<Measurement, 'shape' | 'points'>,
  { widthPx, heightPx, at, unit }: SliceValues,
): ValueFigures | null {
  const isInside = insideOf(measurement)
  const { left, right, top, bottom } = boxOf(measurement.points)
  let [count, mean, squares, least, most] = [0, 0, 0, Infinity, -Infinity]
  for (let row = Math.max(0, Math.ceil(top)); row <= Math.min(heightPx - 1, bottom); row += 1)
    for (let column = Math.max(0, Math.ceil(left)); column <= Math.min(widthPx - 1, right); column += 1) {
      if (!isInside(column, row)) continue
      const value = at(row * widthPx + column)
      // Welford: the mean and the sum of squares about it, without losing digits to large offsets.
      count += 1
      const from = value - mean
      mean += from / count
      squares += from * (value - mean)
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
  return count === 0 ? null : { count, mean, deviation: Math.sqrt(squares / count), least, most, unit }
}
