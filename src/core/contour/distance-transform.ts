/**
 * Exact Euclidean distances by lower envelopes of parabolas (Felzenszwalb and Huttenlocher, Theory of Computing 8,
 * 2012), one axis after another, with a length of its own for a step along each axis. Linear in the number of
 * elements. Squared distances of unit steps are whole numbers and come out exact.
 */

/** Elements along x, y, z; x runs fastest in memory. A plane has a depth of 1. */
export interface Extent {
  readonly width: number
  readonly height: number
  readonly depth: number
}

/** Length of one step along x, y, z, in whatever unit the distances shall have. */
export interface StepLengths {
  readonly x: number
  readonly y: number
  readonly z: number
}

/** So many elements are swept between two stops: a few milliseconds. */
const ELEMENTS_A_STEP = 100_000

/**
 * For each element the squared distance between its centre and that of the nearest member (an element of `members`
 * that is not 0): 0 on members, Infinity everywhere if there are none. [z][y][x].
 */
export function squaredDistances(
  members: ArrayLike<number>,
  extent: Extent,
  step: StepLengths = { x: 1, y: 1, z: 1 },
): Float64Array {
  const field = new Float64Array(extent.width * extent.height * extent.depth)
  const sweeps = sweepAll(field, members, extent, step)
  while (sweeps.next().done !== true);
  return field
}

/** The same, with a stop every few milliseconds for whoever has other things to see to. */
export function* squaredDistancesInSteps(
  members: ArrayLike<number>,
  extent: Extent,
  step: StepLengths,
): Generator<undefined, Float64Array, undefined> {
  const field = new Float64Array(extent.width * extent.height * extent.depth)
  yield* sweepAll(field, members, extent, step)
  return field
}

function* sweepAll(
  field: Float64Array,
  members: ArrayLike<number>,
  { width, height, depth }: Extent,
  step: StepLengths,
): Generator<undefined, void, undefined> {
  sweepRows(field, members, width, step.x)
  yield
  const plane = width * height
  const room = envelopeFor(Math.max(height, depth))
  let swept = 0
  for (let column = 0; column < width * depth && height > 1; column += 1) {
    const z = Math.floor(column / width)
    sweepLine(field, z * plane + (column % width), width, height, step.y, room)
    swept += height
    if (swept >= ELEMENTS_A_STEP) {
      swept = 0
      yield
    }
  }
  for (let start = 0; start < plane && depth > 1; start += 1) {
    sweepLine(field, start, plane, depth, step.z, room)
    swept += depth
    if (swept >= ELEMENTS_A_STEP) {
      swept = 0
      yield
    }
  }
}

/** Along a row members are 0 apart from themselves, so that one sweep each way finds the nearest. */
function sweepRows(field: Float64Array, members: ArrayLike<number>, width: number, step: number): void {
  for (let start = 0; start < field.length; start += width) {
    let gap = Infinity
    for (let at = start; at < start + width; at += 1) {
      gap = members[at] === 0 ? gap + 1 : 0
      field[at] = gap
    }
    gap = Infinity
    for (let at = start + width - 1; at >= start; at -= 1) {
      gap = members[at] === 0 ? gap + 1 : 0
      const nearest = Math.min(gap, field[at] ?? Infinity) * step
      field[at] = nearest * nearest
    }
  }
}

/** Room for one line: its values, and the parabolas of its lower envelope with where each begins to be the lowest. */
interface Envelope {
  readonly values: Float64Array
  readonly vertices: Int32Array
  readonly begins: Float64Array
}

const envelopeFor = (length: number): Envelope => ({
  values: new Float64Array(length),
  vertices: new Int32Array(length),
  begins: new Float64Array(length),
})

/** Replaces the values f(q) of one line by the minimum over q of f(q) + (step (p - q))^2. */
function sweepLine(
  field: Float64Array,
  start: number,
  stride: number,
  length: number,
  step: number,
  { values, vertices, begins }: Envelope,
): void {
  const square = step * step
  let last = -1
  for (let q = 0; q < length; q += 1) {
    const value = field[start + q * stride] ?? Infinity
    values[q] = value
    if (value === Infinity) continue
    let begin = -Infinity
    while (last >= 0) {
      const other = vertices[last] ?? 0
      // Where the parabolas from q and from `other` meet; left of it `other` is lower.
      begin = ((value - (values[other] ?? 0)) / square + q * q - other * other) / (2 * (q - other))
      if (begin > (begins[last] ?? 0)) break
      last -= 1
      begin = -Infinity
    }
    last += 1
    vertices[last] = q
    begins[last] = begin
  }
  if (last < 0) return
  let of = 0
  for (let p = 0; p < length; p += 1) {
    while (of < last && (begins[of + 1] ?? Infinity) < p) of += 1
    const vertex = vertices[of] ?? 0
    field[start + p * stride] = (values[vertex] ?? 0) + square * (p - vertex) * (p - vertex)
  }
}
