import { cividis, VARIANCE_MAX } from '../../../../core/image/data-colours'
import type { RunOverlay } from '../../worker/overlay-types'
import { spreadOf } from '../../pixels/pixel-spread'
import { drawInImage } from '../../camera'
import { paintedOnce } from '../painted-once'
import type { Sheet } from '../scene'

/**
 * Colours of the variance map, RGBA, four bytes a grid pixel, [row][column]: cividis over 0…0.25 at full alpha,
 * nothing where all samples agree or outside the field of view. The scale is the same for every image.
 */
export function varianceColours(
  overlay: Pick<RunOverlay, 'counts' | 'sampleCount' | 'fieldOfView'>,
): Uint8ClampedArray<ArrayBuffer> {
  const { counts, sampleCount, fieldOfView } = overlay
  const byCount = new Uint8ClampedArray((sampleCount + 1) * 4)
  for (let inside = 1; inside < sampleCount; inside += 1) {
    const { variance } = spreadOf(inside, sampleCount)
    byCount.set([...cividis(variance / VARIANCE_MAX), 255], inside * 4)
  }
  const colours = new Uint8ClampedArray(counts.length * 4)
  for (let index = 0; index < counts.length; index += 1) {
    if (fieldOfView?.[index] === 0) continue
    const from = (counts[index] ?? 0) * 4
    const to = index * 4
    colours[to] = byCount[from] ?? 0
    colours[to + 1] = byCount[from + 1] ?? 0
    colours[to + 2] = byCount[from + 2] ?? 0
    colours[to + 3] = byCount[from + 3] ?? 0
  }
  return colours
}

const mapCanvas = paintedOnce((overlay: RunOverlay) => ({
  ...{ widthPx: overlay.grid.widthPx, heightPx: overlay.grid.heightPx },
  rgba: varianceColours(overlay),
}))

/** The map at the size of its own pixels: never smoothed, so that it looks no finer than it is. */
export function paintVarianceMap(sheet: Sheet, overlay: RunOverlay, opacity: number): void {
  const { context, map } = sheet
  const { grid } = overlay
  context.save()
  context.globalAlpha = opacity
  context.imageSmoothingEnabled = false
  drawInImage(context, map)
  const [left, top] = [grid.originColumn - grid.columnStep / 2, grid.originRow - grid.rowStep / 2]
  const [columns, rows] = [grid.widthPx * grid.columnStep, grid.heightPx * grid.rowStep]
  context.drawImage(mapCanvas(overlay), left, top, columns, rows)
  context.restore()
}
