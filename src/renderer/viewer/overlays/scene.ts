import type { Mask } from '../../../core/image/mask'
import type { RunOverlay } from '../worker/overlay-types'
import type { CanvasMap, CanvasSize } from '../camera'
import type { SubjectLook } from '../subject-looks'
import type {
  ComparedModel,
  LayerVisibility,
  PixelFocus,
  ReaderOutline,
  StepMap,
  ViewMode,
} from '../viewport-types'

/** What is drawn over the picture. Painters read it and hold nothing. */
export interface Scene {
  readonly overlay: RunOverlay | null
  readonly compared: ComparedModel | null
  readonly readers: readonly ReaderOutline[]
  readonly layers: LayerVisibility
  readonly mode: ViewMode
  readonly look: Pick<SubjectLook, 'isWhole'>
  readonly highlightSample: number | null
  /** Overlay planes of the file, under everything else. */
  readonly graphics?: Mask | null
  readonly stepMap?: StepMap | null
  readonly focus?: PixelFocus | null
}

/** Whether a map lies over the picture: the mode asks for one, and there is something to make it of. */
export const hasMap = ({ mode, overlay, stepMap }: Pick<Scene, 'mode' | 'overlay' | 'stepMap'>): boolean =>
  mode === 'map' && (overlay !== null || stepMap != null)

/** Where it is drawn: all lengths in CSS pixels, the context is scaled to device pixels before. */
export interface Sheet {
  readonly context: CanvasRenderingContext2D
  readonly map: CanvasMap
  readonly size: CanvasSize
}

/** Below this zoom the samples of a photograph are left to the inset: a vessel is then narrower than its spread of lines. */
export const PHOTOGRAPH_SAMPLES_ZOOM = 2

/** Whether the samples of this scene are drawn at this zoom. */
export function samplesDrawnAt(scene: Pick<Scene, 'look'>, zoom: number): boolean {
  return !scene.look.isWhole || zoom >= PHOTOGRAPH_SAMPLES_ZOOM
}
