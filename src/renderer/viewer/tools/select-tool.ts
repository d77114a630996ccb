import { isClick } from './gesture'
import type { Gesture, Tool } from './gesture'
import { insetTool } from './inset-tool'
import { windowTool } from './window-tool'

/** A click picks a point; a drag is the reading room's window and level; in the inset's box it moves the box. */
export const selectTool: Tool = (start, actions) => {
  if (actions.insetBoxAt(start) !== null) return insetTool(start, actions)
  let drag: Gesture | null = null
  return {
    move: (at) => {
      if (drag === null && !isClick(start, at)) drag = windowTool(start, actions)
      drag?.move(at)
    },
    release: (at) => {
      if (drag === null) actions.pick(start)
      else drag.release(at)
    },
    cancel: () => {
      drag?.cancel()
    },
  }
}
