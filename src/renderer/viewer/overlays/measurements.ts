import { MARK_STYLE } from '../../../core/image/data-colours'
import { toCanvas, type CanvasPoint } from '../camera'
import type { MeasuredMark } from '../viewport-types'
import { besideEnds, PLATE_LINE_PX, type Obstacle } from './plate-places'
import type { Sheet } from './scene'
import { paintPlate, plateWidthPx, strokeHaloed } from './stroke'

const HANDLE_PX = 3

/** What was measured on this slice, with its figures beside an end of it, whole in the view. */
export function paintMeasurements(
  sheet: Sheet,
  marks: readonly MeasuredMark[],
  obstacles: readonly Obstacle[],
): void {
  for (const mark of marks) paintMeasurement(sheet, mark, obstacles)
}

function paintMeasurement(
  { context, map, size }: Sheet,
  { shape, points, lines, isChosen }: MeasuredMark,
  obstacles: readonly Obstacle[],
): void {
  const at = points.map((point) => toCanvas(map, point))
  const [first] = at
  if (first === undefined) return
  strokeHaloed(context, MARK_STYLE.accent, isChosen ? 2.5 : 1.5, () => {
    trace(context, shape, at)
  })
  strokeHaloed(context, MARK_STYLE.accent, 1, () => {
    for (const { x, y } of at) {
      context.moveTo(x + HANDLE_PX, y)
      context.arc(x, y, HANDLE_PX, 0, 2 * Math.PI)
    }
  })
  const left = at.reduce((least, one) => (one.x < least.x ? one : least), first)
  const right = at.reduce((most, one) => (one.x > most.x ? one : most), first)
  const words = {
    widthPx: Math.max(0, ...lines.map((line) => plateWidthPx(context, line))),
    lines: lines.length,
  }
  const place = besideEnds({ left, right }, words, size, obstacles)
  lines.forEach((line, index) => {
    paintPlate(context, line, { x: place.x, y: place.y + index * PLATE_LINE_PX })
  })
}

function trace(
  context: CanvasRenderingContext2D,
  shape: MeasuredMark['shape'],
  at: readonly CanvasPoint[],
): void {
  const [a, b, c, d] = at
  if (a === undefined) return
  const line = (...points: readonly (CanvasPoint | undefined)[]): void => {
    for (const [index, point] of points.entries()) {
      if (point === undefined) return
      if (index === 0) context.moveTo(point.x, point.y)
      else context.lineTo(point.x, point.y)
    }
  }
  switch (shape) {
    case 'ruler':
    case 'angle':
      line(a, b, c)
      return
    case 'diameters':
      line(a, b)
      line(c, d)
      return
    case 'rectangle':
      if (b !== undefined)
        context.rect(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.abs(a.x - b.x), Math.abs(a.y - b.y))
      return
    case 'ellipse':
      if (b !== undefined) {
        const [across, down] = [Math.abs(a.x - b.x) / 2, Math.abs(a.y - b.y) / 2]
        context.moveTo((a.x + b.x) / 2 + across, (a.y + b.y) / 2)
        context.ellipse((a.x + b.x) / 2, (a.y + b.y) / 2, across, down, 0, 0, 2 * Math.PI)
      }
      return
    case 'polygon':
      line(...at)
      if (at.length > 2) context.lineTo(a.x, a.y)
  }
}
