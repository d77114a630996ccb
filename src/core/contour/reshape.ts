/** A contour moved out or in by a distance, or smoothed. Distances are given as a disc in pixels (`discOfMm`, `discOfPx`). */
import type { Mask } from '../image/mask'
import type { PlacedMask } from './box-mask'
import { squaredDistances } from './distance-transform'
import { labelPieces, type Pieces } from './pieces'
import {
  boxOfPixels,
  clipBox,
  combine,
  cutOut,
  EMPTY_BOX,
  isEmptyBox,
  stampInto,
  uniteBoxes,
  widenBox,
  type DiscPx,
  type EditedMask,
  type PixelBox,
} from './slice-mask'

/** A little more than the radius, so that a distance that equals it but for rounding counts as reached. */
const REACH = 1 + 1e-12

/** Every pixel whose centre lies no further than the disc's radius from the centre of a pixel of the mask. */
export function grow(mask: Mask, disc: DiscPx): EditedMask {
  const held = boxOfPixels(mask)
  if (!isDisc(disc) || isEmptyBox(held)) return { mask, box: EMPTY_BOX }
  const reach = widenBox(held, Math.ceil(disc.columns), Math.ceil(disc.rows))
  const around = cutOut(mask, clipBox(reach, mask))
  return combine(mask, pixelsNear(around, 1, disc), 'add')
}

/**
 * Takes away every pixel whose centre lies no further than the disc's radius from the centre of a background pixel.
 * What lies beyond the image is unknown, not background: a shape that the image's edge cuts keeps that side.
 */
export function shrink(mask: Mask, disc: DiscPx): EditedMask {
  const held = boxOfPixels(mask)
  if (!isDisc(disc) || isEmptyBox(held)) return { mask, box: EMPTY_BOX }
  const around = cutOut(mask, clipBox(widenBox(held, 1), mask))
  return combine(mask, pixelsNear(around, 0, disc), 'cut')
}

const isDisc = ({ columns, rows }: DiscPx): boolean =>
  columns > 0 && rows > 0 && Number.isFinite(columns) && Number.isFinite(rows)

/** The pixels within the disc's radius of a pixel that is `of`. Rows are stretched, so that whole radii stay exact. */
function pixelsNear(around: PlacedMask, of: 0 | 1, disc: DiscPx): PlacedMask {
  const { widthPx, heightPx, pixels } = around.mask
  const members = pixels.map((pixel) => (pixel === of ? 1 : 0))
  const extent = { width: widthPx, height: heightPx, depth: 1 }
  const squares = squaredDistances(members, extent, { x: 1, y: disc.columns / disc.rows, z: 1 })
  const most = disc.columns * disc.columns * REACH
  return {
    ...around,
    mask: { widthPx, heightPx, pixels: Uint8Array.from(squares, (square) => (square <= most ? 1 : 0)) },
  }
}

/** Weights of a Gaussian beyond this many standard deviations are left out (0.3 % of it). */
const GAUSSIAN_REACH_SD = 3

/**
 * Rounds the contour: each piece is blurred by a Gaussian with these standard deviations and cut at the level that
 * keeps its number of pixels, as nearly as pixels of equal blur allow (a symmetrical shape stays symmetrical). What
 * is narrower than the blur goes, what it rounds off comes back on the long sides. Where the image's edge cuts a
 * piece, the piece is taken to go on as it is there.
 */
export function smooth(mask: Mask, sd: DiscPx): EditedMask {
  const held = boxOfPixels(mask)
  if (!isDisc(sd) || isEmptyBox(held)) return { mask, box: EMPTY_BOX }
  const all = cutOut(mask, held)
  const pieces = labelPieces(all.mask)
  const smoothed = { ...mask, pixels: new Uint8Array(mask.pixels.length) }
  let box = held
  for (let label = 1; label < pieces.boxes.length; label += 1) {
    box = uniteBoxes(box, stampInto(smoothed, smoothPiece(pieces, label, held, mask, sd), 1))
  }
  return { mask: smoothed, box }
}

