import { cividis, MARK_STYLE, VARIANCE_MAX } from '../../../core/image/data-colours'
import type { PixelFocus, StepMap } from '../viewport-types'
import type { Sheet } from './scene'
import { strokeHaloed } from './stroke'

type Rgb = readonly [number, number, number]

/**
 * Colour of a step, red, green, blue 0 to 255: cividis at the variance of the readers' votes on the same fixed scale
 * as every map (0 to a quarter), so that "2 against 3" looks alike for people and for samples.
 */
export function stepColour(minority: number, readerCount: number): Rgb {
  const share = readerCount === 0 ? 0 : minority / readerCount
  return cividis((share * (1 - share)) / VARIANCE_MAX)
}

/** RGBA, four bytes a pixel, row by row: clear where all agree. */
export function stepColours({ minority, readerCount }: StepMap): Uint8ClampedArray<ArrayBuffer> {
  const colours = new Uint8ClampedArray(minority.length * 4)
  for (const [pixel, step] of minority.entries())
    if (step > 0) colours.set([...stepColour(step, readerCount), 255], pixel * 4)
  return colours
}

const canvasOfMap = new WeakMap<StepMap, HTMLCanvasElement>()

function mapCanvas(map: StepMap): HTMLCanvasElement {
  const known = canvasOfMap.get(map)
  if (known !== undefined) return known
  const canvas = document.createElement('canvas')
  canvas.width = map.widthPx
  canvas.height = map.heightPx
  canvas.getContext('2d')?.putImageData(new ImageData(stepColours(map), map.widthPx, map.heightPx), 0, 0)
  canvasOfMap.set(map, canvas)
  return canvas
}

/** The steps at the size of the image's own pixels, never smoothed. */
export function paintStepMap({ context, map }: Sheet, steps: StepMap, opacity: number): void {
  if (steps.widthPx === 0 || steps.heightPx === 0) return
  context.save()
  context.globalAlpha = opacity
  context.imageSmoothingEnabled = false
  context.drawImage(
    mapCanvas(steps),
    (steps.originColumn - 0.5) * map.scaleX + map.offsetX,
    (steps.originRow - 0.5) * map.scaleY + map.offsetY,
    steps.widthPx * map.scaleX,
    steps.heightPx * map.scaleY,
  )
  context.restore()
}

/** Room between a difference and the box that points at it, in CSS pixels: the box must not hide its edge. */
const FOCUS_ROOM_PX = 5

/** The difference that is looked at. */
export function paintFocus({ context, map }: Sheet, focus: PixelFocus): void {
  strokeHaloed(context, MARK_STYLE.accent, 1.5, () => {
    context.rect(
      (focus.column - 0.5) * map.scaleX + map.offsetX - FOCUS_ROOM_PX,
      (focus.row - 0.5) * map.scaleY + map.offsetY - FOCUS_ROOM_PX,
      focus.widthPx * map.scaleX + 2 * FOCUS_ROOM_PX,
      focus.heightPx * map.scaleY + 2 * FOCUS_ROOM_PX,
    )
  })
}
