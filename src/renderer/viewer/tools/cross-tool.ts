import type { Tool } from './gesture'

/** The crosshair goes where it is pressed and follows the drag; Escape puts it back. */
export const crossTool: Tool = (start, actions) => {
  const before = actions.crossPoint()
  actions.moveCross(actions.imagePoint(start))
  return {
    move: (at) => {
      actions.moveCross(actions.imagePoint(at))
    },
    release: (at) => {
      actions.moveCross(actions.imagePoint(at))
    },
    cancel: () => {
      if (before !== null) actions.moveCross(before)
    },
  }
}
