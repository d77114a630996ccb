import { MARK_STYLE } from '../../../core/image/data-colours'
import { toCanvas, type CanvasPoint } from '../camera'
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
  const at = (gridX: number, gridY: number): CanvasPoint =>
    toCanvas(map, {
      column: grid.originColumn + (gridX - 0.5) * grid.columnStep,
      row: grid.originRow + (gridY - 0.5) * grid.rowStep,
    })
  context.save()
  context.strokeStyle = MARK_STYLE.quiet
  context.lineWidth = 1
  context.beginPath()
  for (let edge = 0; edge + 3 < edges.length; edge += 4) {
    const from = at(edges[edge] ?? 0, edges[edge + 1] ?? 0)
    const to = at(edges[edge + 2] ?? 0, edges[edge + 3] ?? 0)
    context.moveTo(from.x, from.y)
    context.lineTo(to.x, to.y)
  }
  context.stroke()
  context.restore()
}
