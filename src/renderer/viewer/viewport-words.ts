import type { RunOverlay } from './worker/overlay-types'
import { drawnOutlines, INSET_SAMPLES_MAX } from './overlays/sample-choice'
import { PHOTOGRAPH_SAMPLES_ZOOM, samplesDrawnAt } from './overlays/scene'
import { layerShown, contoursInPlace } from './overlays/paint-scene'
import type { Scene } from './overlays/scene'
import type { SlicePosition } from './viewport-types'

/** "zoom 6.0 ×, smooth": pixels are interpolated for showing, and that is said. */
export const zoomWords = (zoom: number): string => `zoom ${zoom.toFixed(zoom < 1 ? 2 : 1)} ×, smooth`

/** "slice 44 / 133, instance 44"; empty where there is one picture only. */
export function sliceWords(slice: SlicePosition | null): string {
  if (slice === null) return ''
  if (slice.words !== undefined) return slice.words
  const instance = slice.instanceNumber === null ? '' : `, instance ${slice.instanceNumber}`
  return `slice ${slice.number} / ${slice.count}${instance}`
}

/** "24 of 100 samples drawn", for the inset. */
export function insetWords(overlay: RunOverlay): string {
  return `${drawnOutlines(overlay, INSET_SAMPLES_MAX).length} of ${overlay.sampleCount} samples drawn`
}

/** Why the samples of a photograph are not there, where they are not; else empty. */
export function missingSamplesWords(scene: Scene, zoom: number): string {
  if (scene.overlay === null || !contoursInPlace(scene) || !layerShown(scene, 'samples')) return ''
  return samplesDrawnAt(scene, zoom) ? '' : `samples are drawn from zoom ${PHOTOGRAPH_SAMPLES_ZOOM} × on`
}
