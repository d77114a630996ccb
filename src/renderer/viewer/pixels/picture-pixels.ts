import { contrastLimited } from '../../../core/image/contrast-limited'
import type { PhotographChannel, ViewportPicture } from '../viewport-types'

/** Pixels in a form that paints fast: integers with their true extremes, or RGBA. value = slope * stored + intercept. */
export interface PaintablePixels {
  readonly pixels: Int16Array | Uint16Array | Uint8Array
  readonly colour: boolean
  readonly slope: number
  readonly intercept: number
  readonly minStored: number
  readonly maxStored: number
}

const INT16_MIN = -32768
const INT16_STEPS = 65535

/**
 * Floats are put on the 65 536 steps of int16 over their own range: cornerstone-core builds a new table over the
 * whole range at each change of the window, which for floats was measured at 58 ms. The probe reads the picture itself, not these.
 */
function fromFloats(picture: ViewportPicture): PaintablePixels {
  const { minStored, maxStored, slope, intercept } = picture.description
  const step = maxStored > minStored ? (maxStored - minStored) / INT16_STEPS : 1
  const pixels = new Int16Array(picture.pixels.length)
  for (let index = 0; index < pixels.length; index += 1) {
    pixels[index] = Math.round(((picture.pixels[index] ?? minStored) - minStored) / step) + INT16_MIN
  }
  return {
    pixels,
    colour: false,
    slope: slope * step,
    intercept: intercept + slope * (minStored - INT16_MIN * step),
    minStored: INT16_MIN,
    maxStored: INT16_MIN + INT16_STEPS,
  }
}

/** Three bytes a pixel to RGBA; one channel is shown as grey. */
function fromRgb(picture: ViewportPicture, channel: PhotographChannel): PaintablePixels {
  const count = picture.description.widthPx * picture.description.heightPx
  const source = picture.pixels
  const pixels = new Uint8Array(count * 4)
  if (channel === 'contrast') return ofGrey(contrastOf(picture), pixels)
  const [red, green, blue] = channel === 'colour' ? [0, 1, 2] : channel === 'green' ? [1, 1, 1] : [0, 0, 0]
  for (let from = 0, to = 0; to < pixels.length; from += 3, to += 4) {
    pixels[to] = source[from + red] ?? 0
    pixels[to + 1] = source[from + green] ?? 0
    pixels[to + 2] = source[from + blue] ?? 0
    pixels[to + 3] = 255
  }
  return { pixels, colour: true, slope: 1, intercept: 0, minStored: 0, maxStored: 255 }
}

/** The green channel with its contrast raised: the probe goes on telling what is stored. */
function contrastOf({ description: { widthPx, heightPx }, pixels }: ViewportPicture): Uint8Array {
  const green = new Uint8Array(widthPx * heightPx)
  for (let at = 0, from = 1; at < green.length; at += 1, from += 3) green[at] = pixels[from] ?? 0
  return contrastLimited(green, widthPx, heightPx)
}

function ofGrey(grey: Uint8Array, pixels: Uint8Array): PaintablePixels {
  for (let at = 0, to = 0; at < grey.length; at += 1, to += 4) {
    const level = grey[at] ?? 0
    pixels[to] = level
    pixels[to + 1] = level
    pixels[to + 2] = level
    pixels[to + 3] = 255
  }
  return { pixels, colour: true, slope: 1, intercept: 0, minStored: 0, maxStored: 255 }
}

/** A picture in the form that is painted. `channel` concerns photographs only. */
export function paintablePixels(picture: ViewportPicture, channel: PhotographChannel): PaintablePixels {
  if (picture.description.type === 'rgb8') return fromRgb(picture, channel)
  const { pixels, description } = picture
  if (pixels instanceof Float32Array) return fromFloats(picture)
  const { slope, intercept, minStored, maxStored } = description
  return { pixels, colour: false, slope, intercept, minStored, maxStored }
}
