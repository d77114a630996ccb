/**
 * Outlines of a mask along the sides of its pixels: their area is exactly the number of pixels, and no pixel centre
 * lies on them, so that every program that asks for pixel centres gets the mask back.
 *
 * Each piece (pixels joined by sides) is one closed line. Its holes are joined to it by channels of no width that run
 * up along pixel sides (the keyhole technique, PS3.3 C.8.8.6.3), so that filling by the even-odd rule, by winding and
 * as a union of contours all leave the holes empty.
 *
 *      +-------+
 *      | +-+   |        the channel from the hole's top left corner up to the outer line
 *      | |     |
 */
import type { PlacedMask } from '../contour/box-mask'

/** Corners x0, y0, x1, y1, … in pixel-centre coordinates: all of them lie half-way between two centres. */
export type Outline = Float64Array

interface Corner {
  readonly x: number
  readonly y: number
}

/** One walk round a piece or a hole, in corner coordinates: corner (c, r) lies left above pixel (c, r). */
interface Loop {
  readonly corners: readonly Corner[]
  /** Piece that it belongs to. */
  readonly piece: number
  readonly isHole: boolean
}

const ALONG_X = [1, 0, -1, 0] as const
const ALONG_Y = [0, 1, 0, -1] as const

/** Pieces joined by sides, labelled from 1 in reading order; 0 is outside. */
function labelPieces(widthPx: number, heightPx: number, pixels: Uint8Array): Int32Array {
  const labels = new Int32Array(pixels.length)
  const open: number[] = []
  let count = 0
  const take = (at: number): void => {
    if (pixels[at] !== 1 || labels[at] !== 0) return
    labels[at] = count
    open.push(at)
  }
  for (let start = 0; start < pixels.length; start += 1) {
    if (pixels[start] !== 1 || labels[start] !== 0) continue
    count += 1
    take(start)
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const column = at % widthPx
      if (column > 0) take(at - 1)
      if (column < widthPx - 1) take(at + 1)
      if (at >= widthPx) take(at - widthPx)
      if (at < widthPx * (heightPx - 1)) take(at + widthPx)
    }
  }
  return labels
}

/**
 * All loops of a mask. The walker has the piece on its right: outer lines run clockwise on the screen, holes the
 * other way. Where two pixels meet at a corner only, the walker turns right and stays with its own pixel.
 */
function walkLoops(widthPx: number, heightPx: number, pixels: Uint8Array): readonly Loop[] {
  const labels = labelPieces(widthPx, heightPx, pixels)
  const isSet = (column: number, row: number): boolean =>
    column >= 0 && row >= 0 && column < widthPx && row < heightPx && pixels[row * widthPx + column] === 1
  /** Pixel ahead of a corner on the right (side 0) or left (side 1) of a heading. */
  const ahead = (x: number, y: number, heading: number, side: 0 | 1): boolean => {
    const turned = (heading + (side === 0 ? 0 : 3)) & 3
    const column = x + (turned === 0 || turned === 3 ? 0 : -1)
    const row = y + (turned === 0 || turned === 1 ? 0 : -1)
    return isSet(column, row)
  }
  const walked = new Uint8Array(pixels.length)
  const loops: Loop[] = []
  for (let start = 0; start < pixels.length; start += 1) {
    // Every loop has a top side that is walked to the right: a set pixel with an unset one above it.
    const first: Corner = { x: start % widthPx, y: Math.floor(start / widthPx) }
    if (pixels[start] !== 1 || walked[start] === 1 || isSet(first.x, first.y - 1)) continue
    const corners: Corner[] = []
    let { x, y } = first
    let heading = 0
    let area = 0
    do {
      if (heading === 0) walked[y * widthPx + x] = 1
      const next: Corner = { x: x + (ALONG_X[heading] ?? 0), y: y + (ALONG_Y[heading] ?? 0) }
      area += x * next.y - next.x * y
      ;({ x, y } = next)
      const before = heading
      if (!ahead(x, y, heading, 0)) heading = (heading + 1) & 3
      else if (ahead(x, y, heading, 1)) heading = (heading + 3) & 3
      if (heading !== before) corners.push({ x, y })
    } while (x !== first.x || y !== first.y || heading !== 0)
    loops.push({ corners, piece: labels[start] ?? 0, isHole: area < 0 })
  }
  return loops
}

/** Topmost corner of a loop, the leftmost of several. */
function topLeft(corners: readonly Corner[]): number {
  let best = 0
  corners.forEach((corner, at) => {
    const top = corners[best]
    if (top !== undefined && (corner.y < top.y || (corner.y === top.y && corner.x < top.x))) best = at
  })
  return best
}

/** Where a line going up from a corner first meets a closed line: index of the side, and the height. */
function firstAbove(line: readonly Corner[], from: Corner): { readonly side: number; readonly y: number } {
  let found = { side: -1, y: -Infinity }
  line.forEach((a, side) => {
    const b = line[(side + 1) % line.length] ?? a
    if (from.x < Math.min(a.x, b.x) || from.x > Math.max(a.x, b.x)) return
    const y = a.y === b.y ? a.y : Math.max(a.y, b.y)
    if (y < from.y && y > found.y) found = { side, y }
  })
  return found
}

/** The outer line with one hole joined to it. A hole always has its piece above it, so something is met. */
function joinHole(outer: readonly Corner[], hole: readonly Corner[]): readonly Corner[] {
  const start = topLeft(hole)
  const from = hole[start]
  if (from === undefined) return outer
  const { side, y } = firstAbove(outer, from)
  if (side < 0) return outer
  const meet: Corner = { x: from.x, y }
  const round = [...hole.slice(start), ...hole.slice(0, start), from]
  return [...outer.slice(0, side + 1), meet, ...round, meet, ...outer.slice(side + 1)]
}

/** One closed line for each piece of a mask, in image indices, holes joined by channels; [] for an empty mask. */
export function keyholeOutlines({ originColumn, originRow, mask }: PlacedMask): readonly Outline[] {
  const loops = walkLoops(mask.widthPx, mask.heightPx, mask.pixels)
  const holes = new Map<number, (readonly Corner[])[]>()
  for (const { corners, piece, isHole } of loops) {
    if (isHole) holes.set(piece, [...(holes.get(piece) ?? []), corners])
  }
  const outers = loops.filter(({ isHole }) => !isHole)
  return outers.map(({ corners, piece }) => {
    const own = [...(holes.get(piece) ?? [])]
    // From the top down, so that a channel meets only lines that are joined already.
    const height = (hole: readonly Corner[]): number => hole[topLeft(hole)]?.y ?? 0
    own.sort((a, b) => height(a) - height(b))
    const line = own.reduce(joinHole, corners)
    return Float64Array.from(line.flatMap(({ x, y }) => [x - 0.5 + originColumn, y - 0.5 + originRow]))
  })
}
