import type { ViewportWindow } from '../viewport-types'
import type { CanvasPoint } from '../camera'
import type { Tool } from './gesture'

/** A drag of this many pixels changes the window by its own width: fine in a brain window, quick in a bone window. */
const PX_PER_WIDTH = 400

/** To the right is wider, downwards is a higher centre; whole units, width at least 1. A table becomes a straight line. */
export function draggedWindow(start: ViewportWindow, from: CanvasPoint, to: CanvasPoint): ViewportWindow {
  const unitsPerPx = Math.max(0.25, start.width / PX_PER_WIDTH)
  return {
    centre: Math.round(start.centre + (to.y - from.y) * unitsPerPx),
    width: Math.max(1, Math.round(start.width + (to.x - from.x) * unitsPerPx)),
    ...(start.curve?.kind === 'sigmoid' ? { curve: start.curve } : {}),
  }
}

export const windowTool: Tool = (start, actions) => {
  const before = actions.window()
  return {
    move: (at) => {
      actions.setWindow(draggedWindow(before, start, at))
    },
    release: () => undefined,
    cancel: () => {
      actions.setWindow(before)
    },
  }
}
