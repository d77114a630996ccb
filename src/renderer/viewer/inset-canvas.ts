import { paintBands } from './overlays/bands'
import { paintChosenSample, paintMedian, paintReaders, paintSamples } from './overlays/outlines'
import { drawnOutlines, INSET_SAMPLES_MAX } from './overlays/sample-choice'
import type { Scene, Sheet } from './overlays/scene'

/** Puts the windowed picture on a sheet. Grey pictures come as white with alpha, so black goes under them. */
export function paintPicture(sheet: Sheet, picture: HTMLCanvasElement): void {
  const { context, map, size } = sheet
  context.save()
  context.fillStyle = '#000000'
  context.fillRect(0, 0, size.width, size.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(
    picture,
    map.offsetX - map.scaleX / 2,
    map.offsetY - map.scaleY / 2,
    picture.width * map.scaleX,
    picture.height * map.scaleY,
  )
  context.restore()
}

/** The inset: the photograph undimmed, with the contours that the map leaves out. */
export function paintInset(sheet: Sheet, scene: Scene, picture: HTMLCanvasElement): void {
  paintPicture(sheet, picture)
  const { overlay, layers } = scene
  if (overlay === null) return
  const contours: Scene = { ...scene, mode: 'contours' }
  if (layers.bands) paintBands(sheet, overlay.bands)
  if (layers.samples) {
    const outlines = drawnOutlines(overlay, INSET_SAMPLES_MAX)
    let from: number | null = 0
    while (from !== null) from = paintSamples(sheet, outlines, from)
  }
  if (layers.readers) paintReaders(sheet, contours)
  if (layers.median) paintMedian(sheet, contours)
  paintChosenSample(sheet, contours)
}
