import { type DrawSettings, type DrawTool, resizeBrush } from './strokes/draw-settings'
import { changedSlices } from './strokes/changed-slices'
import type { Reshaping } from './strokes/slice-operations'
import type { OpenedAttempt } from './journal/use-attempt'
import type { Drawing } from './strokes/use-drawing'
import type { CommandId } from '../keys/commands'
import type { CommandAnswer, CommandAnswers } from '../keys/dispatch'
import type { ViewSettings } from '../picture/view-settings'
import { stepInPicture } from '../viewer/turn'

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
]

/** Steps on the screen, x and y: the arrow moves the outline the way it points, however the picture is turned. */
const NUDGES = [
  ['nudge-left', -1, 0],
  ['nudge-right', 1, 0],
  ['nudge-up', 0, -1],
  ['nudge-down', 0, 1],
] as const

/** The words of the history are of the picture as it was acquired. */
function nudgeOf({ columns, rows }: { readonly columns: number; readonly rows: number }): Reshaping {
  if (columns !== 0) return columns > 0 ? 'Move right' : 'Move left'
  return rows > 0 ? 'Move down' : 'Move up'
}

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
  const nudges = NUDGES.map(([id, x, y]): readonly [CommandId, CommandAnswer] => [
    id,
    edit(() => {
      drawing.reshape(nudgeOf(stepInPicture(view.turn.value, [x, y])))
    }),
  ])
  const { undo, redo, state } = opened
  return {
    ...Object.fromEntries([...tools, ...reshapes, ...nudges]),
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
