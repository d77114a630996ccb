/**
 * Several closed outlines of one thing on one plane to pixels. Outlines that lie strictly within others are holes in
 * them (and what lies within a hole is an island again); all else is united, so that an outline that is there twice,
 * or two that cross, never erase each other. Only outlines that say so themselves (CLOSEDPLANAR_XOR, PS3.3 C.8.8.6)
 * are combined by exclusive or.
 */
import type { PlacedMask } from '../contour/box-mask'
import { liesWithin } from '../contour/lies-within'
import type { SizePx } from '../sampling/resample'
import { fillOutline, snapped } from './fill-outlines'

/** Outlines of one thing on one plane that are looked at; each is compared with all others. */
const MOST_OUTLINES = 4096

export interface Outline {
  /** x0, y0, x1, y1, …, pixel-centre coordinates. */
  readonly points: Float64Array
  readonly isXor: boolean
}

export interface Combined {
  /** 0 or 1 for each pixel of the image, row by row. */
  readonly pixels: Uint8Array
  /** Outlines taken for holes, or for islands in holes. */
  readonly nested: number
  /** Outlines that share pixels with others that they do not lie in: united with them. */
  readonly united: number
  /** Outlines that could not be filled and were left out. */
  readonly unusable: number
  /** Outlines in which no pixel's centre lies, or that lie outside the image. */
  readonly empty: number
}

interface Part {
  readonly points: Float64Array
  readonly box: readonly [number, number, number, number]
  readonly filled: PlacedMask
  readonly isXor: boolean
}

function boxOf(points: Float64Array): Part['box'] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let at = 0; at + 1 < points.length; at += 2) {
    const [x, y] = [points[at] ?? 0, points[at + 1] ?? 0]
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return [left, top, right, bottom]
}

const boxWithin = (a: Part['box'], b: Part['box']): boolean =>
  a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3]

/** Sets (1), clears (0) or turns ('xor') the pixels of `mask` in `onto`; answers how many were set before. */
function lay(onto: PlacedMask, { originColumn, originRow, mask }: PlacedMask, value: 0 | 1 | 'xor'): number {
  const { widthPx, heightPx, pixels } = onto.mask
  let before = 0
  for (let row = 0; row < mask.heightPx; row += 1) {
    const y = row + originRow - onto.originRow
    if (y < 0 || y >= heightPx) continue
    for (let column = 0; column < mask.widthPx; column += 1) {
      const x = column + originColumn - onto.originColumn
      if (mask.pixels[row * mask.widthPx + column] !== 1 || x < 0 || x >= widthPx) continue
      const at = y * widthPx + x
      const held = pixels[at] ?? 0
      before += held
      pixels[at] = value === 'xor' ? held ^ 1 : value
    }
  }
  return before
}

/** How deep each part lies in others: 0 in none, else one more than the deepest that it lies in. */
function depthsOf(within: readonly ReadonlySet<number>[]): readonly number[] {
  const depths: (number | undefined)[] = within.map(() => undefined)
  const depthOf = (at: number): number => {
    const known = depths[at]
    if (known !== undefined) return known
    let depth = 0
    for (const other of within[at] ?? []) depth = Math.max(depth, 1 + depthOf(other))
    depths[at] = depth
    return depth
  }
  return within.map((_set, at) => depthOf(at))
}

/** The pixels of each part less those of its holes, the deepest first. */
function cutHoles(
  parts: readonly Part[],
  within: readonly ReadonlySet<number>[],
  depths: readonly number[],
): void {
  const deepest = [...parts.keys()].sort((a, b) => (depths[b] ?? 0) - (depths[a] ?? 0))
  for (const at of deepest) {
    for (const outer of within[at] ?? []) {
      const [own, part] = [parts[outer], parts[at]]
      if (own !== undefined && part !== undefined && depths[outer] === (depths[at] ?? 0) - 1)
        lay(own.filled, part.filled, 0)
    }
  }
}

/** Combines the outlines of one thing on one plane. */
export function combineOutlines(outlines: readonly Outline[], size: SizePx): Combined {
  const { widthPx, heightPx } = size
  const parts = outlines.slice(0, MOST_OUTLINES).flatMap(({ points, isXor }): Part[] => {
    const filled = fillOutline(points, size)
    return filled.ok ? [{ points: snapped(points), box: boxOf(points), filled: filled.value, isXor }] : []
  })
  const empty = parts.filter(({ filled }) => !filled.mask.pixels.includes(1)).length
  const plain = parts.filter(({ isXor }) => !isXor)
  const within = plain.map(
    (inner) =>
      new Set(
        [...plain.keys()].filter((at) => {
          const outer = plain[at]
          return (
            outer !== undefined &&
            outer !== inner &&
            boxWithin(inner.box, outer.box) &&
            liesWithin(inner.points, outer.points)
          )
        }),
      ),
  )
  const depths = depthsOf(within)
  cutHoles(plain, within, depths)
  const whole: PlacedMask = {
    originColumn: 0,
    originRow: 0,
    mask: { widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) },
  }
  let united = 0
  plain.forEach(({ filled }, at) => {
    if (depths[at] === 0 && lay(whole, filled, 1) > 0) united += 1
  })
  for (const { filled, isXor } of parts) if (isXor) lay(whole, filled, 'xor')
  return {
    pixels: whole.mask.pixels,
    nested: depths.filter((depth) => depth > 0).length,
    united,
    unusable: outlines.length - parts.length,
    empty,
  }
}
