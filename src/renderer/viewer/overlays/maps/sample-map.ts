import { cividis } from '../../../../core/image/data-colours'
import type { LayerVisibility } from '../../viewport-types'
import type { RunOverlay } from '../../worker/overlay-types'
import { drawInImage } from '../../camera'
import { paintedOnce } from '../painted-once'
import type { Sheet } from '../scene'
import { levelledMap, MAP_SCALES } from './map-measures'

/** Which map is shown, and from which value on. */
type MapChoice = Pick<LayerVisibility, 'mapOf' | 'mapFrom'>
type MapSource = Pick<RunOverlay, 'counts' | 'sampleCount' | 'informationBits' | 'fieldOfView'>

/**
 * Colours of a map of samples, RGBA, four bytes a grid pixel, [row][column]: cividis over the measure's whole scale at
 * full alpha, nothing at its zero, below the threshold or outside the field of view. The scale is the same for every
 * image. All clear where the measure cannot be had.
 */
export function mapColours(
  overlay: MapSource,
  { mapOf, mapFrom }: MapChoice,
): Uint8ClampedArray<ArrayBuffer> {
  const { counts, fieldOfView } = overlay
  const colours = new Uint8ClampedArray(counts.length * 4)
  const map = levelledMap(overlay, mapOf)
  if (map === null) return colours
  const { highest, clearUpTo } = MAP_SCALES[mapOf]
  const byLevel = new Uint8ClampedArray(map.values.length * 4)
  for (const [level, value] of map.values.entries())
    if (value > clearUpTo && value >= mapFrom) byLevel.set([...cividis(value / highest), 255], level * 4)
  for (let index = 0; index < counts.length; index += 1) {
    if (fieldOfView?.[index] === 0) continue
    const from = (map.levels[index] ?? 0) * 4
    const to = index * 4
    colours[to] = byLevel[from] ?? 0
    colours[to + 1] = byLevel[from + 1] ?? 0
    colours[to + 2] = byLevel[from + 2] ?? 0
    colours[to + 3] = byLevel[from + 3] ?? 0
  }
  return colours
}

/** The overlay as one map shows it: the same thing again as long as the same is asked, so that it is painted once. */
const shownMap = new WeakMap<RunOverlay, { readonly overlay: RunOverlay; readonly choice: MapChoice }>()

function mapOfOverlay(overlay: RunOverlay, { mapOf, mapFrom }: MapChoice) {
  const before = shownMap.get(overlay)
  if (before !== undefined && before.choice.mapOf === mapOf && before.choice.mapFrom === mapFrom)
    return before
  const now = { overlay, choice: { mapOf, mapFrom } }
  shownMap.set(overlay, now)
  return now
}

const mapCanvas = paintedOnce(({ overlay, choice }: ReturnType<typeof mapOfOverlay>) => ({
  ...{ widthPx: overlay.grid.widthPx, heightPx: overlay.grid.heightPx },
  rgba: mapColours(overlay, choice),
}))

/** The map at the size of its own pixels: never smoothed, so that it looks no finer than it is. */
export function paintSampleMap(sheet: Sheet, overlay: RunOverlay, layers: LayerVisibility): void {
  const { context, map } = sheet
  const { grid } = overlay
  context.save()
  context.globalAlpha = layers.mapOpacity
  context.imageSmoothingEnabled = false
  drawInImage(context, map)
  const [left, top] = [grid.originColumn - grid.columnStep / 2, grid.originRow - grid.rowStep / 2]
  const [columns, rows] = [grid.widthPx * grid.columnStep, grid.heightPx * grid.rowStep]
  context.drawImage(mapCanvas(mapOfOverlay(overlay, layers)), left, top, columns, rows)
  context.restore()
}
