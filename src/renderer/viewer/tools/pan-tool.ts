import type { Tool } from './gesture'

/** The image follows the pointer. */
export const panTool: Tool = (start, actions) => {
  const before = actions.camera()
  let last = start
  return {
    move: (at) => {
      actions.panBy(at.x - last.x, at.y - last.y)
      last = at
    },
    release: () => undefined,
    cancel: () => {
      actions.setCamera(before)
    },
  }
}
