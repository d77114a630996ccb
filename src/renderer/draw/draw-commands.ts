import { type DrawSettings, type DrawTool, resizeBrush } from './strokes/draw-settings'
import { changedSlices } from './strokes/changed-slices'
import type { Reshaping } from './strokes/slice-operations'
import type { OpenedAttempt } from './journal/use-attempt'
import type { Drawing } from './strokes/use-drawing'
import type { CommandId } from '../keys/commands'
import type { CommandAnswer, CommandAnswers } from '../keys/dispatch'
import type { ViewSettings } from '../picture/view-settings'

const TOOLS: readonly (readonly [CommandId, DrawTool])[] = [
  ['brush', 'brush'],
  ['eraser', 'erase'],
  ['polygon', 'polygon'],
  ['live-wire', 'wire'],
  ['fill-region', 'fill'],
]

const RESHAPES: readonly (readonly [CommandId, Reshaping])[] = [
  ['smooth', 'Smooth'],
  ['grow', 'Grow 1 px'],
  ['shrink', 'Shrink 1 px'],
  ['fill-holes', 'Fill holes'],
  ['nudge-left', 'Move left'],
  ['nudge-right', 'Move right'],
  ['nudge-up', 'Move up'],
  ['nudge-down', 'Move down'],
]

export interface DrawParts {
  readonly opened: OpenedAttempt
  readonly drawing: Drawing
  readonly settings: DrawSettings
  readonly view: ViewSettings
  readonly hasSlices: () => boolean
  readonly sliceIndex: () => number
  readonly goTo: (index: number) => void
}

/** Keys of drawing. Nothing is changed while a button is held, and nothing after the commit. */
export function drawCommands(parts: DrawParts): CommandAnswers {
  const { opened, drawing, settings, view, hasSlices } = parts
  const fixed = (): string | null =>
    !opened.isDraft.value
      ? 'this reading is committed'
      : drawing.hands.isStroking
        ? 'a stroke is being drawn'
        : null
  const edit = (run: () => void, alsoLocked?: () => string | null): CommandAnswer => ({
    run,
    lockedBecause: () => fixed() ?? alsoLocked?.() ?? null,
  })
  const oneSlice = (): string | null => (hasSlices() ? null : 'a photograph has no other slice')
  const tools = TOOLS.map(([id, tool]): readonly [CommandId, CommandAnswer] => [
    id,
    edit(() => {
      settings.tool = tool
      view.tool.value = 'draw'
    }),
  ])
  const reshapes = RESHAPES.map(([id, how]): readonly [CommandId, CommandAnswer] => [
    id,
    edit(() => {
      drawing.reshape(how)
    }),
  ])
  const { undo, redo, state } = opened
  return {
    ...Object.fromEntries([...tools, ...reshapes]),
    'brush-smaller': edit(() => {
      resizeBrush(settings, -1)
    }),
    'brush-larger': edit(() => {
      resizeBrush(settings, 1)
    }),
    'close-line': edit(() => {
      drawing.hands.closeLine()
    }),
    'fill-between': edit(drawing.between, oneSlice),
    'copy-on': edit(() => {
      drawing.copy(1)
    }, oneSlice),
    'copy-back': edit(() => {
      drawing.copy(-1)
    }, oneSlice),
    'add-structure': edit(drawing.another),
    undo: edit(atItsSlice(parts, undo), () =>
      state.value?.undoTitle == null ? 'nothing was done yet' : null,
    ),
    redo: edit(atItsSlice(parts, redo), () =>
      state.value?.redoTitle == null ? 'nothing was taken back' : null,
    ),
  }
}

/** What is taken back, or done again, is seen: the view goes to its slice where it is on another one. */
const atItsSlice =
  ({ opened, sliceIndex, goTo }: DrawParts, act: () => void) =>
  (): void => {
    const before = opened.state.value?.document
    act()
    const after = opened.state.value?.document
    if (before === undefined || after === undefined) return
    const slices = changedSlices(before, after)
    if (slices[0] !== undefined && !slices.includes(sliceIndex())) goTo(slices[0])
  }
