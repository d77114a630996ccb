import { MARK_STYLE } from '../../../core/image/data-colours'
import { toCanvas } from '../camera'
import type { Ruler } from '../viewport-types'
import type { ImagePoint } from '../../../core/geometry/image-point'
import { besideEnds, type Obstacle } from './plate-places'
import type { Sheet } from './scene'
import { FOUR_WAYS, paintPlate, plateWidthPx, strokeHaloed } from './stroke'

/** "12.3 mm" where the spacing is known, else "41.2 px, no spacing in file". */
export function lengthWords(ruler: Pick<Ruler, 'lengthPx' | 'lengthMm'>): string {
  if (ruler.lengthMm === null) return `${ruler.lengthPx.toFixed(1)} px, no spacing in file`
  return `${ruler.lengthMm.toFixed(1)} mm`
}

const TICK_PX = 5

/** A ruler with its length beside an end, never cut at the edge of the view. */
export function paintRuler(
  sheet: Sheet,
  ruler: Omit<Ruler, 'pictureKey'>,
  obstacles: readonly Obstacle[],
): void {
  const from = toCanvas(sheet.map, ruler.from)
  const to = toCanvas(sheet.map, ruler.to)
  const { context } = sheet
  const length = Math.max(1, Math.hypot(to.x - from.x, to.y - from.y))
  const across = { x: (-(to.y - from.y) / length) * TICK_PX, y: ((to.x - from.x) / length) * TICK_PX }
  strokeHaloed(context, MARK_STYLE.accent, 1.5, () => {
    context.moveTo(from.x, from.y)
    context.lineTo(to.x, to.y)
    for (const end of [from, to]) {
      context.moveTo(end.x - across.x, end.y - across.y)
      context.lineTo(end.x + across.x, end.y + across.y)
    }
  })
  const [left, right] = from.x > to.x ? [to, from] : [from, to]
  const words = lengthWords(ruler)
  const told = { widthPx: plateWidthPx(context, words), lines: 1 }
  paintPlate(context, words, besideEnds({ left, right }, told, sheet.size, obstacles))
}

/** The pixel under the probe and lines towards it that leave its surroundings free. */
export function paintProbe(sheet: Sheet, pixel: ImagePoint): void {
  const { context, map } = sheet
  const centre = toCanvas(map, pixel)
  const half = {
    x: Math.max(3, Math.abs(map.columnX + map.rowX) / 2),
    y: Math.max(3, Math.abs(map.columnY + map.rowY) / 2),
  }
  strokeHaloed(context, MARK_STYLE.white, 1, () => {
    context.rect(centre.x - half.x, centre.y - half.y, 2 * half.x, 2 * half.y)
    for (const [dx, dy] of FOUR_WAYS) {
      context.moveTo(centre.x + dx * (half.x + 4), centre.y + dy * (half.y + 4))
      context.lineTo(centre.x + dx * (half.x + 14), centre.y + dy * (half.y + 14))
    }
  })
}
