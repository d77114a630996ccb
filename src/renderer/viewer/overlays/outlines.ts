import { HALO, MARK_STYLE, MODEL_STYLE, READER_WIDTH_PX, readerStyle } from '../../theme/data-colours'
import type { Outline, Ring } from '../../overlay-worker/overlay-types'
import type { ReaderOutline } from '../viewport-types'
import { strokeRings, visibleBox } from './ring-path'
import { medianOutline, outlineOf } from './sample-choice'
import type { Scene, Sheet } from './scene'

/** A frame draws about this many vertices of samples and leaves the rest to the next, so that no frame takes 50 ms. */
const VERTICES_A_FRAME = 40_000

/** Draws sample outlines from number `from` on; answers where to go on in the next frame, or null when all are drawn. */
export function paintSamples(sheet: Sheet, outlines: readonly Outline[], from: number): number | null {
  const { context, map, size } = sheet
  const box = visibleBox(map, size)
  context.save()
  context.strokeStyle = MODEL_STYLE.sampleColour
  context.globalAlpha = MODEL_STYLE.sampleAlpha
  context.lineWidth = MODEL_STYLE.sampleWidthPx
  context.lineJoin = 'round'
  let vertices = 0
  let next: number | null = null
  for (let index = from; index < outlines.length; index += 1) {
    vertices += strokeRings(context, outlines[index]?.rings ?? [], map, box)
    if (vertices > VERTICES_A_FRAME && index + 1 < outlines.length) {
      next = index + 1
      break
    }
  }
  context.restore()
  return next
}

interface Line {
  readonly colour: string
  readonly widthPx: number
  readonly dashPx: readonly number[]
}

/** A line with its halo: the same path in black, wider, with the same dashes, drawn first. */
export function paintHaloed(sheet: Sheet, rings: readonly Ring[], line: Line): void {
  const { context, map, size } = sheet
  const box = visibleBox(map, size)
  context.save()
  context.lineJoin = 'round'
  context.globalAlpha = HALO.alpha
  context.strokeStyle = HALO.colour
  context.lineWidth = line.widthPx + 2 * HALO.extraPx
  strokeRings(context, rings, map, box, line.dashPx)
  context.globalAlpha = 1
  context.strokeStyle = line.colour
  context.lineWidth = line.widthPx
  strokeRings(context, rings, map, box, line.dashPx)
  context.restore()
}

/** Over a map lines are white, since cividis ends in yellow; dashes and letters still tell them apart. */
const overMap = (scene: Scene, colour: string): string => (scene.mode === 'map' ? MARK_STYLE.white : colour)

/** The median sample: a sample that was drawn, never an average. */
export function paintMedian(sheet: Sheet, scene: Scene): void {
  const median = scene.overlay === null ? null : medianOutline(scene.overlay)
  if (median === null) return
  paintHaloed(sheet, median.rings, {
    colour: overMap(scene, MODEL_STYLE.medianColour),
    widthPx: MODEL_STYLE.medianWidthPx,
    dashPx: [],
  })
}

/** One sample chosen in the strip. */
export function paintChosenSample(sheet: Sheet, scene: Scene): void {
  const chosen = scene.overlay === null ? null : outlineOf(scene.overlay, scene.highlightSample)
  if (chosen === null) return
  paintHaloed(sheet, chosen.rings, {
    colour: MODEL_STYLE.chosenSampleColour,
    widthPx: MODEL_STYLE.medianWidthPx,
    dashPx: [],
  })
}

export function paintReaders(sheet: Sheet, scene: Scene): void {
  for (const reader of shownReaders(scene.readers)) {
    const style = readerStyle(reader.colourIndex)
    paintHaloed(sheet, reader.rings, {
      colour: overMap(scene, style.colour),
      widthPx: READER_WIDTH_PX,
      dashPx: style.dashPx,
    })
  }
}

/** Readers that are on and drew something on this slice. */
export function shownReaders(readers: readonly ReaderOutline[]): ReaderOutline[] {
  return readers.filter((reader) => reader.visible && reader.rings.length > 0)
}
