/**
 * Four simulated readers of the nodule: each follows the grey value at which they would draw the line, more or less
 * smoothly and with a hand that is not quite steady. The fourth misses it.
 */
import { cropToBox, type PlacedMask } from '../contour/box-mask'
import { CHEST, columnMm, noduleCentreIndex, rowMm, sliceMm } from './chest-volume'
import { DRAW, planeNoise } from './noise'
import { NODULE_CENTRE_MM, noduleHu } from './nodule'

interface Reader {
  readonly thresholdHu: number
  /** How far the reader averages before drawing. */
  readonly smoothPx: number
  /** How far the line wanders, as grey value. */
  readonly unsteadyHu: number
}

/** A draws all of the ground glass, B its denser part smoothly, C the solid core alone, D nothing. */
const READERS: readonly (Reader | null)[] = [
  { thresholdHu: -745, smoothPx: 1, unsteadyHu: 45 },
  { thresholdHu: -655, smoothPx: 2, unsteadyHu: 40 },
  { thresholdHu: -330, smoothPx: 1, unsteadyHu: 60 },
  null,
]
const HALF_BOX_PX = 40
const BACKGROUND_HU = -860
/** Above and below the centre; the nodule ends before. */
const REACH_MM = 21
/** A slice with fewer pixels than this is not drawn: no reader outlines four pixels. */
const MIN_SLICE_PX = 12

interface Field {
  readonly left: number
  readonly top: number
  readonly sizePx: number
  readonly values: Float32Array
}

/** The nodule alone, without noise and vessels, on one slice. */
function noduleField(slice: number): Field {
  const left = Math.round(noduleCentreIndex.column) - HALF_BOX_PX
  const top = Math.round(noduleCentreIndex.row) - HALF_BOX_PX
  const sizePx = 2 * HALF_BOX_PX + 1
  const values = new Float32Array(sizePx * sizePx)
  const dz = sliceMm(slice) - NODULE_CENTRE_MM.z
  for (let row = 0; row < sizePx; row += 1) {
    for (let column = 0; column < sizePx; column += 1) {
      const dx = columnMm(left + column) - NODULE_CENTRE_MM.x
      const dy = rowMm(top + row) - NODULE_CENTRE_MM.y
      values[row * sizePx + column] = noduleHu(BACKGROUND_HU, dx, dy, dz)
    }
  }
  return { left, top, sizePx, values }
}

/** Mean over a square of 2 n + 1 pixels, edges repeated. */
function averaged({ sizePx, values }: Field, reachPx: number): Float32Array {
  const at = (column: number, row: number): number => {
    const c = Math.min(sizePx - 1, Math.max(0, column))
    const r = Math.min(sizePx - 1, Math.max(0, row))
    return values[r * sizePx + c] ?? 0
  }
  return values.map((_value, index) => {
    let sum = 0
    for (let dr = -reachPx; dr <= reachPx; dr += 1) {
      for (let dc = -reachPx; dc <= reachPx; dc += 1) {
        sum += at((index % sizePx) + dc, Math.floor(index / sizePx) + dr)
      }
    }
    return sum / (2 * reachPx + 1) ** 2
  })
}

/** Pixels of `wanted` that a path over sides joins to `start`. */
function joinedTo(start: number, sizePx: number, wanted: (index: number) => boolean): Uint8Array {
  const joined = new Uint8Array(sizePx * sizePx)
  const open = [start]
  joined[start] = 1
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const column = at % sizePx
    const sides = [column > 0 ? at - 1 : -1, column < sizePx - 1 ? at + 1 : -1, at - sizePx, at + sizePx]
    for (const next of sides) {
      if (next < 0 || next >= joined.length || joined[next] === 1 || !wanted(next)) continue
      joined[next] = 1
      open.push(next)
    }
  }
  return joined
}

/** The largest connected piece with its holes filled, or nothing. */
function largestPiece(pixels: Uint8Array, sizePx: number): Uint8Array {
  let largest: Uint8Array = new Uint8Array(pixels.length)
  let largestCount = 0
  const seen = new Uint8Array(pixels.length)
  pixels.forEach((pixel, index) => {
    if (pixel === 0 || seen[index] === 1) return
    const piece = joinedTo(index, sizePx, (at) => pixels[at] === 1)
    let count = 0
    piece.forEach((part, at) => {
      count += part
      if (part === 1) seen[at] = 1
    })
    if (count > largestCount) {
      largest = piece
      largestCount = count
    }
  })
  if (largestCount < MIN_SLICE_PX) return new Uint8Array(pixels.length)
  const outside = joinedTo(0, sizePx, (at) => largest[at] === 0)
  return outside.map((out) => 1 - out)
}

/** What a reader draws on a slice; null where nothing. */
function drawSlice(field: Field, reader: Reader, letterIndex: number, slice: number): PlacedMask | null {
  const seen = averaged(field, reader.smoothPx)
  const hand = planeNoise(DRAW.reader + letterIndex)
  const pixels = Uint8Array.from(seen, (value, index) => {
    const column = index % field.sizePx
    const row = Math.floor(index / field.sizePx)
    const wander = reader.unsteadyHu * hand(column / 5 + slice * 3.7, row / 5 - slice * 2.3)
    return value + wander > reader.thresholdHu ? 1 : 0
  })
  const drawn = largestPiece(pixels, field.sizePx)
  if (!drawn.includes(1)) return null
  return cropToBox({
    originColumn: field.left,
    originRow: field.top,
    mask: { widthPx: field.sizePx, heightPx: field.sizePx, pixels: drawn },
  })
}

/** The outlines of the four readers in order, by slice index; the map of a reader who missed the nodule is empty. */
export function simulatedReaders(): readonly ReadonlyMap<number, PlacedMask>[] {
  const drawn = READERS.map(() => new Map<number, PlacedMask>())
  for (let slice = 0; slice < CHEST.sliceCount; slice += 1) {
    if (Math.abs(sliceMm(slice) - NODULE_CENTRE_MM.z) > REACH_MM) continue
    const field = noduleField(slice)
    READERS.forEach((reader, letterIndex) => {
      const mask = reader === null ? null : drawSlice(field, reader, letterIndex, slice)
      if (mask !== null) drawn[letterIndex]?.set(slice, mask)
    })
  }
  return drawn
}
