import type { ToolActions } from './tools/gesture'
import { canvasMap, pictureShape, toImage } from './camera'
import { boxHolds } from './inset/inset-view'
import type { Rulers } from './rulers/use-rulers'
import type { Viewport } from './viewport'
import type { DrawingHands, ViewportWindow } from './viewport-types'
import type { ImagePoint } from '../../core/geometry/image-point'

/** What the tools' actions reach into. */
export interface ActionTarget {
  /** Null before the viewport is mounted: nothing happens then. */
  readonly viewport: () => Viewport | null
  readonly rulers: Rulers
  readonly pick: (point: ImagePoint) => void
  readonly window: (window: ViewportWindow) => void
  readonly cross: (point: ImagePoint) => void
  readonly crossPoint: () => ImagePoint | null
  /** Who takes what is measured. */
  readonly measuring: () => DrawingHands | null
  /** Who takes the strokes of the draw tool. */
  readonly drawing: () => DrawingHands | null
}

const NO_SIZE = { width: 1, height: 1 }
const NO_SHAPE = pictureShape(1, 1, null)
const NO_CAMERA = { zoom: 1, centre: { column: 0, row: 0 } }

/** The tools' hands on one viewport. */
export function toolActions(target: ActionTarget): ToolActions {
  const map = () => target.viewport()?.layout().map ?? canvasMap(NO_CAMERA, NO_SHAPE, NO_SIZE)
  return {
    camera: () => target.viewport()?.layout().camera ?? NO_CAMERA,
    setCamera: (camera) => target.viewport()?.setCamera(camera),
    panBy: (dx, dy) => target.viewport()?.panBy(dx, dy),
    zoomAt: (factor, anchor) => target.viewport()?.zoomAt(factor, anchor),
    window: () => target.viewport()?.currentWindow() ?? { centre: 128, width: 256 },
    setWindow: target.window,
    pick: (at) => {
      const layout = target.viewport()?.layout()
      if (layout === undefined) return
      const point = toImage(layout.map, at)
      const { widthPx, heightPx } = layout.shape
      const inside =
        point.column >= -0.5 &&
        point.row >= -0.5 &&
        point.column < widthPx - 0.5 &&
        point.row < heightPx - 0.5
      if (inside) target.pick(point)
    },
    insetBoxAt: (at) => {
      const box = target.viewport()?.layout().inset?.box
      if (box === undefined || !boxHolds(box, at)) return null
      return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 }
    },
    moveInset: (centre) => {
      const viewport = target.viewport()
      if (viewport !== null && viewport.layout().inset !== null) {
        viewport.setInsetCentre(toImage(viewport.layout().map, centre))
      }
    },
    moveCross: target.cross,
    crossPoint: target.crossPoint,
    imagePoint: (at) => toImage(map(), at),
    beginStroke: (at, opposite) => target.drawing()?.begin(at, opposite) ?? null,
    beginMeasure: (at, opposite) => target.measuring()?.begin(at, opposite) ?? null,
    takeRuler: (at) => target.rulers.take(at, map()),
    draftRuler: target.rulers.draft,
    finishRuler: target.rulers.finish,
  }
}
