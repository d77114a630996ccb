import { isClick } from './gesture'
import type { Tool } from './gesture'

/** 70 px of drag double the size. */
const ZOOM_PER_PX = Math.LN2 / 70
const CLICK_FACTOR = 1.5

/** Drag up to enlarge, down to shrink, about the point of the press; a click enlarges, with Shift it shrinks. */
export const zoomTool: Tool = (start, actions) => {
  const before = actions.camera()
  let last = start
  return {
    move: (at) => {
      actions.zoomAt(Math.exp((last.y - at.y) * ZOOM_PER_PX), start)
      last = at
    },
    release: (at) => {
      if (isClick(start, at)) actions.zoomAt(at.opposite ? 1 / CLICK_FACTOR : CLICK_FACTOR, start)
    },
    cancel: () => {
      actions.setCamera(before)
    },
  }
}

/** The right button zooms by dragging only: its click is left to menus. */
export const dragZoomTool: Tool = (start, actions) => ({
  ...zoomTool(start, actions),
  release: () => undefined,
})
