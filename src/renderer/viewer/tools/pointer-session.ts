import type { CanvasPoint } from '../camera'
import type { ToolName } from '../viewport-types'
import type { Gesture, PointerAt, ToolActions } from './gesture'
import { toolForPress } from './gesture-choice'
import { NO_TRAVEL, slicesOfTurn, zoomOfTurn } from './wheel-steps'

/** What the session needs from the viewport. */
export interface SessionTarget {
  readonly tool: () => ToolName
  readonly actions: ToolActions
  /** The pointer stands here; null when it left. */
  readonly hover: (at: CanvasPoint | null) => void
  /** There are slices to scroll through; else the wheel zooms. */
  readonly hasSlices: () => boolean
  readonly scroll: (deltaSlices: number) => void
  readonly spaceHeld: (held: boolean) => void
  /** Space was pressed and released with no drag in between. */
  readonly spaceTapped: () => void
}

const FAST_SLICES = 5

/** Space belongs to the control that has the focus. */
const takesSpace = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(target.tagName))

/**
 * Presses, drags, wheel, Space and Escape on one element. The pointer is captured while a button is held, so a drag
 * that leaves the image goes on; one gesture at a time.
 */
export class PointerSession {
  private gesture: Gesture | null = null
  private pointerId: number | null = null
  private travel = NO_TRAVEL
  private over = false
  private space = false
  private spaceUsed = false

  constructor(
    private readonly element: HTMLElement,
    private readonly target: SessionTarget,
  ) {
    element.addEventListener('pointerdown', this.down)
    element.addEventListener('pointermove', this.move)
    element.addEventListener('pointerup', this.up)
    element.addEventListener('pointercancel', this.drop)
    element.addEventListener('pointerleave', this.leave)
    element.addEventListener('contextmenu', this.menu)
    element.addEventListener('wheel', this.wheel, { passive: false })
    window.addEventListener('keydown', this.keyDown, { capture: true })
    window.addEventListener('keyup', this.keyUp, { capture: true })
  }

  close(): void {
    this.drop()
    this.element.removeEventListener('pointerdown', this.down)
    this.element.removeEventListener('pointermove', this.move)
    this.element.removeEventListener('pointerup', this.up)
    this.element.removeEventListener('pointercancel', this.drop)
    this.element.removeEventListener('pointerleave', this.leave)
    this.element.removeEventListener('contextmenu', this.menu)
    this.element.removeEventListener('wheel', this.wheel)
    window.removeEventListener('keydown', this.keyDown, { capture: true })
    window.removeEventListener('keyup', this.keyUp, { capture: true })
  }

  private place(event: MouseEvent): PointerAt {
    const box = this.element.getBoundingClientRect()
    return {
      x: event.clientX - box.left,
      y: event.clientY - box.top,
      opposite: event.shiftKey || event.altKey,
    }
  }

  private readonly down = (event: PointerEvent): void => {
    if (this.gesture !== null) return
    const tool = toolForPress(event.button, this.space, this.target.tool())
    if (tool === null) return
    // The middle button would start the browser's own scrolling.
    if (event.button !== 0) event.preventDefault()
    this.spaceUsed = true
    this.pointerId = event.pointerId
    this.element.setPointerCapture(event.pointerId)
    this.gesture = tool(this.place(event), this.target.actions)
  }

  private readonly move = (event: PointerEvent): void => {
    this.over = true
    const at = this.place(event)
    if (event.pointerId === this.pointerId) this.gesture?.move(at)
    this.target.hover(at)
  }

  private readonly up = (event: PointerEvent): void => {
    if (event.pointerId !== this.pointerId) return
    const { gesture } = this
    this.end()
    gesture?.release(this.place(event))
  }

  private readonly drop = (): void => {
    const { gesture } = this
    this.end()
    gesture?.cancel()
  }

  private end(): void {
    const { pointerId } = this
    this.gesture = null
    this.pointerId = null
    if (pointerId !== null && this.element.hasPointerCapture(pointerId)) {
      this.element.releasePointerCapture(pointerId)
    }
  }

  private readonly leave = (): void => {
    this.over = false
    if (this.gesture === null) this.target.hover(null)
  }

  /** The right button zooms; the browser's menu would cover the image. */
  private readonly menu = (event: MouseEvent): void => {
    event.preventDefault()
  }

  private readonly wheel = (event: WheelEvent): void => {
    event.preventDefault()
    const { deltaX, deltaY, deltaMode, timeStamp } = event
    const turn = { deltaX, deltaY, deltaMode, timeMs: timeStamp }
    if (event.ctrlKey || event.metaKey || !this.target.hasSlices()) {
      this.target.actions.zoomAt(zoomOfTurn(turn), this.place(event))
      return
    }
    const step = slicesOfTurn(this.travel, turn)
    this.travel = step.travel
    if (step.slices !== 0) this.target.scroll(step.slices * (event.shiftKey ? FAST_SLICES : 1))
  }

  private readonly keyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.gesture !== null) {
      // The gesture is the topmost thing to leave: nothing behind it closes with the same key.
      event.stopPropagation()
      event.preventDefault()
      this.drop()
      return
    }
    if (event.key !== ' ' || !this.over || takesSpace(event.target)) return
    event.preventDefault()
    if (event.repeat) return
    this.space = true
    this.spaceUsed = this.gesture !== null
    this.target.spaceHeld(true)
  }

  private readonly keyUp = (event: KeyboardEvent): void => {
    if (event.key !== ' ' || !this.space) return
    this.space = false
    this.target.spaceHeld(false)
    if (!this.spaceUsed) this.target.spaceTapped()
  }
}
