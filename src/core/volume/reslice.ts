/**
 * Values of a volume on a plane. Between the pixels of a slice they are bilinear; between two slices linear along the
 * normal, each slice read where it lies itself, so that a tilted gantry, uneven steps and shifted slices come out true.
 */
import { planeNormal } from '../geometry/orientation'
import { add, dot, scale, subtract, type Vector } from '../geometry/vector'
import type { Range } from '../image/range'
import type { Plane } from './planes'
import { type Between, SliceFinder } from './slice-finder'
import {
  bilinear,
  mixRow,
  NO_PADDING,
  onTheWay,
  type PixelRun,
  pixelRun,
  readRow,
  type RowWalk,
  type SliceValues,
  type VoxelValues,
} from './slice-rows'
import type { VolumePlaces } from './volume-places'

/** A volume as far as it has come: null for a slice that is not there yet. All slices are in the same scale. */
export interface Volume {
  readonly places: VolumePlaces
  readonly slices: readonly (VoxelValues | null)[]
  /** What stands where there is nothing. */
  readonly outside: number
  /** Values that only fill the slices up, these two among them: nothing is there, and no neighbour takes part of them. */
  readonly padding: Range | null
}

/** Planes laid on one another: at these distances along the plane's normal, as their mean or their largest value. */
export interface Slab {
  readonly offsetsMm: readonly number[]
  readonly take: 'mean' | 'largest'
}

export const THIN: Slab = { offsetsMm: [0], take: 'mean' }

/** Distances along the normal nearer than this to a slice lie on it. */
const ON_SLICE_MM = 1e-6

/**
 * A plane as it is read: line by line, each along the slices where the plane allows it, so that a line lies between the
 * same two slices from end to end. `step` and `next` say where its pixels and the next line stand in the picture.
 */
interface Lines {
  readonly count: number
  readonly lengthPx: number
  readonly step: number
  readonly next: number
  /** Of two pixels that follow each other in a line, and of two lines: their way in the patient. */
  readonly alongMm: Vector
  readonly acrossMm: Vector
}

function linesOf({ normal }: VolumePlaces, plane: Plane): Lines {
  const { widthPx, heightPx, orientation, spacingMm } = plane
  const [across, down] = [scale(orientation.row, spacingMm.column), scale(orientation.column, spacingMm.row)]
  const isLevel = (way: Vector, count: number): boolean => Math.abs(dot(way, normal) * count) < ON_SLICE_MM
  return !isLevel(across, widthPx) && isLevel(down, heightPx)
    ? { count: widthPx, lengthPx: heightPx, step: widthPx, next: 1, alongMm: down, acrossMm: across }
    : { count: heightPx, lengthPx: widthPx, step: 1, next: widthPx, alongMm: across, acrossMm: down }
}

/** Voxels along a line, others beside them, and how far on the way to those the line lies: 0 where it lies on the first. */
interface VoxelPair {
  readonly values: VoxelValues
  readonly run: PixelRun
  readonly other: VoxelValues
  /** Where in them the first one stands; they are as far apart as those of the run. */
  readonly otherAt: number
  readonly share: number
}

/** What the layers of a slab are cut out of. */
interface Cut {
  readonly places: VolumePlaces
  readonly slices: readonly (SliceValues | null)[]
  readonly plane: Plane
  readonly lines: Lines
}

/** One layer of a slab: finds its lines in the slices. */
class Layer {
  readonly #slices: readonly (SliceValues | null)[]
  readonly #lines: Lines
  readonly #finder: SliceFinder
  readonly #columnFrom: Float64Array
  readonly #rowFrom: Float64Array
  /** Steps within a slice, in pixels, along a line and from line to line. */
  readonly #along: { readonly column: number; readonly row: number; readonly mm: number }
  readonly #across: { readonly column: number; readonly row: number; readonly mm: number }
  readonly #fromMm: number
  readonly #isLevel: boolean
  readonly #spare: Float64Array

  constructor({ places, slices, plane, lines }: Cut, offsetMm: number) {
    const { orientation, spacingMm, normal, positionsMm } = places
    const originMm = add(plane.originMm, scale(planeNormal(plane.orientation), offsetMm))
    const steps = (way: Vector) => ({
      column: dot(way, orientation.row) / spacingMm.column,
      row: dot(way, orientation.column) / spacingMm.row,
      mm: dot(way, normal),
    })
    this.#slices = slices
    this.#lines = lines
    this.#finder = new SliceFinder(places)
    this.#columnFrom = new Float64Array(positionsMm.length)
    this.#rowFrom = new Float64Array(positionsMm.length)
    positionsMm.forEach((position, slice) => {
      const away = subtract(originMm, position)
      this.#columnFrom[slice] = dot(away, orientation.row) / spacingMm.column
      this.#rowFrom[slice] = dot(away, orientation.column) / spacingMm.row
    })
    this.#along = steps(lines.alongMm)
    this.#across = steps(lines.acrossMm)
    this.#fromMm = dot(subtract(originMm, positionsMm[0] ?? originMm), normal)
    this.#isLevel = Math.abs(this.#along.mm * lines.lengthPx) < ON_SLICE_MM
    this.#spare = new Float64Array(lines.lengthPx)
  }

