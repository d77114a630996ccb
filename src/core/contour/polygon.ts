import type { Ring } from './trace'

/** Length of one coordinate unit along x and y: millimetres come out right where pixels are not square. */
export interface UnitLengths {
  readonly x: number
  readonly y: number
}

/** A straight line between two points of one ring, in lengths. */
export interface LongestAxis {
  readonly length: number
  readonly from: { readonly x: number; readonly y: number }
  readonly to: { readonly x: number; readonly y: number }
  readonly ring: Ring
}

/**
 * The longest straight line between two points of one ring, over all rings (holes cannot have the longest): where a
 * ruler is laid across the largest connected piece. null without rings.
 */
export function longestAxis(rings: readonly Ring[], unit: UnitLengths): LongestAxis | null {
  let longest: LongestAxis | null = null
  for (const ring of rings) {
    if (longest !== null && boxDiagonal(ring, unit) <= longest.length) continue
    const axis = axisOfHull(convexHull(ring, unit))
    if (longest === null || axis.length > longest.length) longest = { ...axis, ring }
  }
  return longest
}

/** Length of the longest axis: what that ruler reads. 0 without rings. */
export const longestDiameter = (rings: readonly Ring[], unit: UnitLengths): number =>
  longestAxis(rings, unit)?.length ?? 0

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
export function convexHull(ring: Ring, unit: UnitLengths): Float64Array {
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

/** The two corners of a hull that lie farthest apart; corners are few, so each pair is measured. */
function axisOfHull(hull: Float64Array): Omit<LongestAxis, 'ring'> {
  let [longest, from, to] = [0, 0, 0]
  for (let a = 0; a < hull.length; a += 2)
    for (let b = a + 2; b < hull.length; b += 2) {
      const x = (hull[a] ?? 0) - (hull[b] ?? 0)
      const y = (hull[a + 1] ?? 0) - (hull[b + 1] ?? 0)
      if (x * x + y * y > longest) [longest, from, to] = [x * x + y * y, a, b]
    }
  const corner = (at: number): { x: number; y: number } => ({ x: hull[at] ?? 0, y: hull[at + 1] ?? 0 })
  return { length: Math.sqrt(longest), from: corner(from), to: corner(to) }
}
