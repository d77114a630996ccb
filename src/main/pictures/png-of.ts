import sharp from 'sharp'

/** 8-bit pixels, rows from the top, as a PNG without a palette. */
export async function pngOf(
  pixels: Uint8Array,
  widthPx: number,
  heightPx: number,
  channels: 1 | 3,
): Promise<Uint8Array> {
  const raw = { width: widthPx, height: heightPx, channels }
  return new Uint8Array(await sharp(pixels, { raw }).png({ palette: false }).toBuffer())
}
