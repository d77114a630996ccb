import type { Orientation } from '../../contract'
import { cross, dot, length, scale } from './vector'
import type { Vector } from './vector'

/** The letters at the four edges of an image as stored, empty where there is no orientation. */
export interface EdgeLetters {
  readonly left: string
  readonly right: string
  readonly top: string
  readonly bottom: string
}

/** How far a direction cosine may be from length 1, or two of them from a right angle, and still be meant well. */
const COSINE_TOLERANCE = 0.01

/**
 * Image Orientation (Patient) as two unit vectors, or null when the six numbers are no orientation: missing, not
 * finite, of length zero, or not at right angles. Small errors of rounding are taken out. PS3.3 C.7.6.2.1.1.
 */
export function orientationFrom(cosines: readonly (number | null)[]): Orientation | null {
  const [a, b, c, d, e, f] = cosines
  if (a == null || b == null || c == null || d == null || e == null || f == null || cosines.length !== 6)
    return null
  const row: Vector = [a, b, c]
  const column: Vector = [d, e, f]
  const rowLength = length(row)
  const columnLength = length(column)
  const fits = (value: number): boolean => Math.abs(value - 1) <= COSINE_TOLERANCE
  if (!fits(rowLength) || !fits(columnLength)) return null
  if (Math.abs(dot(row, column)) > COSINE_TOLERANCE) return null
  return { row: scale(row, 1 / rowLength), column: scale(column, 1 / columnLength) }
}

/** Unit normal of the image plane: row direction x column direction. Slices ascend along it. */
export function planeNormal(orientation: Orientation): Vector {
  const normal = cross(orientation.row, orientation.column)
  return scale(normal, 1 / length(normal))
}

/** True when both directions agree within `tolerance` (difference of cosines). */
export function sameOrientation(a: Orientation, b: Orientation, tolerance = 1e-3): boolean {
  const near = (u: Vector, v: Vector): boolean =>
    u.every((value, axis) => Math.abs(value - (v[axis] ?? 0)) <= tolerance)
  return near(a.row, b.row) && near(a.column, b.column)
}

/** A second letter is written when the direction leans by more than about 6 degrees (sine) that way. */
const SECOND_LETTER_SINE = 0.1

/** Letters of one direction in LPS, the largest part first: L R, P A, S (head) I (foot). */
export function directionLetters(direction: Vector): string {
  const size = length(direction)
  if (!(size > 0)) return ''
  const names: readonly (readonly [string, string])[] = [
    ['L', 'R'],
    ['P', 'A'],
    ['S', 'I'],
  ]
  return direction
    .map((part, axis) => ({ part: part / size, letters: names[axis] ?? (['', ''] as const) }))
    .filter(({ part }) => Math.abs(part) > SECOND_LETTER_SINE)
    .sort((a, b) => Math.abs(b.part) - Math.abs(a.part))
    .slice(0, 2)
    .map(({ part, letters }) => (part > 0 ? letters[0] : letters[1]))
    .join('')
}

/** Which side of the patient lies at each edge of the image as it is stored (not mirrored, not turned). */
export function edgeLetters(orientation: Orientation): EdgeLetters {
  return {
    left: directionLetters(scale(orientation.row, -1)),
    right: directionLetters(orientation.row),
    top: directionLetters(scale(orientation.column, -1)),
    bottom: directionLetters(orientation.column),
  }
}
