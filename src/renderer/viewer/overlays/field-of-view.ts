import { MARK_STYLE } from '../../../core/image/data-colours'
import type { RunOverlay } from '../worker/overlay-types'
import type { Sheet } from './scene'

/** Edges of grid pixels between inside and outside of the field: x0 y0 x1 y1 … in grid pixels from the grid's upper left corner. */
export function fieldEdges(field: Uint8Array, widthPx: number, heightPx: number): number[] {
  const edges: number[] = []
  const inside = (column: number, row: number): boolean =>
    column >= 0 && row >= 0 && column < widthPx && row < heightPx && field[row * widthPx + column] === 1
  for (let row = 0; row <= heightPx; row += 1) {
    for (let column = 0; column <= widthPx; column += 1) {
      const here = inside(column, row)
      if (here !== inside(column - 1, row)) edges.push(column, row, column, row + 1)
      if (here !== inside(column, row - 1)) edges.push(column, row, column + 1, row)
    }
  }
  return edges
}

const edgesOfField = new WeakMap<Uint8Array, readonly number[]>()

/** The edge of the field of view: shares of the field count what lies within. */
export function paintFieldOfView(sheet: Sheet, overlay: RunOverlay): void {
  const { fieldOfView, grid } = overlay
  if (fieldOfView === null) return
  const edges = edgesOfField.get(fieldOfView) ?? fieldEdges(fieldOfView, grid.widthPx, grid.heightPx)
  edgesOfField.set(fieldOfView, edges)
  const { context, map } = sheet
  const x = (gridX: number): number =>
    (grid.originColumn + (gridX - 0.5) * grid.columnStep) * map.scaleX + map.offsetX
  const y = (gridY: number): number =>
    (grid.originRow + (gridY - 0.5) * grid.rowStep) * map.scaleY + map.offsetY
  context.save()
  context.strokeStyle = MARK_STYLE.quiet
  context.lineWidth = 1
  context.beginPath()
  for (let at = 0; at + 3 < edges.length; at += 4) {
    context.moveTo(x(edges[at] ?? 0), y(edges[at + 1] ?? 0))
    context.lineTo(x(edges[at + 2] ?? 0), y(edges[at + 3] ?? 0))
  }
  context.stroke()
  context.restore()
}
