import type { Camera, CanvasPoint } from '../camera'
import type { ViewportWindow, StrokeHands } from '../viewport-types'
import type { ImagePoint } from '../../../core/geometry/image-point'

/** A pointer on the viewport, in CSS pixels from its upper left. */
export interface PointerAt extends CanvasPoint {
  /** Shift or Alt is held: the tool does its opposite, where it has one. */
  readonly opposite: boolean
}

/** What tools may do to the viewport. They draw nothing themselves. */
export interface ToolActions {
  readonly camera: () => Camera
  readonly setCamera: (camera: Camera) => void
  readonly panBy: (dx: number, dy: number) => void
  readonly zoomAt: (factor: number, anchor: CanvasPoint) => void
  readonly window: () => ViewportWindow
  readonly setWindow: (window: ViewportWindow) => void
  /** A click on the image. */
  readonly pick: (at: CanvasPoint) => void
  /** Moves the crosshair of linked planes. */
  readonly moveCross: (at: ImagePoint) => void
  /** Where the crosshair is; null where there is none. */
  readonly crossPoint: () => ImagePoint | null
  /** Where the box of the inset is centred, if the point lies in the box. */
  readonly insetBoxAt: (at: CanvasPoint) => CanvasPoint | null
  readonly moveInset: (centre: CanvasPoint) => void
  readonly imagePoint: (at: CanvasPoint) => ImagePoint
  /** Begins a stroke of the drawing that is open; null where none is. */
  readonly beginStroke: (at: ImagePoint, opposite: boolean) => StrokeHands | null
  /** The same of what is being measured. */
  readonly beginMeasure: (at: ImagePoint, opposite: boolean) => StrokeHands | null
  /** Takes up a finished ruler by the end near the point; its other end stays. */
  readonly takeRuler: (at: CanvasPoint) => TakenRuler | null
  /** Shows a ruler that is being drawn; null shows none. */
  readonly draftRuler: (ends: RulerEnds | null) => void
  readonly finishRuler: (ends: RulerEnds) => void
}

export interface RulerEnds {
  readonly from: ImagePoint
  readonly to: ImagePoint
}

export interface TakenRuler {
  readonly fixed: ImagePoint
  /** Puts the ruler back as it was. */
  readonly putBack: () => void
}

/** What goes on between press and release. */
export interface Gesture {
  readonly move: (at: PointerAt) => void
  readonly release: (at: PointerAt) => void
  /** Escape, or the pointer was taken away: everything is as it was before the press. */
  readonly cancel: () => void
}

/** A tool answers a press with a gesture. */
export type Tool = (start: PointerAt, actions: ToolActions) => Gesture

/** A press and release within this distance is a click. */
const CLICK_PX = 4

export const isClick = (from: CanvasPoint, to: CanvasPoint): boolean =>
  Math.hypot(to.x - from.x, to.y - from.y) <= CLICK_PX
