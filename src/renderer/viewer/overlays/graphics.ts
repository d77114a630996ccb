import type { Mask } from '../../../core/image/mask'
import { GRAPHICS_RGB } from '../../../core/image/data-colours'
import type { Sheet } from './scene'

const canvasOfMask = new WeakMap<Mask, HTMLCanvasElement>()

function maskCanvas(mask: Mask): HTMLCanvasElement {
  const known = canvasOfMask.get(mask)
  if (known !== undefined) return known
  const canvas = document.createElement('canvas')
  canvas.width = mask.widthPx
  canvas.height = mask.heightPx
  const colours = new Uint8ClampedArray(mask.pixels.length * 4)
  for (const [pixel, isSet] of mask.pixels.entries())
    if (isSet === 1) colours.set([...GRAPHICS_RGB, 255], pixel * 4)
  canvas.getContext('2d')?.putImageData(new ImageData(colours, mask.widthPx, mask.heightPx), 0, 0)
  canvasOfMask.set(mask, canvas)
  return canvas
}

/** What the file draws over its pixels: smoothed as they are, since lines one pixel wide lose parts when they are not. */
export function paintGraphics({ context, map }: Sheet, mask: Mask): void {
  context.save()
  context.imageSmoothingQuality = 'high'
  context.drawImage(
    maskCanvas(mask),
    -0.5 * map.scaleX + map.offsetX,
    -0.5 * map.scaleY + map.offsetY,
    mask.widthPx * map.scaleX,
    mask.heightPx * map.scaleY,
  )
  context.restore()
}
