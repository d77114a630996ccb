import type { BoxMask } from '../../contract'
import { fromBase64, toBase64 } from '../image/base64'
import type { Mask } from '../image/mask'

/** A mask on part of an image; the image index of its first pixel centre is (originColumn, originRow). */
export interface PlacedMask {
  readonly originColumn: number
  readonly originRow: number
  readonly mask: Mask
}

/** The smallest box that holds every pixel set; a mask with nothing set becomes a box of 0 x 0 at the same origin. */
export function cropToBox({ originColumn, originRow, mask }: PlacedMask): PlacedMask {
  const { widthPx, heightPx, pixels } = mask
  let left = widthPx
  let right = -1
  let top = heightPx
  let bottom = -1
  for (let row = 0; row < heightPx; row += 1) {
    const start = row * widthPx
    const first = pixels.subarray(start, start + widthPx).indexOf(1)
    if (first < 0) continue
    left = Math.min(left, first)
    right = Math.max(right, pixels.subarray(start, start + widthPx).lastIndexOf(1))
    top = Math.min(top, row)
    bottom = row
  }
  if (bottom < 0) {
    return { originColumn, originRow, mask: { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) } }
  }
  const width = right - left + 1
  const height = bottom - top + 1
  const cropped = new Uint8Array(width * height)
  for (let row = 0; row < height; row += 1) {
    const start = (top + row) * widthPx + left
    cropped.set(pixels.subarray(start, start + width), row * width)
  }
  return {
    originColumn: originColumn + left,
    originRow: originRow + top,
    mask: { widthPx: width, heightPx: height, pixels: cropped },
  }
}

/** A mask (pixels 0 or 1) whose first pixel lies at (originColumn, originRow) of the image, cropped to its smallest box and packed. */
export function encodeBoxMask(mask: Mask, originColumn: number, originRow: number): BoxMask {
  const box = cropToBox({ originColumn, originRow, mask })
  const { widthPx, heightPx, pixels } = box.mask
  const rowBytes = (widthPx + 7) >> 3
  const packed = new Uint8Array(rowBytes * heightPx)
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      if (pixels[row * widthPx + column] !== 1) continue
      const at = row * rowBytes + (column >> 3)
      packed[at] = (packed[at] ?? 0) | (0x80 >> (column & 7))
    }
  }
  return {
    originColumn: box.originColumn,
    originRow: box.originRow,
    widthPx,
    heightPx,
    bits: toBase64(packed),
  }
}

/** The inverse of `encodeBoxMask`. Bits of the wrong length are an error of the program that wrote them, and throw. */
export function decodeBoxMask(box: BoxMask): PlacedMask {
  const { originColumn, originRow, widthPx, heightPx } = box
  const rowBytes = (widthPx + 7) >> 3
  const packed = fromBase64(box.bits)
  if (packed.length !== rowBytes * heightPx) {
    throw new Error(
      `box mask of ${widthPx} x ${heightPx}: ${packed.length} bytes, not ${rowBytes * heightPx}`,
    )
  }
  const pixels = new Uint8Array(widthPx * heightPx)
  for (let row = 0; row < heightPx; row += 1) {
    for (let column = 0; column < widthPx; column += 1) {
      pixels[row * widthPx + column] =
        ((packed[row * rowBytes + (column >> 3)] ?? 0) >> (7 - (column & 7))) & 1
    }
  }
  return { originColumn, originRow, mask: { widthPx, heightPx, pixels } }
}
