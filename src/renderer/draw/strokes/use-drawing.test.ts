// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { computed, ref, shallowRef } from 'vue'
import type { Attempt, DocumentEdit } from '../../../contract'
import { emptyDocument, sliceMask, type AnnotationDocument } from '../../../core/annotation/document'
import { applyEdit } from '../../../core/annotation/edit'
import { wholeBox } from '../../../core/contour/slice-mask'
import { countPixels } from '../../../core/image/mask'
import { inSetup } from '../../../../test/in-setup'
import { unwrap } from '../../../../test/unwrap'
import { createViewSettings } from '../../picture/view-settings'
import { useProblems } from '../../wire/problems'
import { NO_ORIGIN, type Start } from '../start/starts'
import type { JournalState } from '../journal/attempt-journal'
import { createDrawSettings } from './draw-settings'
import { type Drawing, useDrawing } from './use-drawing'

const SIDE_PX = 9
const LAST = 4
let document: AnnotationDocument
let edits: DocumentEdit[]
let shown: number
let drawing: Drawing
let leave = (): void => undefined
let blind: boolean
let isDraft: boolean

/** An attempt that takes every edit which fits the document. */
function attemptInMemory() {
  const state = shallowRef<JournalState | null>(stateOf(document))
  const idle = (): undefined => undefined
  return {
    attempt: shallowRef({ blind } as Attempt),
    state,
    refusal: shallowRef(null),
    isCommitting: ref(false),
    commitRefusal: shallowRef(null),
    isDraft: computed(() => isDraft),
    add: (edit: DocumentEdit): boolean => {
      document = unwrap(applyEdit(document, edit))
      edits.push(edit)
      state.value = stateOf(document)
      return true
    },
    ...{ undo: idle, redo: idle, tryAgain: idle, saveCopy: idle, another: idle },
    commit: () => Promise.resolve(false),
  }
}
const stateOf = (now: AnnotationDocument): JournalState => ({
  ...{ document: now, diceToStart: new Map(), history: [], undoTitle: null, redoTitle: null },
  ...{ unsent: 0, savedAt: null, trouble: null, notes: [] },
})

/** Slices are numbered from the head, their indices from the feet. */
const numberOf = (index: number): number => LAST + 1 - index
const start = (): void => {
  ;({ made: drawing, leave } = inSetup(() => {
    const picture = {
      sliceIndex: () => shown,
      sliceCount: () => LAST + 1,
      sliceWords: (index: number) => `slice ${numberOf(index)}`,
      numberOf,
      below: (index: number, by: number) => index - by,
      values: () => null,
      spacingMm: () => null,
      along: (index: number) => index,
      isSettled: () => true,
      goTo: (index: number) => {
        shown = index
      },
      word: () => 'Nodule',
      labels: () => [],
    }
    return useDrawing(attemptInMemory(), picture, createDrawSettings(true), createViewSettings('contours'))
  }))
}

beforeEach(() => {
  setActivePinia(createPinia())
  document = emptyDocument(SIDE_PX, SIDE_PX)
  edits = []
  shown = 0
  blind = false
  isDraft = true
})
afterEach(() => {
  leave()
})

/** A square of five pixels a side on these slices, in the place of what stands there. */
const squareOn = (...slices: readonly number[]): Start => ({
  key: 'square',
  title: 'Median',
  origin: { kind: 'median', ...NO_ORIGIN },
  changes: () =>
    slices.map((sliceIndex) => {
      const pixels = Uint8Array.from({ length: SIDE_PX ** 2 }, (_, at) =>
        at % SIDE_PX > 1 && at % SIDE_PX < 7 && at > 2 * SIDE_PX && at < 7 * SIDE_PX ? 1 : 0,
      )
      const after = { widthPx: SIDE_PX, heightPx: SIDE_PX, pixels }
      return { sliceIndex, after, box: wholeBox(after) }
    }),
})
const pixelsOn = (sliceIndex: number, structureId = drawing.chosenId.value): number =>
  countPixels(sliceMask(document, structureId, sliceIndex))
const titles = (): readonly string[] => edits.map(({ title }) => title)

test('a start makes the first structure, and its origin goes with it', () => {
  start()
  drawing.startFrom(squareOn(0))
  expect(document.structures.map(({ label }) => label)).toEqual(['Nodule 1'])
  expect(pixelsOn(0)).toBe(25)
  expect(titles()).toEqual(['Start from: Median'])
  expect(JSON.stringify(edits)).toContain('"kind":"median"')
})

test('nothing is started from in a blind attempt, and nothing is added to what is committed', () => {
  blind = true
  start()
  drawing.startFrom(squareOn(0))
  expect(edits).toEqual([])
  leave()
  blind = false
  isDraft = false
  start()
  drawing.another()
  expect(edits).toEqual([])
})

test('a copy goes one slice down or up the track, says both numbers, and the view goes along; never past the end', () => {
  start()
  shown = 1
  drawing.startFrom(squareOn(1))
  drawing.copy(1)
  expect(shown).toBe(0)
  expect(pixelsOn(0)).toBe(25)
  expect(titles().at(-1)).toBe('Copy 4 to slice 5')
  const before = edits.length
  drawing.copy(1)
  expect(edits).toHaveLength(before)
  expect(shown).toBe(0)
  shown = LAST
  drawing.copy(-1)
  expect(shown).toBe(LAST)
})

test('filling between names both slices by their numbers, lower first; without a gap it says why', () => {
  start()
  drawing.startFrom(squareOn(1, 3))
  drawing.between()
  expect(titles().at(-1)).toBe('Fill between 2 and 4')
  expect(pixelsOn(2)).toBe(25)
  const before = edits.length
  drawing.between()
  expect(edits).toHaveLength(before)
  expect(useProblems().list.map(({ title }) => title)).toEqual(['Nothing was filled'])
})

test('an outline is reshaped where the view stands, and nowhere else', () => {
  start()
  drawing.startFrom(squareOn(0, 1))
  shown = 1
  drawing.reshape('Grow 1 px')
  expect(pixelsOn(0)).toBe(25)
  expect(pixelsOn(1)).toBeGreaterThan(25)
  drawing.reshape('Move left')
  expect(titles().slice(1)).toEqual(['Grow 1 px, slice 4', 'Move left, slice 4'])
})

test('a further structure has a name of its own and is the one drawn on; another name is a name that says something', () => {
  start()
  drawing.startFrom(squareOn(0))
  const first = drawing.chosenId.value
  drawing.another()
  expect(drawing.chosenId.value).not.toBe(first)
  expect(drawing.structures.value.map(({ label }) => label)).toEqual(['Nodule 1', 'Nodule 2'])
  drawing.startFrom(squareOn(1))
  expect([pixelsOn(1), pixelsOn(1, first)]).toEqual([25, 0])
  const before = edits.length
  drawing.rename(first, '  ')
  drawing.rename(first, 'Nodule 1')
  expect(edits).toHaveLength(before)
  drawing.rename(first, ' Upper\u0085lobe\ud83d ')
  expect(drawing.structures.value[0]?.label).toBe('Upper lobe')
})

test('what is deleted leaves the choice to a structure that is there', async () => {
  start()
  drawing.startFrom(squareOn(0))
  const first = drawing.chosenId.value
  drawing.another()
  const second = drawing.chosenId.value
  drawing.remove(second)
  await Promise.resolve()
  expect(drawing.chosenId.value).toBe(first)
  expect(titles().at(-1)).toBe('Delete Nodule 2')
  drawing.remove(second)
  expect(titles().at(-1)).toBe('Delete Nodule 2')
})
