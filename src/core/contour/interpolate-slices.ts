/**
 * Masks between two drawn slices by their shape (Raya and Udupa, IEEE TMI 9, 1990): the signed distance to the
 * contour is blended and cut at zero. Before that, pieces of the two slices are brought together:
 *
 *   pieces that overlap, directly or by way of others    blended as one, moving from one centre of mass to the other
 *   pieces left over with one nearby on the other slice  likewise (an oblique vessel)
 *   pieces with nothing to become                        shrink evenly to nothing on the way to the other slice
 */
import type { PixelSpacing } from '../../contract'
import type { Mask } from '../image/mask'
import { squaredDistances } from './distance-transform'
import { labelPieces, type Pieces } from './pieces'
import { boxOfPixels, cutOut, stampInto, uniteBoxes, type PixelBox } from './slice-mask'

/** Two pieces that do not overlap are one structure if their centres lie no further apart than this many times their radii together. */
const NEAR_RADII = 2

/** Square pixels of no known size. */
const UNIT: PixelSpacing = { row: 1, column: 1 }

/**
 * The masks at these fractions of the way from `first` (0) to `last` (1), both of one size. Without spacing, pixels
 * are taken as square.
 */
export function interpolateSlices(
  first: Mask,
  last: Mask,
  fractions: readonly number[],
  spacing: PixelSpacing | null,
): Mask[] {
  const box = uniteBoxes(boxOfPixels(first), boxOfPixels(last))
  const held = [cutOut(first, box).mask, cutOut(last, box).mask] as const
  const parts = matchPieces(labelPieces(held[0]), labelPieces(held[1]), box.widthPx).map((match) =>
    prepare(match, box.widthPx, spacing ?? UNIT),
  )
  return fractions.map((fraction) => {
    const { widthPx, heightPx } = first
    const between: Mask = { widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) }
    for (const part of parts) stampPart(between, part, box, fraction)
    return between
  })
}

/** Pixels (index within the common box) of what is one structure on the two slices; one side may be empty. */
interface Match {
  readonly sides: readonly [readonly number[], readonly number[]]
}

/** Groups of pieces that overlap, then pairs of nearby ones, then what is left alone. */
function matchPieces(a: Pieces, b: Pieces, widthPx: number): Match[] {
  const countA = a.sizesPx.length
  const group = Array.from({ length: countA + b.sizesPx.length }, (_, at) => at)
  const rootOf = (at: number): number => {
    let root = at
    while (group[root] !== root) root = group[root] ?? 0
    return root
  }
  a.labels.forEach((label, at) => {
    const other = b.labels[at] ?? 0
    if (label !== 0 && other !== 0) group[rootOf(label)] = rootOf(countA + other)
  })
  const members = new Map<number, [number[], number[]]>()
  for (const [side, pieces] of [a, b].entries()) {
    pieces.labels.forEach((label, at) => {
      if (label === 0) return
      const root = rootOf(side === 0 ? label : countA + label)
      const sides = members.get(root) ?? [[], []]
      sides[side === 0 ? 0 : 1].push(at)
      members.set(root, sides)
    })
  }
  const matches = [...members.values()].map((sides): Match => ({ sides }))
  return pairNearby(matches, widthPx)
}

/** So many pieces of a slice, the largest, look for one nearby: noise of thousands of specks costs no time. */
const MOST_ALONE = 256

/** Joins pieces that have nothing on the other slice, the nearest pair first. */
function pairNearby(matches: readonly Match[], widthPx: number): Match[] {
  const joined = matches.filter(({ sides }) => sides[0].length > 0 && sides[1].length > 0)
  const alone = matches.filter(({ sides }) => sides[0].length === 0 || sides[1].length === 0)
  const largest = (side: 0 | 1): Alone[] =>
    alone
      .filter(({ sides }) => sides[side].length > 0)
      .sort((p, q) => q.sides[side].length - p.sides[side].length)
      .slice(0, MOST_ALONE)
      .map((match) => {
        const pixels = match.sides[side]
        return { match, pixels, radius: Math.sqrt(pixels.length / Math.PI), ...centreOf(pixels, widthPx) }
      })
  const ends = largest(1)
  const pairs = largest(0).flatMap((one) =>
    ends.map((other) => ({ one, other, apart: Math.hypot(other.x - one.x, other.y - one.y) })),
  )
  const taken = new Set<Match>()
  for (const { one, other, apart } of pairs.sort((p, q) => p.apart - q.apart)) {
    if (apart > NEAR_RADII * (one.radius + other.radius)) continue
    if (taken.has(one.match) || taken.has(other.match)) continue
    taken.add(one.match).add(other.match)
    joined.push({ sides: [one.pixels, other.pixels] })
  }
  return [...joined, ...alone.filter((match) => !taken.has(match))]
}