  /** The voxels that line `line` goes along, or between; null where it is made of more than two at a place, or of none. */
  voxels(line: number): VoxelPair | null {
    if (!this.#isLevel) return null
    const between = this.#between(line)
    const { lower, share } = between
    if (lower < 0) return null
    const only = this.#only(between)
    const one = this.#slices[only ?? lower] ?? null
    if (one === null) return null
    const run = pixelRun(one, this.#walk(only ?? lower, line), this.#lines.lengthPx)
    if (run === null) return null
    const { values } = one
    if (only !== null) return { values, run, other: values, otherAt: run.at + run.beside, share: run.share }
    const next = this.#slices[lower + 1] ?? null
    if (next === null || run.share > 0) return null
    const beyond = pixelRun(next, this.#walk(lower + 1, line), this.#lines.lengthPx)
    if (beyond?.share !== 0 || beyond.first !== run.first || beyond.end !== run.end) return null
    return { values, run, other: next.values, otherAt: beyond.at, share }
  }

  /** Values of a line; NaN where there is nothing. */
  read(line: number, into: Float64Array): void {
    if (this.#isLevel) this.#readBetween(this.#between(line), line, into)
    else for (let at = 0; at < into.length; at += 1) into[at] = this.#valueAt(line, at)
  }

  #between(line: number, at = 0): Between {
    return this.#finder.find(this.#fromMm + line * this.#across.mm + at * this.#along.mm)
  }

  /** The slice that holds the place by itself; null where it lies between two, or where none is. */
  #only({ lower, share }: Between): number | null {
    if (lower < 0) return null
    return share < ON_SLICE_MM ? lower : share > 1 - ON_SLICE_MM ? lower + 1 : null
  }

  #readBetween(between: Between, line: number, into: Float64Array): void {
    const { lower, share } = between
    const only = this.#only(between)
    const slice = this.#sliceValues(only ?? lower)
    if (slice === null) into.fill(Number.NaN)
    else readRow(slice, this.#walk(only ?? lower, line), into)
    if (only !== null || lower < 0) return
    const other = this.#sliceValues(lower + 1)
    if (other !== null) mixRow(other, this.#walk(lower + 1, line), share, into, this.#spare)
    else if (share >= 0.5) into.fill(Number.NaN)
  }

  #valueAt(line: number, at: number): number {
    const between = this.#between(line, at)
    const { lower, share } = between
    if (lower < 0) return Number.NaN
    const only = this.#only(between)
    return only === null
      ? onTheWay(this.#inSlice(lower, line, at), this.#inSlice(lower + 1, line, at), share)
      : this.#inSlice(only, line, at)
  }

  #inSlice(slice: number, line: number, at: number): number {
    const values = this.#sliceValues(slice)
    const [along, across] = [this.#along, this.#across]
    return values === null
      ? Number.NaN
      : bilinear(
          values,
          (this.#columnFrom[slice] ?? 0) + line * across.column + at * along.column,
          (this.#rowFrom[slice] ?? 0) + line * across.row + at * along.row,
        )
  }

  #sliceValues(slice: number): SliceValues | null {
    return this.#slices[slice] ?? null
  }

  #walk(slice: number, line: number): RowWalk {
    const [along, across] = [this.#along, this.#across]
    return {
      column: (this.#columnFrom[slice] ?? 0) + line * across.column,
      row: (this.#rowFrom[slice] ?? 0) + line * across.row,
      columnStep: along.column,
      rowStep: along.row,
    }
  }
}

/** The mean or the largest of what lies in the layers of a slab, line by line. */
class LineStack {
  readonly #take: Slab['take']
  readonly #padding: Range
  readonly #layer: Float64Array
  readonly #counts: Uint16Array

  constructor(lengthPx: number, take: Slab['take'], padding: Range) {
    this.#take = take
    this.#padding = padding
    this.#layer = new Float64Array(lengthPx)
    this.#counts = new Uint16Array(lengthPx)
  }

  read([first, ...others]: readonly Layer[], line: number, into: Float64Array): void {
    first?.read(line, into)
    if (others.length === 0) return
    if (this.#take === 'largest') {
      for (const other of others) this.#raise(other, line, into)
      return
    }
    const counts = this.#counts
    for (let at = 0; at < into.length; at += 1) counts[at] = Number.isNaN(into[at]) ? 0 : 1
    for (const other of others) this.#add(other, line, into)
    for (let at = 0; at < into.length; at += 1) into[at] = (into[at] ?? Number.NaN) / (counts[at] ?? 0)
  }

  #raise(layer: Layer, line: number, into: Float64Array): void {
    const own = layer.voxels(line)
    if (own?.share === 0) {
      raiseTo(own, this.#padding, into)
      return
    }
    layer.read(line, this.#layer)
    for (let at = 0; at < into.length; at += 1) {
      const value = this.#layer[at] ?? Number.NaN
      const before = into[at] ?? Number.NaN
      if (value > before || Number.isNaN(before)) into[at] = value
    }
  }

  #add(layer: Layer, line: number, into: Float64Array): void {
    layer.read(line, this.#layer)
    for (let at = 0; at < into.length; at += 1) {
      const value = this.#layer[at] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const count = this.#counts[at] ?? 0
      into[at] = count === 0 ? value : (into[at] ?? 0) + value
      this.#counts[at] = count + 1
    }
  }
}

function raiseTo({ values, run }: VoxelPair, { least, most }: Range, into: Float64Array): void {
  const { end, step } = run
  for (let n = run.first, at = run.at; n < end; n += 1, at += step) {
    const value = values[at] ?? Number.NaN
    if ((value < least || value > most) && !((into[n] ?? Number.NaN) >= value)) into[n] = value
  }
}

/** A picture that is being made, and what stands in it where nothing lies. */
interface Made {
  readonly into: VoxelValues
  readonly outside: number
  /** From one pixel of a line to the next. */
  readonly step: number
  readonly lengthPx: number
  readonly padding: Range
}

/** Whole numbers out of whole numbers: the pixels of a slice themselves, its padding too, or between two lines of them. */
function writeVoxels(own: VoxelPair, from: number, made: Made): void {
  const { into, outside, step, lengthPx } = made
  const { values, run, share } = own
  const { first, end } = run
  for (let n = 0, to = from; n < first; n += 1, to += step) into[to] = outside
  for (let n = end, to = from + end * step; n < lengthPx; n += 1, to += step) into[to] = outside
  if (share > 0) writeBetween(own, from, made)
  else if (step === 1 && run.step === 1) into.set(values.subarray(run.at, run.at + end - first), from + first)
  else
    for (let n = first, at = run.at, to = from + first * step; n < end; n += 1, at += run.step, to += step)
      into[to] = values[at] ?? 0
}

function writeBetween(own: VoxelPair, lineFrom: number, made: Made): void {
  const { values, run, other, share } = own
  const { outside, step, padding } = made
  const { least, most } = padding
  const count = run.end - run.first
  const isFromNearer = share < 0.5
  // Arrays of their own, counted from nought, are read in less time.
  const by = run.step
  const before = by < 0 ? (count - 1) * by : 0
  const span = Math.abs((count - 1) * by) + 1
  const ones = values.subarray(run.at + before, run.at + before + span)
  const others = other.subarray(own.otherAt + before, own.otherAt + before + span)
  const into = made.into.subarray(lineFrom + run.first * step)
  for (let n = 0, at = -before, to = 0; n < count; n += 1, at += by, to += step) {
    const from = ones[at] ?? 0
    const beyond = others[at] ?? 0
    if ((from < least || from > most) && (beyond < least || beyond > most))
      into[to] = Math.floor(from + (beyond - from) * share + 0.5)
    else {
      const nearer = isFromNearer ? from : beyond
      into[to] = nearer < least || nearer > most ? nearer : outside
    }
  }
}

/** Whole numbers are rounded to the nearest, halves upwards. */
function writeLine(values: Float64Array, from: number, { into, outside, step }: Made): void {
  const isWhole = !(into instanceof Float32Array)
  for (let at = 0, to = from; at < values.length; at += 1, to += step) {
    const value = values[at] ?? Number.NaN
    into[to] = Number.isNaN(value) ? outside : isWhole ? Math.floor(value + 0.5) : value
  }
}

/**
 * Values of a volume on a plane, [row][column], in the scale of its slices. Of a slab the mean or the largest of what
 * lies at each pixel; where nothing lies at all, `outside`. Whole numbers are rounded to the nearest.
 */
export function resliceInto(
  volume: Volume,
  plane: Plane,
  { offsetsMm, take }: Slab,
  into: VoxelValues,
): void {
  const { places, outside } = volume
  const padding = volume.padding ?? NO_PADDING
  const { columns, rows } = places
  const lines = linesOf(places, plane)
  const slices = volume.slices.map((values) => values && { values, columns, rows, padding })
  const layers = offsetsMm.map((offsetMm) => new Layer({ places, slices, plane, lines }, offsetMm))
  const stack = new LineStack(lines.lengthPx, take, padding)
  const values = new Float64Array(lines.lengthPx)
  const made: Made = { into, outside, padding, step: lines.step, lengthPx: lines.lengthPx }
  // Floats may be no number, which is not shown as it stands.
  const isWhole =
    !(into instanceof Float32Array) && !volume.slices.some((slice) => slice instanceof Float32Array)
  const only = isWhole && layers.length === 1 ? layers[0] : undefined
  for (let line = 0; line < lines.count; line += 1) {
    const own = only?.voxels(line) ?? null
    if (own === null) {
      stack.read(layers, line, values)
      writeLine(values, line * lines.next, made)
    } else writeVoxels(own, line * lines.next, made)
  }
}
