import { MARK_STYLE } from '../../../core/image/data-colours'
import type { ImagePoint } from '../../../core/geometry/image-point'
import { toCanvas } from '../camera'
import type { Sheet } from './scene'
import { FOUR_WAYS, strokeHaloed } from './stroke'

/** Free about the middle, so that the cursor hides nothing of what it points at. */
const GAP_PX = 5
const ARM_PX = 15

/** The cursor of the keyboard: a small cross in the colour of what one acts with. */
export function paintKeyCursor({ context, map }: Sheet, at: ImagePoint): void {
  const { x, y } = toCanvas(map, at)
  strokeHaloed(context, MARK_STYLE.accent, 2, () => {
    for (const [dx, dy] of FOUR_WAYS) {
      context.moveTo(x + dx * GAP_PX, y + dy * GAP_PX)
      context.lineTo(x + dx * (GAP_PX + ARM_PX), y + dy * (GAP_PX + ARM_PX))
    }
  })
}
