import type { Mask } from '../../../core/image/mask'
import { GRAPHICS_RGB } from '../../../core/image/data-colours'
import { drawInImage } from '../camera'
import { paintedOnce } from './painted-once'
import type { Sheet } from './scene'

const maskCanvas = paintedOnce(({ widthPx, heightPx, pixels }: Mask) => {
  const rgba = new Uint8ClampedArray(pixels.length * 4)
  for (const [pixel, isSet] of pixels.entries()) if (isSet === 1) rgba.set([...GRAPHICS_RGB, 255], pixel * 4)
  return { widthPx, heightPx, rgba }
})

/** What the file draws over its pixels: smoothed as they are, since lines one pixel wide lose parts when they are not. */
export function paintGraphics({ context, map }: Sheet, mask: Mask): void {
  context.save()
  context.imageSmoothingQuality = 'high'
  drawInImage(context, map)
  context.drawImage(maskCanvas(mask), -0.5, -0.5, mask.widthPx, mask.heightPx)
  context.restore()
}
