import type { InsetView } from '../inset/inset-view'
import { modeShows } from '../viewport-types'
import type { ImagePoint } from '../../../core/geometry/image-point'
import type { CrossMarks, LayerName, MeasuredMark, OwnDrawing, Ruler } from '../viewport-types'
import type { Ring } from '../worker/overlay-types'
import { paintBands } from './bands'
import { paintCross, paintCuts } from './cross'
import { paintCropEdge } from './crop-edge'
import { paintFieldOfView } from './field-of-view'
import { paintMeasurements } from './measurements'
import { paintOwnDrawing } from './own-drawing'
import { paintGraphics } from './graphics'
import { paintInsetFrame } from './inset-frame'
import { paintKeyCursor } from './key-cursor'
import { letterObstacles, paintLetters } from './letters'
import {
  paintChosenSample,
  paintEnvelope,
  paintExplored,
  paintMedian,
  paintReaders,
  paintSamples,
} from './outlines'
import type { PaintSteps } from './outlines'
import { paintProbe, paintRuler } from './rulers'
import { drawnOutlines, DRAWN_SAMPLES_MAX } from './sample-choice'
import { samplesDrawnAt } from './scene'
import { hasMap, type Scene, type Sheet } from './scene'
import { paintFocus, paintStepMap } from './maps/step-map'
import { paintSampleMap } from './maps/sample-map'

/** Marks of the tools over everything else. */
export interface Marks {
  readonly rulers: readonly Omit<Ruler, 'pictureKey'>[]
  readonly probe: ImagePoint | null
  readonly inset: InsetView | null
  readonly own: OwnDrawing | null
  readonly cross: CrossMarks | null
  /** Where the cursor of the keyboard is. */
  readonly keyCursor: ImagePoint | null
  readonly measured: readonly MeasuredMark[]
  readonly explored: readonly Ring[]
}

/** Whether a layer is on and the mode shows it. */
export function layerShown(scene: Scene, layer: LayerName): boolean {
  return scene.layers[layer] && modeShows(scene.mode, layer, scene.look.isWhole)
}

/** Over the map of a photograph contours stand in the inset alone: on the whole image they would hide the map. */
export function contoursInPlace(scene: Scene): boolean {
  return !hasMap(scene) || !scene.look.isWhole
}

/** On a whole photograph the envelope of vessels is as good as the picture. */
const envelopeShown = (scene: Scene): boolean =>
  scene.mode === 'bands' && !scene.look.isWhole && layerShown(scene, 'bands')

/** The sheets that a scene is painted on, lowest first. */
export interface SceneSheets {
  readonly areas: Sheet
  readonly samples: Sheet
  readonly lines: Sheet
}

/**
 * Paints a scene: map, bands and field of view, then samples, median, readers, the chosen sample and the letters. In
 * steps, so that many vertices can be spread over frames.
 */
export function* paintScene(sheets: SceneSheets, scene: Scene): PaintSteps {
  const { overlay } = scene
  const inPlace = contoursInPlace(scene)
  const { areas, samples, lines } = sheets
  if (scene.graphics != null && layerShown(scene, 'graphics')) paintGraphics(areas, scene.graphics)
  if (overlay !== null) {
    if (layerShown(scene, 'variance')) paintSampleMap(areas, overlay, scene.layers)
    if (inPlace && layerShown(scene, 'bands')) yield* paintBands(areas, overlay.bands)
    if (layerShown(scene, 'fieldOfView')) paintFieldOfView(areas, overlay)
  }
  if (scene.stepMap != null) paintStepMap(areas, scene.stepMap, scene.layers.mapOpacity)
  if (!inPlace) return
  if (overlay !== null && envelopeShown(scene)) yield* paintEnvelope(lines, overlay)
  if (layerShown(scene, 'median')) yield* paintMedian(lines, scene)
  if (layerShown(scene, 'readers')) yield* paintReaders(lines, scene)
  yield* paintChosenSample(lines, scene)
  if (layerShown(scene, 'readers')) paintLetters(lines, scene)
  if (overlay !== null && layerShown(scene, 'samples') && samplesDrawnAt(scene, samples.map.columnPx)) {
    yield* paintSamples(samples, drawnOutlines(overlay, DRAWN_SAMPLES_MAX))
  }
}

/** What the rater draws, crop edge, the inset's frame, rulers and probe. */
export function paintMarks(sheet: Sheet, scene: Scene, marks: Marks): void {
  if (scene.focus != null) paintFocus(sheet, scene.focus)
  if (marks.cross !== null) paintCuts(sheet, marks.cross.cuts)
  paintExplored(sheet, scene, marks.explored)
  if (marks.own !== null) paintOwnDrawing(sheet, marks.own)
  // A photograph is read whole: its grid is the picture and has no edge to show.
  if (scene.overlay !== null && !scene.look.isWhole && layerShown(scene, 'cropEdge')) {
    paintCropEdge(sheet, scene.overlay.grid)
  }
  if (marks.inset !== null) paintInsetFrame(sheet, marks.inset)
  if (marks.cross !== null) paintCross(sheet, marks.cross.at)
  const hasWords = marks.measured.length + marks.rulers.length > 0
  const isLettered = contoursInPlace(scene) && layerShown(scene, 'readers')
  const obstacles = hasWords && isLettered ? letterObstacles(sheet, scene) : []
  paintMeasurements(sheet, marks.measured, obstacles)
  for (const ruler of marks.rulers) paintRuler(sheet, ruler, obstacles)
  if (marks.probe !== null) paintProbe(sheet, marks.probe)
  if (marks.keyCursor !== null) paintKeyCursor(sheet, marks.keyCursor)
}
