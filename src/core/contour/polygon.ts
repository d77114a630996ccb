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

/** Twice the area of the triangle a, b, (x, y), a and b being places in a list of x, y: positive for a turn to the right on the screen. */
function turn(line: Float64Array, a: number, b: number, x: number, y: number): number {
  const ax = line[a] ?? 0
  const ay = line[a + 1] ?? 0
  return ((line[b] ?? 0) - ax) * (y - ay) - ((line[b + 1] ?? 0) - ay) * (x - ax)
}

/**
 * Convex hull of a ring that does not cross itself, scaled to lengths: x0, y0, x1, y1, …, clockwise on the screen,
 * no three in line; two points where all lie on a line. One pass with a line whose two ends meet (Melkman 1987).
 */
function convexHull(ring: Ring, unit: UnitLengths): Float64Array {
  const points = scaledFromLeftmost(ring, unit)
  const pointX = (at: number): number => points[at] ?? 0
  const pointY = (at: number): number => points[at + 1] ?? 0
  let next = 4
  while (next < points.length && turn(points, 0, next - 2, pointX(next), pointY(next)) === 0) next += 2
  if (next >= points.length)
    return Float64Array.from([pointX(0), pointY(0), pointX(next - 2), pointY(next - 2)])

  const hull = new Float64Array(2 * points.length + 8)
  let first = points.length - 2
  let last = first + 6
  const clockwise = turn(points, 0, next - 2, pointX(next), pointY(next)) > 0
  ;[next, clockwise ? 0 : next - 2, clockwise ? next - 2 : 0, next].forEach((from, place) => {
    hull[first + 2 * place] = pointX(from)
    hull[first + 2 * place + 1] = pointY(from)
  })
  for (let at = next + 2; at < points.length; at += 2) {
    const x = pointX(at)
    const y = pointY(at)
    if (turn(hull, first, first + 2, x, y) > 0 && turn(hull, last - 2, last, x, y) > 0) continue
    while (last - first > 2 && turn(hull, first, first + 2, x, y) <= 0) first += 2
    while (last - first > 2 && turn(hull, last - 2, last, x, y) <= 0) last -= 2
    first -= 2
    last += 2
    hull[first] = hull[last] = x
    hull[first + 1] = hull[last + 1] = y
  }
  return hull.slice(first, last)
}

/** The ring's points as lengths, beginning with the leftmost (of these the topmost), which is on the hull. */
function scaledFromLeftmost(ring: Ring, unit: UnitLengths): Float64Array {
  let start = 0
  for (let at = 2; at < ring.length; at += 2) {
    const nearer = (ring[at] ?? 0) - (ring[start] ?? 0)
    if (nearer < 0 || (nearer === 0 && (ring[at + 1] ?? 0) < (ring[start + 1] ?? 0))) start = at
  }
  const points = new Float64Array(ring.length)
  for (let at = 0; at < ring.length; at += 2) {
    const from = (start + at) % ring.length
    points[at] = (ring[from] ?? 0) * unit.x
    points[at + 1] = (ring[from + 1] ?? 0) * unit.y
  }
  return points
}

/** Largest distance between two corners of a convex hull, by calipers that turn once around it (Shamos 1978). */
function hullDiameter(hull: Float64Array): number {
  const size = hull.length
  const squared = (a: number, b: number): number => {
    const x = (hull[a] ?? 0) - (hull[b] ?? 0)
    const y = (hull[a + 1] ?? 0) - (hull[b + 1] ?? 0)
    return x * x + y * y
  }
  if (size <= 4) return Math.sqrt(squared(0, size - 2))
  const height = (edge: number, point: number): number =>
    turn(hull, edge, (edge + 2) % size, hull[point] ?? 0, hull[point + 1] ?? 0)
  let longest = 0
  let far = 2
  for (let edge = 0; edge < size; edge += 2) {
    while (height(edge, (far + 2) % size) > height(edge, far)) far = (far + 2) % size
    longest = Math.max(longest, squared(edge, far), squared((edge + 2) % size, far))
  }
  return Math.sqrt(longest)
}
