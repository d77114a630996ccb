import type { MeasurementShape } from '../../contract'
import type { CommandAnswers } from '../keys/dispatch'
import type { ViewSettings } from '../picture/view-settings'
import type { Measuring } from './use-measuring'

/** Takes up the measure tool with a shape. */
export function measureWith({ shape }: Measuring, view: ViewSettings, chosen: MeasurementShape): void {
  view.tool.value = 'ruler'
  shape.value = chosen
}

export const measuringCommands = (measuring: Measuring, view: ViewSettings): CommandAnswers => ({
  'tool-ruler': {
    run: () => {
      measureWith(measuring, view, 'ruler')
    },
  },
  'tool-diameters': {
    run: () => {
      measureWith(measuring, view, 'diameters')
    },
    lockedBecause: () => measuring.kept.refusal.value?.reason ?? null,
  },
  'measure-undo': {
    run: measuring.kept.undo,
    lockedBecause: () => (measuring.kept.undoWords.value === null ? 'nothing was measured here' : null),
  },
  'measure-redo': {
    run: measuring.kept.redo,
    lockedBecause: () => (measuring.kept.redoWords.value === null ? 'nothing was taken back' : null),
  },
})
