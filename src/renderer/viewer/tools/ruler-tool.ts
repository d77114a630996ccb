import { isClick } from './gesture'
import type { Tool } from './gesture'

/** Drag from end to end; a drag that starts on the end of a ruler moves that end. A click leaves nothing. */
export const rulerTool: Tool = (start, actions) => {
  const taken = actions.takeRuler(start)
  const from = taken?.fixed ?? actions.imagePoint(start)
  if (taken !== null) actions.draftRuler({ from, to: actions.imagePoint(start) })
  return {
    move: (at) => {
      actions.draftRuler({ from, to: actions.imagePoint(at) })
    },
    release: (at) => {
      actions.draftRuler(null)
      if (!isClick(start, at)) actions.finishRuler({ from, to: actions.imagePoint(at) })
      else taken?.putBack()
    },
    cancel: () => {
      actions.draftRuler(null)
      taken?.putBack()
    },
  }
}
