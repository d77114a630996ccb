import { HALO, MARK_STYLE } from '../../../core/image/data-colours'
import type { CanvasPoint } from '../camera'

/** Strokes a path twice: black and wider first, so that the line reads on any ground. */
export function strokeHaloed(
  context: CanvasRenderingContext2D,
  colour: string,
  widthPx: number,
  trace: () => void,
): void {
  context.save()
  context.globalAlpha = HALO.alpha
  context.strokeStyle = HALO.colour
  context.lineWidth = widthPx + 2 * HALO.extraPx
  context.beginPath()
  trace()
  context.stroke()
  context.globalAlpha = 1
  context.strokeStyle = colour
  context.lineWidth = widthPx
  context.stroke()
  context.restore()
}

/** The type of the page (tokens.css --sans); a canvas cannot read custom properties. */
const FONT_FAMILY =
  '"Segoe UI Variable Text", "Segoe UI", "SF Pro Text", -apple-system, Ubuntu, Cantarell, "Noto Sans", "Liberation Sans", Arial, sans-serif'

const PLATE_FONT = `400 12px ${FONT_FAMILY}`
export const LETTER_FONT = `600 11px ${FONT_FAMILY}`

/** Text centred on a point, by its own height rather than the font's. */
export function paintText(
  context: CanvasRenderingContext2D,
  text: string,
  centre: CanvasPoint,
  style: { readonly colour: string; readonly font: string },
): void {
  context.font = style.font
  context.textAlign = 'center'
  context.textBaseline = 'alphabetic'
  context.fillStyle = style.colour
  const measured = context.measureText(text)
  const rise = (measured.actualBoundingBoxAscent - measured.actualBoundingBoxDescent) / 2
  context.fillText(text, centre.x, centre.y + rise)
}

const PLATE_PADDING_PX = 6
const PLATE_HEIGHT_PX = 19

/** How wide a plate with these words is. */
export function plateWidthPx(context: CanvasRenderingContext2D, text: string): number {
  context.save()
  context.font = PLATE_FONT
  const width = Math.ceil(context.measureText(text).width) + 2 * PLATE_PADDING_PX
  context.restore()
  return width
}

/** A line of text on a dark plate, its left middle at the point. */
export function paintPlate(context: CanvasRenderingContext2D, text: string, leftMiddle: CanvasPoint): void {
  context.save()
  const width = plateWidthPx(context, text)
  context.fillStyle = MARK_STYLE.plate
  context.beginPath()
  context.roundRect(leftMiddle.x, leftMiddle.y - PLATE_HEIGHT_PX / 2, width, PLATE_HEIGHT_PX, 3)
  context.fill()
  const centre = { x: leftMiddle.x + width / 2, y: leftMiddle.y }
  paintText(context, text, centre, { colour: MARK_STYLE.text, font: PLATE_FONT })
  context.restore()
}

/** Right, left, down and up of a place. */
export const FOUR_WAYS = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const
