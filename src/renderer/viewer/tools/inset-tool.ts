import type { Tool } from './gesture'

/** Moves the box that the inset magnifies; pressed outside of the box, the box comes to the pointer. */
export const insetTool: Tool = (start, actions) => {
  const held = actions.insetBoxAt(start)
  const offset = held === null ? { x: 0, y: 0 } : { x: held.x - start.x, y: held.y - start.y }
  if (held === null) actions.moveInset(start)
  return {
    move: (at) => {
      actions.moveInset({ x: at.x + offset.x, y: at.y + offset.y })
    },
    release: () => undefined,
    cancel: () => {
      actions.moveInset(held ?? start)
    },
  }
}
