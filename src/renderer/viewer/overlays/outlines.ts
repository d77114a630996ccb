import {
  HALO,
  MARK_STYLE,
  MODEL_STYLE,
  modelDashPx,
  READER_WIDTH_PX,
  readerStyle,
} from '../../../core/image/data-colours'
import type { Outline, Ring, RunOverlay } from '../worker/overlay-types'
import type { ReaderOutline } from '../viewport-types'
import { meanWidthPx, strokeRings } from './ring-path'
import { medianOutline, outlineOf } from './sample-choice'
import { hasMap, samplesDrawnAt } from './scene'
import type { Scene, Sheet } from './scene'

/** Painting that can stop after any piece; each step tells how many vertices it drew. */
export type PaintSteps = Generator<number, void, void>

/** Thin outlines of samples, no halo. */
export function* paintSamples(sheet: Sheet, outlines: readonly Outline[]): PaintSteps {
  for (const outline of outlines) {
    yield* strokeRings(sheet, outline.rings, {
      colour: MODEL_STYLE.sampleColour,
      alpha: MODEL_STYLE.sampleAlpha,
      widthPx: MODEL_STYLE.sampleWidthPx,
      dashPx: [],
    })
  }
}

interface Line {
  readonly colour: string
  readonly widthPx: number
  readonly dashPx: readonly number[]
}

/**
 * Lines around what is narrow on a whole photograph are thinner and have no halo: the two sides of a vessel lie a few
 * pixels apart there, and full lines would leave nothing of it to see. A disc or a lesion has lines as on a slice.
 */
const FINE_WIDTH_SHARE = 0.6
const NARROW_PX = 8

/** Whether outlines are drawn fine at this scale, and carry no letter. */
export const isFine = (scene: Pick<Scene, 'look'>, rings: readonly Ring[], scale: number): boolean =>
  !samplesDrawnAt(scene, scale) && meanWidthPx(rings) * scale < NARROW_PX

/** A line with its halo: the same path in black, wider, with the same dashes, drawn first. */
function* paintHaloed(sheet: Sheet, scene: Scene, rings: readonly Ring[], line: Line): PaintSteps {
  if (isFine(scene, rings, sheet.map.columnPx)) {
    yield* strokeRings(sheet, rings, { ...line, alpha: 1, widthPx: line.widthPx * FINE_WIDTH_SHARE })
    return
  }
  const widthPx = line.widthPx + 2 * HALO.extraPx
  yield* strokeRings(sheet, rings, { colour: HALO.colour, alpha: HALO.alpha, widthPx, dashPx: line.dashPx })
  yield* strokeRings(sheet, rings, { ...line, alpha: 1 })
}

/** Over a map lines are white, since cividis ends in yellow; dashes and letters still tell them apart. */
const overMap = (scene: Scene, colour: string): string => (hasMap(scene) ? MARK_STYLE.white : colour)

/** The median sample: a sample that was drawn, never an average. Of two compared models that of the other lies below. */
export function* paintMedian(sheet: Sheet, scene: Scene): PaintSteps {
  const { overlay, compared } = scene
  const place = compared?.place ?? 1
  // On a whole photograph two medians would leave nothing of the vessels to see.
  const other = samplesDrawnAt(scene, sheet.map.columnPx) ? (compared?.other ?? null) : null
  yield* paintOneMedian(sheet, scene, other, {
    widthPx: MODEL_STYLE.otherMedianWidthPx,
    dashPx: modelDashPx(place === 1 ? 2 : 1),
  })
  yield* paintOneMedian(sheet, scene, overlay, {
    widthPx: MODEL_STYLE.medianWidthPx,
    dashPx: modelDashPx(place),
  })
}

function* paintOneMedian(
  sheet: Sheet,
  scene: Scene,
  overlay: RunOverlay | null,
  line: Omit<Line, 'colour'>,
): PaintSteps {
  const median = overlay === null ? null : medianOutline(overlay)
  if (median === null) return
  yield* paintHaloed(sheet, scene, median.rings, {
    ...line,
    colour: overMap(scene, MODEL_STYLE.medianColour),
  })
}

/** One sample chosen in the strip. */
export function* paintChosenSample(sheet: Sheet, scene: Scene): PaintSteps {
  const chosen = scene.overlay === null ? null : outlineOf(scene.overlay, scene.highlightSample)
  if (chosen === null) return
  yield* paintHaloed(sheet, scene, chosen.rings, {
    colour: MODEL_STYLE.chosenSampleColour,
    widthPx: MODEL_STYLE.medianWidthPx,
    dashPx: [],
  })
}

const OUTLIER_DASH_PX = [4, 4]
const ENVELOPE_ALPHA = 0.75

/** Of a contour boxplot what lies beyond its bands: the envelope as a thin line, outliers thin and dashed. */
export function* paintEnvelope(sheet: Sheet, overlay: RunOverlay): PaintSteps {
  const line = { colour: MODEL_STYLE.sampleColour, alpha: ENVELOPE_ALPHA, widthPx: 1 }
  if (overlay.envelope !== null) {
    const { inner, outer } = overlay.envelope
    yield* strokeRings(sheet, [...outer, ...inner], { ...line, dashPx: [] })
  }
  for (const outlier of overlay.outliers) {
    const rings = outlineOf(overlay, outlier)?.rings ?? []
    yield* strokeRings(sheet, rings, { ...line, dashPx: OUTLIER_DASH_PX })
  }
}

const EXPLORED_DASH_PX = [5, 3]

/** The outline at a place of the latent: of the model but none of its samples, so dashed in the colour of what is chosen. */
export function paintExplored(sheet: Sheet, scene: Scene, rings: readonly Ring[]): void {
  const line = { colour: MODEL_STYLE.chosenSampleColour, widthPx: MODEL_STYLE.medianWidthPx }
  const steps = paintHaloed(sheet, scene, rings, { ...line, dashPx: EXPLORED_DASH_PX })
  while (steps.next().done !== true);
}

/** Readers in their colours and dashes. */
export function* paintReaders(sheet: Sheet, scene: Scene): PaintSteps {
  for (const reader of shownReaders(scene.readers)) {
    const line = lineOf(reader)
    yield* paintHaloed(sheet, scene, reader.rings, { ...line, colour: overMap(scene, line.colour) })
  }
}

/** How a reader's outline is drawn. */
export function lineOf(reader: ReaderOutline): Line {
  if (reader.line !== undefined) return reader.line
  const { colour, dashPx } = readerStyle(reader.colourIndex)
  return { colour, dashPx, widthPx: READER_WIDTH_PX }
}

/** Readers that are on and drew something on this slice. */
export function shownReaders(readers: readonly ReaderOutline[]): ReaderOutline[] {
  return readers.filter((reader) => reader.visible && reader.rings.length > 0)
}
