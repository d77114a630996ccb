/**
 * Values of a volume on a plane. Between the pixels of a slice they are bilinear; between two slices linear along the
 * normal, each slice read where it lies itself, so that a tilted gantry, uneven steps and shifted slices come out true.
 */
import { dot, scale, subtract, type Vector } from '../geometry/vector'
import type { Plane } from './planes'
import { bilinear, readRow } from './slice-rows'
import type { VoxelValues } from './slice-rows'
import type { VolumePlaces } from './volume-places'

/** A volume as far as it has come: null for a slice that is not there yet. All slices are in the same scale. */
export interface Volume {
  readonly places: VolumePlaces
  readonly slices: readonly (VoxelValues | null)[]
  /** What stands where there is nothing. */
  readonly outside: number
}

/** Planes laid on one another: at these distances along the plane's normal, as their mean or their largest value. */
export interface Slab {
  readonly offsetsMm: readonly number[]
  readonly take: 'mean' | 'largest'
}

export const THIN: Slab = { offsetsMm: [0], take: 'mean' }

/** The two slices about a distance along the normal, and how far it is on the way to the second. */
interface Between {
  lower: number
  share: number
}

/** Finds slices, from where it found the last ones on. `lower` is -1 outside of the volume and in gaps. */
class SliceFinder {
  private at = 0
  private readonly alongMm: readonly number[]
  private readonly isGapAfter: readonly boolean[]
  private readonly beforeMm: number
  private readonly behindMm: number
  private readonly halfMm: number
  readonly found: Between = { lower: -1, share: 0 }

  constructor({ alongMm, isGapAfter }: VolumePlaces) {
    const last = alongMm.length - 1
    this.alongMm = alongMm
    this.isGapAfter = isGapAfter
    // A slice stands for half a step to both sides, the first and the last too.
    this.beforeMm = ((alongMm[1] ?? 0) - (alongMm[0] ?? 0)) / 2
    this.behindMm = ((alongMm[last] ?? 0) - (alongMm[last - 1] ?? 0)) / 2
    const steps = alongMm.slice(1).map((mm, index) => mm - (alongMm[index] ?? 0))
    this.halfMm = Math.min(...steps) / 2
  }

  find(mm: number): Between {
    const { alongMm, found } = this
    const last = alongMm.length - 1
    const end = alongMm[last] ?? 0
    found.share = 0
    if (mm <= 0 || mm >= end) {
      const isNear = mm <= 0 ? mm >= -this.beforeMm : mm <= end + this.behindMm
      found.lower = !isNear ? -1 : mm <= 0 ? 0 : last
      return found
    }
    while (mm < (alongMm[this.at] ?? 0)) this.at -= 1
    while (mm >= (alongMm[this.at + 1] ?? Infinity)) this.at += 1
    const from = alongMm[this.at] ?? 0
    const to = alongMm[this.at + 1] ?? from
    found.lower = this.at
    found.share = (mm - from) / (to - from)
    if (this.isGapAfter[this.at] === true) {
      if (mm - from <= this.halfMm) found.share = 0
      else if (to - mm <= this.halfMm) found.share = 1
      else found.lower = -1
    }
    return found
  }
}

/** Index coordinates within a slice: `column` = offset[slice] + steps along the plane's columns and rows. */
interface Walk {
  readonly columnFrom: Float64Array
  readonly rowFrom: Float64Array
  readonly columnAcross: number
  readonly columnDown: number
  readonly rowAcross: number
  readonly rowDown: number
  readonly alongFrom: number
  readonly alongAcross: number
  readonly alongDown: number
}

function walkOf(places: VolumePlaces, plane: Plane, offsetMm: number): Walk {
  const { orientation, spacingMm, normal, positionsMm } = places
  const away = scale(planeNormalVector(plane), offsetMm)
  const originMm: Vector = [
    plane.originMm[0] + away[0],
    plane.originMm[1] + away[1],
    plane.originMm[2] + away[2],
  ]
  const across = scale(plane.orientation.row, plane.spacingMm.column)
  const down = scale(plane.orientation.column, plane.spacingMm.row)
  const first = positionsMm[0] ?? originMm
  const inSlice = (direction: Vector, spacing: number): Float64Array =>
    Float64Array.from(positionsMm, (position) => dot(subtract(originMm, position), direction) / spacing)
  return {
    columnFrom: inSlice(orientation.row, spacingMm.column),
    rowFrom: inSlice(orientation.column, spacingMm.row),
    columnAcross: dot(across, orientation.row) / spacingMm.column,
    columnDown: dot(down, orientation.row) / spacingMm.column,
    rowAcross: dot(across, orientation.column) / spacingMm.row,
    rowDown: dot(down, orientation.column) / spacingMm.row,
    alongFrom: dot(subtract(originMm, first), normal),
    alongAcross: dot(across, normal),
    alongDown: dot(down, normal),
  }
}

const planeNormalVector = ({ orientation: { row, column } }: Plane): Vector => [
  row[1] * column[2] - row[2] * column[1],
  row[2] * column[0] - row[0] * column[2],
  row[0] * column[1] - row[1] * column[0],
]

/** Distances along the normal nearer than this to a slice lie on it. */
const ON_SLICE_MM = 1e-6

