import type { Grid } from '../../../contract'
import { MARK_STYLE } from '../../../core/image/data-colours'
import { boxToCanvas, type CanvasMap, type PlaneBox } from '../camera'
import type { Sheet } from './scene'
import { FOUR_WAYS, paintPlate, strokeHaloed } from './stroke'

/** The outer edge of a grid on the canvas: half a step around its first and last pixel centres. */
export function gridBox(grid: Grid, map: CanvasMap): PlaneBox {
  const left = grid.originColumn - grid.columnStep / 2
  const top = grid.originRow - grid.rowStep / 2
  const [right, bottom] = [left + grid.widthPx * grid.columnStep, top + grid.heightPx * grid.rowStep]
  return boxToCanvas(map, { left, top, right, bottom })
}

const LEG_PX = 18
/** The words need about 160 px; on a smaller crop they would cover it. */
const NARROWEST_LABELLED_PX = 200
/** Up here the plates in the upper corners stand: the words would lie half under them. */
const UPPER_PLATES_PX = 62

/** The crop that the model saw, as four corners with its size in words: outside of it the model said nothing. */
export function paintCropEdge(sheet: Sheet, grid: Grid): void {
  const { context, map } = sheet
  const box = gridBox(grid, map)
  const leg = Math.min(LEG_PX, (box.right - box.left) / 4)
  strokeHaloed(context, MARK_STYLE.quiet, 1.5, () => {
    for (const [x, inwards] of [
      [box.left, leg],
      [box.right, -leg],
    ] as const) {
      for (const [y, down] of [
        [box.top, leg],
        [box.bottom, -leg],
      ] as const) {
        context.moveTo(x + inwards, y)
        context.lineTo(x, y)
        context.lineTo(x, y + down)
      }
    }
  })
  const words = `model crop ${grid.widthPx} × ${grid.heightPx} px`
  if (box.right - box.left > NARROWEST_LABELLED_PX && box.top > UPPER_PLATES_PX) {
    paintPlate(context, words, { x: box.left + leg + 8, y: box.top })
  }
  paintCentre(context, (box.left + box.right) / 2, (box.top + box.bottom) / 2)
}

/** Where the run was centred: four ticks that leave the pixel itself free. */
function paintCentre(context: CanvasRenderingContext2D, x: number, y: number): void {
  strokeHaloed(context, MARK_STYLE.accent, 1.5, () => {
    for (const [dx, dy] of FOUR_WAYS) {
      context.moveTo(x + dx * 3.5, y + dy * 3.5)
      context.lineTo(x + dx * 9, y + dy * 9)
    }
  })
}
