import type { InsetView } from '../inset-view'
import { modeShows } from '../viewport-types'
import type { ImagePoint, LayerName, Ruler } from '../viewport-types'
import { paintBands } from './bands'
import { paintCropEdge } from './crop-edge'
import { paintFieldOfView } from './field-of-view'
import { paintInsetFrame } from './inset-frame'
import { paintLetters } from './letters'
import { paintChosenSample, paintMedian, paintReaders } from './outlines'
import { paintProbe, paintRuler } from './rulers'
import type { Scene, Sheet } from './scene'
import { paintVarianceMap } from './variance-map'

/** Marks of the tools over everything else. */
export interface Marks {
  readonly rulers: readonly Omit<Ruler, 'pictureKey'>[]
  readonly probe: ImagePoint | null
  readonly inset: InsetView | null
}

/** Whether a layer is on and the mode shows it. */
export function layerShown(scene: Scene, layer: LayerName): boolean {
  return scene.layers[layer] && modeShows(scene.mode, layer, scene.kind)
}

/** In the map mode of a photograph contours stand in the inset alone: on the whole image they would hide the map. */
export function contoursInPlace(scene: Scene): boolean {
  return scene.mode !== 'map' || scene.kind === 'grey'
}

/** Map, field of view and bands: what lies under all lines. */
export function paintAreas(sheet: Sheet, scene: Scene): void {
  const { overlay } = scene
  if (overlay === null) return
  if (layerShown(scene, 'variance')) paintVarianceMap(sheet, overlay, scene.layers.mapOpacity)
  if (contoursInPlace(scene) && layerShown(scene, 'bands')) paintBands(sheet, overlay.bands)
  if (layerShown(scene, 'fieldOfView')) paintFieldOfView(sheet, overlay)
}

/** Median, chosen sample, readers and their letters. */
export function paintLines(sheet: Sheet, scene: Scene): void {
  if (!contoursInPlace(scene)) return
  if (layerShown(scene, 'median')) paintMedian(sheet, scene)
  paintChosenSample(sheet, scene)
  if (layerShown(scene, 'readers')) {
    paintReaders(sheet, scene)
    paintLetters(sheet, scene)
  }
}

/** Crop edge, the inset's frame, rulers and probe. */
export function paintMarks(sheet: Sheet, scene: Scene, marks: Marks): void {
  // A photograph is read whole: its grid is the picture and has no edge to show.
  if (scene.overlay !== null && scene.kind === 'grey' && layerShown(scene, 'cropEdge')) {
    paintCropEdge(sheet, scene.overlay.grid)
  }
  if (marks.inset !== null) paintInsetFrame(sheet, marks.inset)
  for (const ruler of marks.rulers) paintRuler(sheet, ruler)
  if (marks.probe !== null) paintProbe(sheet, marks.probe)
}
