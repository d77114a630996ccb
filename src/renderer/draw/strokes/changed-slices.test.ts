import { expect, it } from 'vitest'
import { emptyDocument, type AnnotationDocument } from '../../../core/annotation/document'
import { applyEdit, invertEdit } from '../../../core/annotation/edit'
import { wholeBox } from '../../../core/contour/slice-mask'
import { emptyMask } from '../../../core/image/mask'
import { shallowRef } from 'vue'
import { drawCommands, type DrawParts } from '../draw-commands'
import { changedSlices } from './changed-slices'
import { paintEdit } from './edits'
import { otherStructures } from './other-structures'

const SIDE = 24

/** Paints a square of a structure on a slice; the document after it and the edit. */
function painted(document: AnnotationDocument, structureId: string, sliceIndex: number, column: number) {
  const after = emptyMask(SIDE, SIDE)
  for (let row = 4; row < 9; row += 1) after.pixels.fill(1, row * SIDE + column, row * SIDE + column + 5)
  const changes = [{ sliceIndex, after, box: wholeBox(after) }]
  const edit = paintEdit(document, { title: 't', tool: 'brush', structureId, label: structureId, changes })
  const applied = edit === null ? null : applyEdit(document, edit)
  if (edit === null || applied?.ok !== true) throw new Error('the edit does not apply')
  return { edit, document: applied.value }
}

const first = painted(emptyDocument(SIDE, SIDE), 'one', 3, 2)
const second = painted(first.document, 'two', 3, 12)
const third = painted(second.document, 'one', 8, 2)
const undone = applyEdit(third.document, invertEdit(third.edit))

it('finds the slices that a gesture, or its undo, changed, whichever structure it was', () => {
  expect(changedSlices(emptyDocument(SIDE, SIDE), third.document)).toEqual([3, 8])
  expect(changedSlices(second.document, third.document)).toEqual([8])
  expect(changedSlices(first.document, second.document)).toEqual([3])
  expect(undone.ok && changedSlices(third.document, undone.value)).toEqual([8])
  expect(changedSlices(third.document, third.document)).toEqual([])
})

it('undo and redo show the slice of what they change, and stay where it is in sight', () => {
  const state = shallowRef({ document: third.document, undoTitle: 't', redoTitle: 't' })
  const went: number[] = []
  const at = { slice: 3 }
  const turn = (): boolean => {
    if (!undone.ok) return false
    const isUndone = state.value.document === undone.value
    state.value = { ...state.value, document: isUndone ? third.document : undone.value }
    return true
  }
  const commands = drawCommands({
    opened: { state, isDraft: { value: true }, undo: turn, redo: turn },
    drawing: { hands: { isStroking: false } },
    ...{ settings: {}, view: {}, hasSlices: () => true },
    sliceIndex: () => at.slice,
    goTo: (slice: number) => went.push(slice),
  } as unknown as DrawParts)
  commands.undo?.run('down')
  expect(went).toEqual([8])
  at.slice = 8
  commands.redo?.run('down')
  expect(went).toEqual([8])
  at.slice = 20
  commands.undo?.run('down')
  expect(went).toEqual([8, 8])
})

it('keeps the other structures of the slice in sight, and not the one being drawn', () => {
  const labels = (chosen: string, slice: number) =>
    otherStructures(third.document, chosen, slice).map(({ label }) => label)
  expect(labels('one', 3)).toEqual(['two'])
  expect(labels('two', 3)).toEqual(['one'])
  expect(labels('new', 3)).toEqual(['one', 'two'])
  expect(labels('two', 8)).toEqual(['one'])
  expect(labels('one', 8)).toEqual([])
  const [two] = otherStructures(third.document, 'one', 3)
  const columns = [...(two?.rings[0] ?? [])].filter((_value, at) => at % 2 === 0)
  // Pixels 12 to 16: the outline follows their edges.
  expect([Math.min(...columns), Math.max(...columns)]).toEqual([11.5, 16.5])
})
