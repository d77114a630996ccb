// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest'
import { computed, nextTick, ref, shallowRef } from 'vue'
import { inSetup } from '../../../../test/in-setup'
import { unwrap } from '../../../../test/unwrap'
import type { DocumentEdit } from '../../../contract'
import { emptyDocument, sliceMask, type AnnotationDocument } from '../../../core/annotation/document'
import { applyEdit } from '../../../core/annotation/edit'
import { countPixels } from '../../../core/image/mask'
import { paintEdit } from './edits'
import { useStrokeQuestions, type StrokeQuestions } from './stroke-question'

const SIDE_PX = 12
const drawn = shallowRef<AnnotationDocument>(emptyDocument(SIDE_PX, SIDE_PX))
const chosenId = ref('one')
let history: AnnotationDocument[] = []
let questions: StrokeQuestions

const add = (edit: DocumentEdit): boolean => {
  history.push(drawn.value)
  drawn.value = unwrap(applyEdit(drawn.value, edit))
  return true
}
const undo = (): void => {
  drawn.value = history.pop() ?? drawn.value
}

/** A square of 2 × 2 pixels, drawn as a stroke in the chosen structure. */
async function stroke(column: number, row: number, sliceIndex = 3): Promise<void> {
  const on = drawn.value
  const structureId = chosenId.value
  const before = sliceMask(on, structureId, sliceIndex)
  const pixels = before.pixels.slice()
  for (const at of [0, 1, SIDE_PX, SIDE_PX + 1]) pixels[row * SIDE_PX + column + at] = 1
  const box = { column, row, widthPx: 2, heightPx: 2 }
  const done = {
    title: 'Brush',
    tool: 'brush',
    structureId,
    sliceIndex,
    before,
    after: { ...before, pixels },
    box,
  }
  const edit = paintEdit(on, { ...done, label: structureId, changes: [done] })
  if (edit === null || !add(edit)) throw new Error('it changes nothing')
  questions.ask(done, on)
  await nextTick()
}
const count = (structureId: string, slice = 3): number =>
  countPixels(sliceMask(drawn.value, structureId, slice))
const other = (): string | null => questions.question.value?.other.structureId ?? null

beforeEach(async () => {
  drawn.value = emptyDocument(SIDE_PX, SIDE_PX)
  history = []
  chosenId.value = 'one'
  questions = inSetup(() =>
    useStrokeQuestions(
      { add, undo, isDraft: computed(() => true) },
      () => drawn.value,
      chosenId,
      () => 'Fresh',
    ),
  ).made
  await stroke(1, 1)
  chosenId.value = 'two'
})

it('asks where a stroke lies on another structure: here, or on the next slice where that is not drawn here', async () => {
  await stroke(8, 8)
  expect(other()).toBeNull()
  await stroke(2, 2)
  expect(other()).toBe('one')
  undo()
  await stroke(1, 1, 4)
  expect(other()).toBe('one')
  await stroke(1, 1, 7)
  expect(other()).toBeNull()
})

it('never asks where the stroke continues its own structure, touching it here or covering it on the next slice', async () => {
  await stroke(4, 1)
  await stroke(2, 1)
  expect(other()).toBeNull()
  await stroke(2, 1, 4)
  expect(other()).toBeNull()
})

it('moves the stroke whole to the other or to a new structure, which is drawn from then on', async () => {
  await stroke(2, 2)
  questions.join()
  // Four and four pixels that share one.
  expect([count('one'), count('two'), chosenId.value]).toEqual([7, 0, 'one'])
  chosenId.value = 'two'
  await stroke(1, 1)
  questions.toNew()
  expect([count('two'), count(chosenId.value)]).toEqual([0, 4])
  expect(drawn.value.structures.at(-1)?.label).toBe('Fresh')
})

it('is answered by the next gesture and by an undo, and asks no more between two once told to leave it', async () => {
  await stroke(2, 2)
  undo()
  await nextTick()
  expect(other()).toBeNull()
  await stroke(2, 2)
  questions.stay()
  expect([count('two'), other()]).toEqual([4, null])
  undo()
  await stroke(1, 1)
  expect(other()).toBeNull()
})
