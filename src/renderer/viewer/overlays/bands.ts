import { MODEL_STYLE } from '../../../core/image/data-colours'
import type { BandRings } from '../worker/overlay-types'
import { traceWhole, visibleBox } from './ring-path'
import type { Sheet } from './scene'

/** The rings between intersection and union of the deepest 90 % and 50 %: even-odd, so holes stay holes; the wider first. */
export function* paintBands(sheet: Sheet, bands: readonly BandRings[]): Generator<number, void, void> {
  const { context, map, size } = sheet
  const box = visibleBox(map, size)
  for (const band of [...bands].sort((a, b) => b.fraction - a.fraction)) {
    const wide = band.fraction === 0.9
    context.save()
    context.fillStyle = wide ? MODEL_STYLE.bandColour90 : MODEL_STYLE.bandColour50
    context.globalAlpha = wide ? MODEL_STYLE.bandAlpha90 : MODEL_STYLE.bandAlpha50
    context.beginPath()
    const traced = traceWhole(context, band.outer, map, box) + traceWhole(context, band.inner, map, box)
    context.fill('evenodd')
    context.restore()
    yield traced
  }
}
