import type { Ring } from './trace'

/** Length of one coordinate unit along x and y: millimetres come out right where pixels are not square. */
export interface UnitLengths {
  readonly x: number
  readonly y: number
}

/**
 * The longest straight distance between two points of one ring, over all rings (holes cannot be the longest): what
 * a ruler laid across the largest connected piece reads. 0 without rings.
 */
export function longestDiameter(rings: readonly Ring[], unit: UnitLengths): number {
  let longest = 0
  for (const ring of rings) {
    if (boxDiagonal(ring, unit) <= longest) continue
    longest = Math.max(longest, hullDiameter(convexHull(ring, unit)))
  }
  return longest
}

function boxDiagonal(ring: Ring, unit: UnitLengths): number {
  let left = Infinity
  let right = -Infinity
  let top = Infinity
  let bottom = -Infinity
  for (let at = 0; at < ring.length; at += 2) {
    const x = ring[at] ?? 0
    const y = ring[at + 1] ?? 0
    if (x < left) left = x
    if (x > right) right = x
    if (y < top) top = y
    if (y > bottom) bottom = y
  }
  return Math.hypot((right - left) * unit.x, (bottom - top) * unit.y)
}

/**
 * Corners of the convex hull of a ring's points, scaled to lengths: x0, y0, x1, y1, … By sorting along x and taking
 * the lower and the upper chain (Andrew 1979): rings touch themselves where pixels meet at a corner, which methods
 * for simple polygons do not stand.
 */
function convexHull(ring: Ring, unit: UnitLengths): Float64Array {
  const x = Float64Array.from({ length: ring.length / 2 }, (_, at) => (ring[2 * at] ?? 0) * unit.x)
  const y = Float64Array.from({ length: ring.length / 2 }, (_, at) => (ring[2 * at + 1] ?? 0) * unit.y)
  const along = Uint32Array.from(x.keys()).sort(
    (a, b) => (x[a] ?? 0) - (x[b] ?? 0) || (y[a] ?? 0) - (y[b] ?? 0),
  )
  const corners = [...chain(along, x, y), ...chain(along.reverse(), x, y)]
  return Float64Array.from(corners.flatMap((at) => [x[at] ?? 0, y[at] ?? 0]))
}

/** The points, in this order, that a band drawn tight on their right side touches. */
function chain(along: Uint32Array, x: Float64Array, y: Float64Array): number[] {
  const taken: number[] = []
  const turn = (a: number, b: number, c: number): number =>
    ((x[b] ?? 0) - (x[a] ?? 0)) * ((y[c] ?? 0) - (y[a] ?? 0)) -
    ((y[b] ?? 0) - (y[a] ?? 0)) * ((x[c] ?? 0) - (x[a] ?? 0))
  for (const at of along) {
    while (taken.length > 1 && turn(taken.at(-2) ?? 0, taken.at(-1) ?? 0, at) <= 0) taken.pop()
    taken.push(at)
  }
  return taken
}

/** Largest distance between two corners of a hull; corners are few, so each pair is measured. */
function hullDiameter(hull: Float64Array): number {
  let longest = 0
  for (let a = 0; a < hull.length; a += 2)
    for (let b = a + 2; b < hull.length; b += 2) {
      const x = (hull[a] ?? 0) - (hull[b] ?? 0)
      const y = (hull[a + 1] ?? 0) - (hull[b + 1] ?? 0)
      longest = Math.max(longest, x * x + y * y)
    }
  return Math.sqrt(longest)
}
