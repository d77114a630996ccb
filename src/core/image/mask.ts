/**
 * A binary image: one byte a pixel, 0 or 1, row by row from the top left. Masks of one run share the run's grid.
 */
export interface Mask {
  readonly widthPx: number
  readonly heightPx: number
  readonly pixels: Uint8Array
}

/** A mask of the given size with nothing set. */
export function emptyMask(widthPx: number, heightPx: number): Mask {
  return { widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) }
}

/** Number of pixels set. */
export function countPixels(mask: Mask): number {
  let count = 0
  for (const pixel of mask.pixels) count += pixel
  return count
}

/** Bytes that `packMask` needs for one mask of this many pixels. */
export const packedSizeBytes = (pixelCount: number): number => (pixelCount + 7) >> 3

/** Eight pixels a byte, most significant bit first, rows not padded, the mask padded to a byte. */
export function packMask(mask: Mask): Uint8Array {
  const packed = new Uint8Array(packedSizeBytes(mask.pixels.length))
  mask.pixels.forEach((pixel, index) => {
    if (pixel !== 0) packed[index >> 3] = (packed[index >> 3] ?? 0) | (0x80 >> (index & 7))
  })
  return packed
}

/** The inverse of `packMask`; `packed` may be longer than needed, `offsetBytes` says where the mask starts. */
export function unpackMask(packed: Uint8Array, widthPx: number, heightPx: number, offsetBytes = 0): Mask {
  const pixels = new Uint8Array(widthPx * heightPx)
  for (let index = 0; index < pixels.length; index += 1) {
    pixels[index] = ((packed[offsetBytes + (index >> 3)] ?? 0) >> (7 - (index & 7))) & 1
  }
  return { widthPx, heightPx, pixels }
}
