import type { ToolName } from '../viewport-types'
import { crossTool } from './cross-tool'
import { drawTool } from './draw-tool'
import type { Tool } from './gesture'
import { insetTool } from './inset-tool'
import { measureTool } from './measure-tool'
import { panTool } from './pan-tool'
import { rulerTool } from './ruler-tool'
import { selectTool } from './select-tool'
import { windowTool } from './window-tool'
import { dragZoomTool, zoomTool } from './zoom-tool'

const TOOLS: Readonly<Record<ToolName, Tool>> = {
  select: selectTool,
  window: windowTool,
  pan: panTool,
  zoom: zoomTool,
  // The probe follows the pointer without a press; pressed, it takes the inset along.
  probe: insetTool,
  ruler: rulerTool,
  measure: measureTool,
  cross: crossTool,
  draw: drawTool,
}

const LEFT = 0
const MIDDLE = 1
const RIGHT = 2

/** Which tool a press starts: left the chosen one, right zoom, middle pan, and Space makes any press a pan. Null for other buttons. */
export function toolForPress(button: number, spaceHeld: boolean, chosen: ToolName): Tool | null {
  if (button === MIDDLE || (button === LEFT && spaceHeld)) return panTool
  if (button === RIGHT) return dragZoomTool
  return button === LEFT ? TOOLS[chosen] : null
}
