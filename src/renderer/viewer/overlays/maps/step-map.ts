import { cividis, MARK_STYLE } from '../../../../core/image/data-colours'
import type { PixelFocus, StepMap } from '../../viewport-types'
import { boxToCanvas, drawInImage } from '../../camera'
import { paintedOnce } from '../painted-once'
import type { Sheet } from '../scene'
import { strokeHaloed } from '../stroke'

type Rgb = readonly [number, number, number]

/** Where cividis begins for one reading against all others. */
const FIRST_STEP = 0.5

/**
 * Colour of a step, red, green, blue 0 to 255: the upper half of cividis in even steps, from one reading against the
 * others to an even split, so that neighbouring steps can be told apart however many readers there are.
 */
export function stepColour(minority: number, readerCount: number): Rgb {
  const steps = Math.floor(readerCount / 2)
  return cividis(steps < 2 ? 1 : FIRST_STEP + ((1 - FIRST_STEP) * (minority - 1)) / (steps - 1))
}

/** RGBA, four bytes a pixel, row by row: clear where all agree. */
export function stepColours({ minority, readerCount }: StepMap): Uint8ClampedArray<ArrayBuffer> {
  const colours = new Uint8ClampedArray(minority.length * 4)
  for (const [pixel, step] of minority.entries())
    if (step > 0) colours.set([...stepColour(step, readerCount), 255], pixel * 4)
  return colours
}

const mapCanvas = paintedOnce((map: StepMap) => ({
  ...{ widthPx: map.widthPx, heightPx: map.heightPx },
  rgba: stepColours(map),
}))

/** The steps at the size of the image's own pixels, never smoothed. */
export function paintStepMap({ context, map }: Sheet, steps: StepMap, opacity: number): void {
  if (steps.widthPx === 0 || steps.heightPx === 0) return
  context.save()
  context.globalAlpha = opacity
  context.imageSmoothingEnabled = false
  drawInImage(context, map)
  const [left, top] = [steps.originColumn - 0.5, steps.originRow - 0.5]
  context.drawImage(mapCanvas(steps), left, top, steps.widthPx, steps.heightPx)
  context.restore()
}

/** Room between a difference and the box that points at it, in CSS pixels: the box must not hide its edge. */
const FOCUS_ROOM_PX = 5

/** The difference that is looked at. */
export function paintFocus({ context, map }: Sheet, focus: PixelFocus): void {
  const [left, top] = [focus.column - 0.5, focus.row - 0.5]
  const box = boxToCanvas(map, { left, top, right: left + focus.widthPx, bottom: top + focus.heightPx })
  const room = 2 * FOCUS_ROOM_PX
  strokeHaloed(context, MARK_STYLE.accent, 1.5, () => {
    context.rect(
      ...([box.left - FOCUS_ROOM_PX, box.top - FOCUS_ROOM_PX] as const),
      ...([box.right - box.left + room, box.bottom - box.top + room] as const),
    )
  })
}
