/** Whether one closed polygon lies within another: by their lines, so that neither pixels nor their size decide. */

/** Nearer than this (in pixels) to a line counts as on it: corners are kept to six decimals. */
const ON_LINE_PX = 2e-6
/** Rows that the sides of one polygon pass, beyond which nothing is said: then it lies within nothing. */
const MOST_ROWS = 4_000_000

interface Side {
  readonly ax: number
  readonly ay: number
  readonly bx: number
  readonly by: number
}

function sidesOf(points: ArrayLike<number>): readonly Side[] {
  const sides: Side[] = []
  let ax = points[points.length - 2] ?? 0
  let ay = points[points.length - 1] ?? 0
  for (let at = 0; at + 1 < points.length; at += 2) {
    const [bx, by] = [points[at] ?? 0, points[at + 1] ?? 0]
    if (ax !== bx || ay !== by) sides.push({ ax, ay, bx, by })
    ;[ax, ay] = [bx, by]
  }
  return sides
}

/** Sides by the whole rows that they pass; null where that would be too many. */
function rowsOf(sides: readonly Side[]): ReadonlyMap<number, readonly Side[]> | null {
  const rows = new Map<number, Side[]>()
  let count = 0
  for (const side of sides) {
    const [first, last] = rowSpan(side)
    count += last - first + 1
    if (count > MOST_ROWS) return null
    for (let row = first; row <= last; row += 1) {
      const own = rows.get(row)
      if (own === undefined) rows.set(row, [side])
      else own.push(side)
    }
  }
  return rows
}

const rowSpan = ({ ay, by }: Side): readonly [number, number] => [
  Math.floor(Math.min(ay, by) - ON_LINE_PX),
  Math.floor(Math.max(ay, by) + ON_LINE_PX),
]

/** Distance of a point from the line through a side, positive on its left; 0 where it is as good as on it. */
function besides({ ax, ay, bx, by }: Side, x: number, y: number): number {
  const distance = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / Math.hypot(bx - ax, by - ay)
  return Math.abs(distance) <= ON_LINE_PX ? 0 : distance
}

/** True where two sides cross in their middles, or run along each other for a stretch. */
function collide(a: Side, b: Side): boolean {
  const [a1, a2] = [besides(a, b.ax, b.ay), besides(a, b.bx, b.by)]
  if (a1 * a2 > 0) return false
  const [b1, b2] = [besides(b, a.ax, a.ay), besides(b, a.bx, a.by)]
  if (a1 * a2 < 0 && b1 * b2 < 0) return true
  if (a1 !== 0 || a2 !== 0) return false
  const length = Math.hypot(a.bx - a.ax, a.by - a.ay)
  const along = (x: number, y: number): number =>
    ((x - a.ax) * (a.bx - a.ax) + (y - a.ay) * (a.by - a.ay)) / length
  const [from, to] = [along(b.ax, b.ay), along(b.bx, b.by)]
  return Math.min(length, Math.max(from, to)) - Math.max(0, Math.min(from, to)) > ON_LINE_PX
}

/** Where a point lies: on a side, or inside or outside by the even-odd rule. */
function placeOf(sides: readonly Side[], x: number, y: number): 'on' | 'inside' | 'outside' {
  let inside = false
  for (const side of sides) {
    const { ax, ay, bx, by } = side
    const near =
      x >= Math.min(ax, bx) - ON_LINE_PX &&
      x <= Math.max(ax, bx) + ON_LINE_PX &&
      y >= Math.min(ay, by) - ON_LINE_PX &&
      y <= Math.max(ay, by) + ON_LINE_PX
    if (near && besides(side, x, y) === 0) return 'on'
    if (ay <= y !== by <= y && ax + ((y - ay) / (by - ay)) * (bx - ax) > x) inside = !inside
  }
  return inside ? 'inside' : 'outside'
}

/**
 * True when the polygon `inner` (x0, y0, x1, y1, …) lies strictly within `outer`: inside it, not the same, no side
 * crossing one of it or running along one. Touching in single points is allowed, as for a hole.
 */
export function liesWithin(inner: ArrayLike<number>, outer: ArrayLike<number>): boolean {
  const rows = rowsOf(sidesOf(outer))
  const sides = sidesOf(inner)
  if (rows === null || sides.length === 0) return false
  const at = (row: number): readonly Side[] => rows.get(row) ?? []
  let isInside = false
  for (const side of sides) {
    const [first, last] = rowSpan(side)
    for (let row = first; row <= last; row += 1) {
      if (at(row).some((other) => collide(side, other))) return false
    }
    const { ax, ay, bx, by } = side
    for (const [x, y] of [
      [ax, ay],
      [(ax + bx) / 2, (ay + by) / 2],
    ] as const) {
      const place = placeOf(at(Math.floor(y)), x, y)
      if (place === 'outside') return false
      isInside ||= place === 'inside'
    }
  }
  return isInside
}
