import type { ValueSlice } from '../../../core/contour/slice-mask'
import type { ViewportPicture } from '../../viewer/viewport-types'

const made = new WeakMap<ViewportPicture, ValueSlice>()

/** What brushes look at: value = slope * stored + intercept (HU of a CT); of a photograph the green channel, where vessels are darkest. */
export function valuesOf(picture: ViewportPicture): ValueSlice {
  const known = made.get(picture)
  if (known !== undefined) return known
  const { widthPx, heightPx, slope, intercept } = picture.description
  const { pixels } = picture
  const isColour = picture.description.type === 'rgb8'
  const values = new Float32Array(widthPx * heightPx)
  for (let at = 0; at < values.length; at += 1) {
    values[at] = isColour ? (pixels[3 * at + 1] ?? 0) : slope * (pixels[at] ?? 0) + intercept
  }
  const slice = { widthPx, heightPx, values }
  made.set(picture, slice)
  return slice
}
