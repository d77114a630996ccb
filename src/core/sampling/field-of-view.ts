import type { Mask } from '../image/mask'

/** 8-bit colour, three bytes a pixel, row by row from the top left. */
export interface RgbPicture {
  readonly widthPx: number
  readonly heightPx: number
  readonly rgb: Uint8Array
}

/**
 * Field of view of a fundus photograph that comes without one, on its own pixels: the brightest channel of each
 * pixel, averaged over 5x5 (edge pixels repeated), above 12 of 255; of that the largest 4-connected component (the
 * first in reading order on a tie), holes filled. Everything where nothing is bright enough.
 */
export function findFieldOfView(picture: RgbPicture): Mask {
  const { widthPx, heightPx } = picture
  const bright = brightEnough(picture)
  const component = largestComponent(bright, widthPx, heightPx)
  if (component === null) return { widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx).fill(1) }
  return { widthPx, heightPx, pixels: filled(component, widthPx, heightPx) }
}

const BOX_PX = 5
const REACH_PX = 2
/** Of 255: the black around a photograph is not quite black. */
const THRESHOLD = 12

/** 1 where the sum over the 5x5 box exceeds 25 thresholds: whole numbers, nothing to round. */
function brightEnough({ widthPx, heightPx, rgb }: RgbPicture): Uint8Array {
  const across = new Int32Array(widthPx * heightPx)
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      let sum = 0
      for (let shift = -REACH_PX; shift <= REACH_PX; shift += 1) {
        const at = 3 * (row * widthPx + Math.min(Math.max(column + shift, 0), widthPx - 1))
        sum += Math.max(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0)
      }
      across[row * widthPx + column] = sum
    }
  }
  const bright = new Uint8Array(widthPx * heightPx)
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      let sum = 0
      for (let shift = -REACH_PX; shift <= REACH_PX; shift += 1) {
        sum += across[Math.min(Math.max(row + shift, 0), heightPx - 1) * widthPx + column] ?? 0
      }
      bright[row * widthPx + column] = sum > THRESHOLD * BOX_PX * BOX_PX ? 1 : 0
    }
  }
  return bright
}

/** Marks what is 4-connected to `start` among pixels of `value`, writing `label`; gives how many. */
function flood(pixels: Uint8Array, widthPx: number, start: number, value: number, label: number): number {
  if (pixels[start] !== value) return 0
  const stack = [start]
  pixels[start] = label
  let count = 0
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    count += 1
    const column = at % widthPx
    const visit = (next: number): void => {
      if (pixels[next] !== value) return
      pixels[next] = label
      stack.push(next)
    }
    if (column > 0) visit(at - 1)
    if (column < widthPx - 1) visit(at + 1)
    visit(at - widthPx)
    visit(at + widthPx)
  }
  return count
}

const SEEN = 2
const KEPT = 3

function largestComponent(bright: Uint8Array, widthPx: number, heightPx: number): Uint8Array | null {
  const pixels = Uint8Array.from(bright)
  let largest = { start: -1, count: 0 }
  for (let start = 0; start < widthPx * heightPx; start += 1) {
    const count = flood(pixels, widthPx, start, 1, SEEN)
    if (count > largest.count) largest = { start, count }
  }
  if (largest.start < 0) return null
  flood(pixels, widthPx, largest.start, SEEN, KEPT)
  return pixels.map((value) => (value === KEPT ? 1 : 0))
}

/** Background that is not 4-connected to the border becomes foreground. */
function filled(component: Uint8Array, widthPx: number, heightPx: number): Uint8Array {
  const pixels = Uint8Array.from(component)
  for (let column = 0; column < widthPx; column += 1) {
    flood(pixels, widthPx, column, 0, SEEN)
    flood(pixels, widthPx, (heightPx - 1) * widthPx + column, 0, SEEN)
  }
  for (let row = 0; row < heightPx; row += 1) {
    flood(pixels, widthPx, row * widthPx, 0, SEEN)
    flood(pixels, widthPx, (row + 1) * widthPx - 1, 0, SEEN)
  }
  return pixels.map((value) => (value === SEEN ? 0 : 1))
}