/** The value where slices `lower` and the next one meet at these index steps; NaN where there is none. */
function valueAt(volume: Volume, walk: Walk, between: Between, across: number, down: number): number {
  const { columns, rows } = volume.places
  const read = (slice: number): number => {
    const values = volume.slices[slice] ?? null
    if (values === null) return Number.NaN
    const column = (walk.columnFrom[slice] ?? 0) + across * walk.columnAcross + down * walk.columnDown
    const row = (walk.rowFrom[slice] ?? 0) + across * walk.rowAcross + down * walk.rowDown
    return bilinear({ values, columns, rows }, column, row)
  }
  const { lower, share } = between
  if (lower < 0) return Number.NaN
  if (share < ON_SLICE_MM) return read(lower)
  if (share > 1 - ON_SLICE_MM) return read(lower + 1)
  return onTheWay(read(lower), read(lower + 1), share)
}

/** On the way from one slice to the next. Where one of the two does not reach, the nearer one alone is shown. */
function onTheWay(from: number, to: number, share: number): number {
  if (Number.isNaN(from)) return share >= 0.5 ? to : from
  if (Number.isNaN(to)) return share < 0.5 ? from : to
  return from + (to - from) * share
}

/** One row of a plane that lies along the slices, from the one or two that it lies between: as `valueAt`, pixel by pixel. */
class LevelRows {
  readonly #volume: Volume
  readonly #walk: Walk
  readonly #one: Float64Array
  readonly #other: Float64Array

  constructor(volume: Volume, walk: Walk, widthPx: number) {
    this.#volume = volume
    this.#walk = walk
    this.#one = new Float64Array(widthPx)
    this.#other = new Float64Array(widthPx)
  }

  #read<Row extends Float64Array | Float32Array>(slice: number, down: number, into: Row): Row {
    const { slices, places } = this.#volume
    const { columnFrom, rowFrom, columnAcross, columnDown, rowAcross, rowDown } = this.#walk
    const values = slices[slice] ?? null
    if (values === null) {
      into.fill(Number.NaN)
      return into
    }
    const walk = {
      column: (columnFrom[slice] ?? 0) + down * columnDown,
      row: (rowFrom[slice] ?? 0) + down * rowDown,
      ...{ columnStep: columnAcross, rowStep: rowAcross },
    }
    readRow({ values, columns: places.columns, rows: places.rows }, walk, into)
    return into
  }

  fill({ lower, share }: Between, down: number, into: Float32Array): void {
    if (lower < 0) into.fill(Number.NaN)
    else if (share < ON_SLICE_MM) this.#read(lower, down, into)
    else if (share > 1 - ON_SLICE_MM) this.#read(lower + 1, down, into)
    else {
      const [one, other] = [this.#read(lower, down, this.#one), this.#read(lower + 1, down, this.#other)]
      for (let at = 0; at < into.length; at += 1)
        into[at] = onTheWay(one[at] ?? Number.NaN, other[at] ?? Number.NaN, share)
    }
  }
}

/** The plane at one offset, [row][column]; NaN where there is nothing. */
function thinPlane(volume: Volume, plane: Plane, offsetMm: number, into: Float32Array): void {
  const walk = walkOf(volume.places, plane, offsetMm)
  const finder = new SliceFinder(volume.places)
  const { widthPx, heightPx } = plane
  if (Math.abs(walk.alongAcross * widthPx) < ON_SLICE_MM) {
    const rows = new LevelRows(volume, walk, widthPx)
    for (let down = 0; down < heightPx; down += 1)
      rows.fill(
        finder.find(walk.alongFrom + down * walk.alongDown),
        down,
        into.subarray(down * widthPx, (down + 1) * widthPx),
      )
    return
  }
  for (let down = 0; down < heightPx; down += 1) {
    const along = walk.alongFrom + down * walk.alongDown
    for (let across = 0; across < widthPx; across += 1) {
      const found = finder.find(along + across * walk.alongAcross)
      into[down * widthPx + across] = valueAt(volume, walk, found, across, down)
    }
  }
}

/**
 * Values of a volume on a plane, [row][column], in the scale of its slices. Of a slab the mean or the largest of what
 * lies at each pixel; where nothing lies at all, `outside`.
 */
export function reslice(volume: Volume, plane: Plane, { offsetsMm, take }: Slab = THIN): Float32Array {
  const count = plane.widthPx * plane.heightPx
  const result = new Float32Array(count)
  const [first = 0, ...others] = offsetsMm
  thinPlane(volume, plane, first, result)
  if (others.length > 0) {
    const layer = new Float32Array(count)
    const layers = new Uint16Array(count)
    for (let at = 0; at < count; at += 1) layers[at] = Number.isNaN(result[at]) ? 0 : 1
    for (const offset of others) {
      thinPlane(volume, plane, offset, layer)
      addLayer(result, layer, layers, take)
    }
    if (take === 'mean')
      for (let at = 0; at < count; at += 1) result[at] = (result[at] ?? 0) / (layers[at] ?? 0)
  }
  for (let at = 0; at < count; at += 1) if (Number.isNaN(result[at])) result[at] = volume.outside
  return result
}

function addLayer(result: Float32Array, layer: Float32Array, layers: Uint16Array, take: Slab['take']): void {
  for (let at = 0; at < layer.length; at += 1) {
    const value = layer[at] ?? Number.NaN
    if (Number.isNaN(value)) continue
    const before = result[at] ?? Number.NaN
    const isFirst = Number.isNaN(before)
    if (take === 'mean') result[at] = isFirst ? value : before + value
    else if (isFirst || value > before) result[at] = value
    layers[at] = (layers[at] ?? 0) + 1
  }
}
