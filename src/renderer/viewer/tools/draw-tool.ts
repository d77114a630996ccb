import { isClick } from './gesture'
import type { Tool } from './gesture'

/** Left button: the drawing that is open takes the line point by point. Nothing is open: nothing happens. */
export const drawTool: Tool = (start, actions) => {
  const stroke = actions.beginStroke(actions.imagePoint(start), start.opposite)
  if (stroke === null) return { move: () => undefined, release: () => undefined, cancel: () => undefined }
  return {
    move: (at) => {
      stroke.move(actions.imagePoint(at))
    },
    release: (at) => {
      stroke.end(actions.imagePoint(at), isClick(start, at))
    },
    cancel: stroke.cancel,
  }
}
