import { strokeTool } from './draw-tool'

/** Left button: what is measured takes the line point by point. */
export const measureTool = strokeTool((actions) => actions.beginMeasure)
