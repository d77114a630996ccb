import { isClick } from './gesture'
import type { Tool, ToolActions } from './gesture'

type Begin = ToolActions['beginStroke']

/** Left button: whoever takes the strokes is told of each, point by point. Nobody does: nothing happens. */
export const strokeTool =
  (beginOf: (actions: ToolActions) => Begin): Tool =>
  (start, actions) => {
    const stroke = beginOf(actions)(actions.imagePoint(start), start.opposite)
    if (stroke === null) return { move: () => undefined, release: () => undefined, cancel: () => undefined }
    // A lasso that comes back to where it began is none.
    let stayed = true
    return {
      move: (at) => {
        stayed &&= isClick(start, at)
        stroke.move(actions.imagePoint(at))
      },
      release: (at) => {
        stroke.end(actions.imagePoint(at), stayed && isClick(start, at))
      },
      cancel: stroke.cancel,
    }
  }

/** The drawing that is open takes the line. */
export const drawTool = strokeTool((actions) => actions.beginStroke)