/** One piece, numbered within the box `held` of the image. */
function smoothPiece(
  { labels, sizesPx, boxes }: Pieces,
  label: number,
  held: PixelBox,
  image: Mask,
  sd: DiscPx,
): PlacedMask {
  const within = boxes[label] ?? EMPTY_BOX
  const own = { ...within, column: within.column + held.column, row: within.row + held.row }
  const margin = (sdPx: number): number => Math.ceil(GAUSSIAN_REACH_SD * sdPx)
  const box = clipBox(widenBox(own, margin(sd.columns), margin(sd.rows)), image)
  const { widthPx, heightPx } = box
  const field = new Float64Array(widthPx * heightPx)
  for (let row = own.row; row < own.row + own.heightPx; row += 1) {
    for (let column = own.column; column < own.column + own.widthPx; column += 1) {
      if (labels[(row - held.row) * held.widthPx + column - held.column] !== label) continue
      field[(row - box.row) * widthPx + column - box.column] = 1
    }
  }
  const across = blurLines(field, gaussian(sd.columns), {
    lines: heightPx,
    along: widthPx,
    step: 1,
    next: widthPx,
  })
  // To single precision: what is equal by symmetry stays equal.
  const blurred = Float32Array.from(
    blurLines(across, gaussian(sd.rows), { lines: widthPx, along: heightPx, step: widthPx, next: 1 }),
  )
  const isIn = levelThatKeeps(blurred, sizesPx[label] ?? 0)
  const pixels = Uint8Array.from(blurred, (value) => (isIn(value) ? 1 : 0))
  return { originColumn: box.column, originRow: box.row, mask: { widthPx, heightPx, pixels } }
}

/** The test that about `sizePx` values pass: those above a value of the field, with the values equal to it or without. */
function levelThatKeeps(blurred: Float32Array, sizePx: number): (value: number) => boolean {
  const sorted = blurred.filter((value) => value > 0).sort()
  const level = sorted[sorted.length - sizePx] ?? 0
  const first = sorted.indexOf(level)
  const above = sorted.length - (sorted.lastIndexOf(level) + 1)
  const isNearerWith = sorted.length - first - sizePx <= sizePx - above
  return above === 0 || isNearerWith ? (value) => value >= level && value > 0 : (value) => value > level
}

/** Weights from the middle outwards; they sum to 1 with both sides. */
function gaussian(sdPx: number): Float64Array {
  const half = Float64Array.from({ length: Math.ceil(GAUSSIAN_REACH_SD * sdPx) + 1 }, (_, at) =>
    Math.exp(-(at * at) / (2 * sdPx * sdPx)),
  )
  const sum = half.reduce((total, weight, at) => total + (at === 0 ? weight : 2 * weight), 0)
  return half.map((weight) => weight / sum)
}

interface Lines {
  readonly lines: number
  readonly along: number
  /** From one element of a line to the next, and from one line to the next. */
  readonly step: number
  readonly next: number
}

/** Each line blurred; beyond its ends it goes on with its last value. */
function blurLines(
  field: Float64Array,
  weights: Float64Array,
  { lines, along, step, next }: Lines,
): Float64Array {
  const blurred = new Float64Array(field.length)
  for (let line = 0; line < lines; line += 1) {
    const start = line * next
    for (let at = 0; at < along; at += 1) {
      let sum = (weights[0] ?? 0) * (field[start + at * step] ?? 0)
      for (let reach = 1; reach < weights.length; reach += 1) {
        const before = field[start + Math.max(0, at - reach) * step] ?? 0
        const after = field[start + Math.min(along - 1, at + reach) * step] ?? 0
        sum += (weights[reach] ?? 0) * (before + after)
      }
      blurred[start + at * step] = sum
    }
  }
  return blurred
}
