import { MARK_STYLE } from '../../../core/image/data-colours'
import type { InsetView } from '../inset/inset-view'
import type { Sheet } from './scene'
import { strokeHaloed } from './stroke'

/** The box that the inset magnifies, and the two lines that lead from it to the inset. */
export function paintInsetFrame(sheet: Sheet, inset: InsetView): void {
  const { context } = sheet
  const { box, place } = inset
  context.save()
  context.globalAlpha = 0.55
  context.strokeStyle = MARK_STYLE.text
  context.lineWidth = 1
  context.beginPath()
  context.moveTo(box.right, box.top)
  context.lineTo(place.right, place.top)
  context.moveTo(box.left, box.bottom)
  context.lineTo(place.left, place.bottom)
  context.stroke()
  context.restore()
  strokeHaloed(context, MARK_STYLE.white, 1.5, () => {
    context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top)
  })
}
