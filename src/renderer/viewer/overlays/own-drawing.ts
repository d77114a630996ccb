import { OWN_STYLE } from '../../../core/image/data-colours'
import { drawInImage, toCanvas } from '../camera'
import type { OwnDrawing } from '../viewport-types'
import { strokeRings } from './ring-path'
import type { Sheet } from './scene'
import { strokeHaloed } from './stroke'

/** The brush's circle is at least this large on the screen, so that it is found again. */
const LEAST_CURSOR_PX = 3

/** What the rater draws, above all other outlines: light fill, outline with halo, the line being laid, the brush. */
export function paintOwnDrawing(sheet: Sheet, own: OwnDrawing): void {
  const { context, map } = sheet
  const { column, row, widthPx, heightPx } = own.tintBox
  if (own.tint !== null && widthPx > 0) {
    context.save()
    context.imageSmoothingEnabled = false
    context.globalAlpha = OWN_STYLE.fillAlpha
    // A pixel has its centre at whole coordinates: its corner lies half a pixel before.
    drawInImage(context, map)
    const [left, top] = [column - 0.5, row - 0.5]
    context.drawImage(own.tint, column, row, widthPx, heightPx, left, top, widthPx, heightPx)
    context.restore()
  }
  const line = { colour: OWN_STYLE.colour, alpha: 1, widthPx: OWN_STYLE.widthPx, dashPx: [] }
  const halo = { colour: '#000000', alpha: 0.8, widthPx: OWN_STYLE.widthPx + 2, dashPx: [] }
  for (const style of [halo, line]) {
    const steps = strokeRings(sheet, own.rings, style)
    while (steps.next().done !== true);
  }
  paintLine(sheet, own)
  paintCursor(sheet, own)
}

function paintLine({ context, map }: Sheet, { line }: OwnDrawing): void {
  if (line === null || line.length === 0) return
  strokeHaloed(context, OWN_STYLE.colour, OWN_STYLE.handleWidthPx, () => {
    for (const [index, point] of line.entries()) {
      const { x, y } = toCanvas(map, point)
      if (index === 0) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
  })
}

function paintCursor({ context, map }: Sheet, { cursor }: OwnDrawing): void {
  if (cursor === null) return
  const { x, y } = toCanvas(map, cursor.at)
  const { columns, rows } = cursor.disc
  const across = Math.max(LEAST_CURSOR_PX, columns * Math.abs(map.columnX) + rows * Math.abs(map.rowX))
  const down = Math.max(LEAST_CURSOR_PX, columns * Math.abs(map.columnY) + rows * Math.abs(map.rowY))
  strokeHaloed(context, '#ffffff', OWN_STYLE.handleWidthPx, () => {
    context.ellipse(x, y, across, down, 0, 0, 2 * Math.PI)
  })
}
