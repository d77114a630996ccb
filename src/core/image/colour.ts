/** Colour of native pixels: YBR to RGB as PS3.3 C.7.6.3.1.2 defines it. */
import type { PixelArray, PixelLayout } from './pixel-layout'

/** Rounded to nearest and kept within 0..`most`. */
const clamp = (value: number, most: number): number =>
  value < 0 ? 0 : value > most ? most : Math.floor(value + 0.5)

interface Ybr {
  readonly y: number
  readonly cb: number
  readonly cr: number
}

function writeRgb(target: PixelArray, at: number, { y, cb, cr }: Ybr, most: number): void {
  const middle = (most + 1) / 2
  target[at] = clamp(y + 1.402 * (cr - middle), most)
  target[at + 1] = clamp(y - 0.344136 * (cb - middle) - 0.714136 * (cr - middle), most)
  target[at + 2] = clamp(y + 1.772 * (cb - middle), most)
}

/** YBR_FULL_422 holds Y1 Y2 Cb Cr for two neighbours of a row: the chroma of a pair is repeated. */
function from422(samples: PixelArray, layout: PixelLayout, most: number): PixelArray {
  const pixels = layout.rows * layout.columns
  const rgb = layout.bitsAllocated === 8 ? new Uint8Array(pixels * 3) : new Uint16Array(pixels * 3)
  for (let pair = 0; pair * 2 < pixels; pair += 1) {
    const at = pair * 4
    const cb = samples[at + 2] ?? 0
    const cr = samples[at + 3] ?? 0
    writeRgb(rgb, pair * 6, { y: samples[at] ?? 0, cb, cr }, most)
    if (pair * 2 + 1 < pixels) writeRgb(rgb, pair * 6 + 3, { y: samples[at + 1] ?? 0, cb, cr }, most)
  }
  return rgb
}

/** Interleaved samples as interleaved RGB. */
export function toRgb(samples: PixelArray, layout: PixelLayout): PixelArray {
  const most = 2 ** layout.bitsStored - 1
  if (layout.colour === 'ybr-full-422') return from422(samples, layout, most)
  if (layout.colour !== 'ybr-full') return samples
  for (let at = 0; at + 2 < samples.length; at += 3) {
    writeRgb(samples, at, { y: samples[at] ?? 0, cb: samples[at + 1] ?? 0, cr: samples[at + 2] ?? 0 }, most)
  }
  return samples
}
