import { drawInImage } from '../camera'
import { paintBands } from '../overlays/bands'
import { paintChosenSample, paintMedian, paintReaders, paintSamples } from '../overlays/outlines'
import type { PaintSteps } from '../overlays/outlines'
import { drawnOutlines, INSET_SAMPLES_MAX } from '../overlays/sample-choice'
import type { Scene, Sheet } from '../overlays/scene'

/** Puts the windowed picture on a sheet. Grey pictures come as white with alpha, so black goes under them. */
export function paintPicture(sheet: Sheet, picture: HTMLCanvasElement): void {
  const { context, map, size } = sheet
  context.save()
  context.fillStyle = '#000000'
  context.fillRect(0, 0, size.width, size.height)
  context.imageSmoothingQuality = 'high'
  drawInImage(context, map)
  context.drawImage(picture, -0.5, -0.5, picture.width, picture.height)
  context.restore()
}

/** The inset: the photograph undimmed, with the contours that the map leaves out. */
export function paintInset(sheet: Sheet, scene: Scene, picture: HTMLCanvasElement): void {
  paintPicture(sheet, picture)
  for (const steps of insetSteps(sheet, { ...scene, mode: 'contours' })) {
    // The box of the inset is small: its few thousand vertices are drawn at once.
    while (steps.next().done !== true);
  }
}

function* insetSteps(sheet: Sheet, scene: Scene): Generator<PaintSteps, void, void> {
  const { overlay, layers } = scene
  if (overlay === null) return
  if (layers.bands) yield paintBands(sheet, overlay.bands)
  if (layers.samples) yield paintSamples(sheet, drawnOutlines(overlay, INSET_SAMPLES_MAX))
  if (layers.readers) yield paintReaders(sheet, scene)
  if (layers.median) yield paintMedian(sheet, scene)
  yield paintChosenSample(sheet, scene)
}
