import { MARK_STYLE } from '../../../core/image/data-colours'
import { toCanvas } from '../camera'
import type { ImagePoint } from '../../../core/geometry/image-point'
import type { CutLines } from '../viewport-types'
import type { Sheet } from './scene'
import { strokeHaloed } from './stroke'

/** Free about the middle, so that the crosshair hides nothing of what it points at. */
const GAP_PX = 14
const END_RADIUS_PX = 2

/** Lines across the whole view through the place that all planes show. */
export function paintCross({ context, map, size }: Sheet, at: ImagePoint): void {
  const { x, y } = toCanvas(map, at)
  strokeHaloed(context, MARK_STYLE.accent, 1, () => {
    for (const [from, to] of [
      [0, x - GAP_PX],
      [x + GAP_PX, size.width],
    ] as const) {
      if (to <= from) continue
      context.moveTo(from, y)
      context.lineTo(to, y)
    }
    for (const [from, to] of [
      [0, y - GAP_PX],
      [y + GAP_PX, size.height],
    ] as const) {
      if (to <= from) continue
      context.moveTo(x, from)
      context.lineTo(x, to)
    }
  })
}

/** Where this plane cuts outlines of slices: a line from edge to edge, a point at each edge. */
export function paintCuts({ context, map }: Sheet, cuts: readonly CutLines[]): void {
  context.save()
  for (const { colour, dashPx, alpha, ends } of cuts) {
    context.globalAlpha = alpha
    context.strokeStyle = colour
    context.fillStyle = colour
    context.lineWidth = 1.25
    context.setLineDash([...dashPx])
    context.beginPath()
    for (let at = 0; at + 3 < ends.length; at += 4) {
      const from = toCanvas(map, { column: ends[at] ?? 0, row: ends[at + 1] ?? 0 })
      const to = toCanvas(map, { column: ends[at + 2] ?? 0, row: ends[at + 3] ?? 0 })
      context.moveTo(from.x, from.y)
      context.lineTo(to.x, to.y)
    }
    context.stroke()
    context.beginPath()
    for (let at = 0; at + 1 < ends.length; at += 2) {
      const { x, y } = toCanvas(map, { column: ends[at] ?? 0, row: ends[at + 1] ?? 0 })
      context.moveTo(x + END_RADIUS_PX, y)
      context.arc(x, y, END_RADIUS_PX, 0, 2 * Math.PI)
    }
    context.fill()
  }
  context.restore()
}