interface Alone {
  readonly match: Match
  readonly pixels: readonly number[]
  readonly radius: number
  readonly x: number
  readonly y: number
}

function centreOf(pixels: readonly number[], widthPx: number): { readonly x: number; readonly y: number } {
  let [x, y] = [0, 0]
  for (const at of pixels) {
    x += at % widthPx
    y += Math.floor(at / widthPx)
  }
  return { x: x / pixels.length, y: y / pixels.length }
}

/** Signed distances to one side's contour, positive inside, on the part's box with a margin; null where that side is empty. */
type Side = { readonly field: Float64Array; readonly deepest: number } | null

interface Part {
  readonly sides: readonly [Side, Side]
  /** From the centre of mass on the first slice to that on the last, in pixels. */
  readonly shift: { readonly x: number; readonly y: number }
  /** Where the fields begin, in pixels of the common box. */
  readonly left: number
  readonly top: number
  readonly stride: number
  readonly rows: number
}

/** Background around each part, so that its shapes are closed. */
const MARGIN_PX = 1

function prepare({ sides }: Match, widthPx: number, spacing: PixelSpacing): Part {
  let [left, right, top, bottom] = [Infinity, 0, Infinity, 0]
  for (const at of [...sides[0], ...sides[1]]) {
    left = Math.min(left, (at % widthPx) - MARGIN_PX)
    right = Math.max(right, (at % widthPx) + MARGIN_PX)
    top = Math.min(top, Math.floor(at / widthPx) - MARGIN_PX)
    bottom = Math.max(bottom, Math.floor(at / widthPx) + MARGIN_PX)
  }
  const stride = right - left + 1
  const rows = bottom - top + 1
  const side = (pixels: readonly number[]): Side => {
    if (pixels.length === 0) return null
    const members = new Uint8Array(stride * rows)
    for (const at of pixels) members[(Math.floor(at / widthPx) - top) * stride + (at % widthPx) - left] = 1
    const field = signedDistances(members, stride, rows, spacing)
    return { field, deepest: field.reduce((most, value) => Math.max(most, value), 0) }
  }
  const both = sides[0].length > 0 && sides[1].length > 0
  const [from, to] = [centreOf(sides[0], widthPx), centreOf(sides[1], widthPx)]
  const shift = both ? { x: to.x - from.x, y: to.y - from.y } : { x: 0, y: 0 }
  return { sides: [side(sides[0]), side(sides[1])], shift, left, top, stride, rows }
}

/** Distance to the nearest pixel of the other kind, less half a step: the contour runs half way between pixel centres. */
function signedDistances(
  members: Uint8Array,
  width: number,
  height: number,
  spacing: PixelSpacing,
): Float64Array {
  const extent = { width, height, depth: 1 }
  const step = { x: spacing.column, y: spacing.row, z: 1 }
  const half = Math.min(step.x, step.y) / 2
  const outwards = squaredDistances(members, extent, step)
  const inwards = squaredDistances(
    members.map((member) => 1 - member),
    extent,
    step,
  )
  return outwards.map((square, at) =>
    square > 0 ? half - Math.sqrt(square) : Math.sqrt(inwards[at] ?? 0) - half,
  )
}

function stampPart(target: Mask, part: Part, box: PixelBox, fraction: number): void {
  const { stride, rows, shift } = part
  const [first, last] = part.sides
  const pixels = new Uint8Array(stride * rows)
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < stride; column += 1) {
      const at = (field: Float64Array, share: number): number =>
        sampleAt(field, part, column - share * shift.x, row - share * shift.y)
      let inside = 0
      if (first !== null && last !== null) {
        inside = (1 - fraction) * at(first.field, fraction) + fraction * at(last.field, fraction - 1)
      } else if (first !== null) inside = at(first.field, 0) - fraction * first.deepest
      else if (last !== null) inside = at(last.field, 0) - (1 - fraction) * last.deepest
      if (inside > 0) pixels[row * stride + column] = 1
    }
  }
  const mask = { widthPx: stride, heightPx: rows, pixels }
  stampInto(target, { originColumn: box.column + part.left, originRow: box.row + part.top, mask }, 1)
}

/** Bilinear; beyond the grid its nearest value. */
function sampleAt(field: Float64Array, { stride, rows }: Part, x: number, y: number): number {
  const column = Math.min(Math.max(x, 0), stride - 1)
  const row = Math.min(Math.max(y, 0), rows - 1)
  const [left, top] = [Math.floor(column), Math.floor(row)]
  const [right, bottom] = [Math.min(left + 1, stride - 1), Math.min(top + 1, rows - 1)]
  const [across, down] = [column - left, row - top]
  const value = (r: number, c: number): number => field[r * stride + c] ?? 0
  return (
    (1 - down) * ((1 - across) * value(top, left) + across * value(top, right)) +
    down * ((1 - across) * value(bottom, left) + across * value(bottom, right))
  )
}
