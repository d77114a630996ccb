import type { UnitLengths } from '../contour/polygon'
import { longestAxis } from '../contour/polygon'
import type { Ring } from '../contour/trace'

/**
 * The two diameters that guidelines ask for, in the unit of `UnitLengths`: the long axis is the longest straight line
 * between two points of an outline, the short axis the longest line at right angles to it that stays inside the
 * outline (Bankier et al., Radiology 2017;285:584). Holes do not part it: a cavity belongs to the lesion's extent.
 */
export interface Axes {
  readonly long: number
  readonly short: number
}

/** Ends of cross-sections are taken this far beside a corner, where the section is not ambiguous. */
const BESIDE_CORNER = 1e-7

/** Axes of the outline that has the longest one; null without an outline. */
export function axesOf(rings: readonly Ring[], unit: UnitLengths): Axes | null {
  const axis = longestAxis(rings, unit)
  if (axis === null || !(axis.length > 0)) return null
  const { from, to, ring } = axis
  const direction = { x: (to.x - from.x) / axis.length, y: (to.y - from.y) / axis.length }
  return { long: axis.length, short: widestSection(turned(ring, unit, direction)) }
}

/** A ring in lengths along the axis and across it: along0, across0, along1, across1, … */
function turned(
  ring: Ring,
  unit: UnitLengths,
  direction: { readonly x: number; readonly y: number },
): Float64Array {
  const points = new Float64Array(ring.length)
  for (let at = 0; at < ring.length; at += 2) {
    const x = (ring[at] ?? 0) * unit.x
    const y = (ring[at + 1] ?? 0) * unit.y
    points[at] = x * direction.x + y * direction.y
    points[at + 1] = y * direction.x - x * direction.y
  }
  return points
}

/**
 * The longest piece of a line across the axis that lies inside. Between two corners the length of each piece changes
 * linearly, so that the longest stands at a corner, seen from its left or from its right.
 */
function widestSection(points: Float64Array): number {
  let widest = 0
  for (let at = 0; at < points.length; at += 2) {
    const along = points[at] ?? 0
    const beside = BESIDE_CORNER * Math.max(1, Math.abs(along))
    widest = Math.max(widest, longestPieceAt(points, along - beside), longestPieceAt(points, along + beside))
  }
  return widest
}

function longestPieceAt(points: Float64Array, along: number): number {
  const crossings: number[] = []
  const last = points.length - 2
  for (let at = 0, before = last; at < points.length; before = at, at += 2) {
    const a = points[before] ?? 0
    const b = points[at] ?? 0
    if (a < along === b < along) continue
    const part = (along - a) / (b - a)
    crossings.push((points[before + 1] ?? 0) * (1 - part) + (points[at + 1] ?? 0) * part)
  }
  crossings.sort((first, second) => first - second)
  let longest = 0
  for (let at = 0; at + 1 < crossings.length; at += 2)
    longest = Math.max(longest, (crossings[at + 1] ?? 0) - (crossings[at] ?? 0))
  return longest
}
