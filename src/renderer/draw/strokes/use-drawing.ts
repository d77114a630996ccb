import { computed, onUnmounted, ref, watch, type ComputedRef, type Ref } from 'vue'
import type { PixelSpacing } from '../../../contract'
import {
  findStructure,
  type AnnotatedStructure,
  type AnnotationDocument,
} from '../../../core/annotation/document'
import { deletion } from '../../../core/annotation/edit'
import type { ValueSlice } from '../../../core/contour/slice-mask'
import { useProblems } from '../../wire/problems'
import type { ViewSettings } from '../../picture/view-settings'
import type { DrawSettings } from './draw-settings'
import { asChange, paintEdit, type SliceChange } from './edits'
import { SliceDrawing } from './slice-drawing'
import { copyTo, fillBetween, RESHAPING, type Reshaping } from './slice-operations'
import type { Start } from '../start/starts'
import { useStrokeQuestions, type StrokeQuestions } from './stroke-question'
import { addStructure, FIRST_STRUCTURE, freshLabel, renameStructure } from './structures'
import type { OpenedAttempt } from '../journal/use-attempt'

/** What the picture gives to drawing. */
export interface DrawnPicture {
  readonly sliceIndex: () => number
  readonly sliceCount: () => number
  readonly sliceWords: (index: number) => string
  /** The number of a slice as people count. */
  readonly numberOf: (index: number) => number
  /** The index of the slice so many down the track from one. */
  readonly below: (index: number, by: number) => number
  readonly values: () => ValueSlice | null
  readonly spacingMm: () => PixelSpacing | null
  /** Where a slice lies on its axis. */
  readonly along: (index: number) => number
  readonly isSettled: () => boolean
  readonly goTo: (index: number) => void
  /** What a structure is called here: "Nodule". */
  readonly word: () => string
  /** What structures may be called, the usual one first; empty: the reader names them. */
  readonly labels: () => readonly string[]
}

export interface Drawing {
  readonly hands: SliceDrawing
  readonly structures: ComputedRef<readonly AnnotatedStructure[]>
  readonly chosenId: Ref<string>
  /** Structures, from the list. */
  readonly another: () => void
  readonly rename: (structureId: string, label: string) => void
  readonly remove: (structureId: string) => void
  /** Operations on what is drawn. */
  readonly reshape: (how: Reshaping) => void
  readonly between: () => void
  readonly copy: (step: 1 | -1) => void
  /** Takes an outline of the model or of another reader as the start; the origin is kept. */
  readonly startFrom: (start: Start) => void
  /** Where a stroke on another structure belongs. */
  readonly asked: StrokeQuestions
}

/** Structures, strokes and operations of one open attempt. */
export function useDrawing(
  opened: OpenedAttempt,
  picture: DrawnPicture,
  settings: DrawSettings,
  view: ViewSettings,
): Drawing {
  const { state, isDraft, add } = opened
  const drawn = computed(() => state.value?.document ?? null)
  const structures = computed(() => drawn.value?.structures ?? [])
  const chosenId = ref(FIRST_STRUCTURE)
  const label = computed(
    () =>
      structures.value.find(({ structureId }) => structureId === chosenId.value)?.label ??
      freshLabel(drawn.value, picture.word(), picture.labels()),
  )
  // A structure that went (undo, delete) leaves the choice to one that is there.
  watch(structures, (now) => {
    const isThere = now.some(({ structureId }) => structureId === chosenId.value)
    if (!isThere && now[0] !== undefined) chosenId.value = now[0].structureId
  })

  const asked = useStrokeQuestions(
    opened,
    () => drawn.value,
    chosenId,
    () => freshLabel(drawn.value, picture.word(), picture.labels()),
  )
  const hands = new SliceDrawing(
    {
      document: () => drawn.value,
      structureId: () => chosenId.value,
      label: () => label.value,
      sliceIndex: picture.sliceIndex,
      sliceWords: () => picture.sliceWords(picture.sliceIndex()),
      values: picture.values,
      spacingMm: picture.spacingMm,
      isOpen: () => isDraft.value && picture.isSettled(),
      add,
      finished: asked.ask,
    },
    settings,
  )
  watch(view.tool, (tool) => {
    if (tool !== 'draw') hands.hover(null)
  })

  const drawable: Drawable = { opened, picture, drawn, chosenId, label, hands }
  return { hands, structures, chosenId, asked, ...structureActions(drawable), ...sliceActions(drawable) }
}

interface Drawable {
  readonly opened: OpenedAttempt
  readonly picture: DrawnPicture
  readonly drawn: ComputedRef<AnnotationDocument | null>
  readonly chosenId: Ref<string>
  readonly label: ComputedRef<string>
  readonly hands: SliceDrawing
}

function structureActions({ opened, picture, drawn, chosenId }: Drawable) {
  const problems = useProblems()
  return {
    another: (): void => {
      if (drawn.value === null || !opened.isDraft.value) return
      const structureId = crypto.randomUUID()
      if (
        opened.add(
          addStructure(drawn.value, structureId, freshLabel(drawn.value, picture.word(), picture.labels())),
        )
      )
        chosenId.value = structureId
    },
    rename: (structureId: string, to: string): void => {
      const edit = drawn.value === null ? null : renameStructure(drawn.value, structureId, to)
      if (edit !== null) opened.add(edit)
    },
    remove: (structureId: string): void => {
      const structure = drawn.value === null ? undefined : findStructure(drawn.value, structureId)
      if (drawn.value === null || structure === undefined) return
      const edit = deletion(drawn.value, structureId, `Delete ${structure.label}`)
      if (edit.ok) opened.add(edit.value)
      else problems.addRefusal('attempt/gesture', 'The structure stays', edit.refusal)
    },
  }
}

function sliceActions({ opened, picture, drawn, chosenId, label, hands }: Drawable) {
  const problems = useProblems()
  onUnmounted(() => {
    problems.settle('attempt/gesture')
  })
  function addAll(title: string, tool: string, changes: readonly SliceChange[]): void {
    const structureId = chosenId.value
    if (drawn.value === null || hands.isStroking) return
    const edit = paintEdit(drawn.value, { title, tool, structureId, label: label.value, changes })
    if (edit !== null) opened.add(edit)
  }
  return {
    reshape: (how: Reshaping): void => {
      if (drawn.value === null) return
      const index = picture.sliceIndex()
      const change = asChange(drawn.value, chosenId.value, index, RESHAPING[how])
      addAll(`${how}, ${picture.sliceWords(index)}`, 'reshape', [change])
    },
    between: (): void => {
      if (drawn.value === null) return
      const index = picture.sliceIndex()
      const filled = fillBetween(drawn.value, chosenId.value, index, picture.along, picture.spacingMm())
      if (!filled.ok) {
        problems.addRefusal('attempt/gesture', 'Nothing was filled', filled.refusal)
        return
      }
      problems.settle('attempt/gesture')
      const { first, last, changes } = filled.value
      const numbers = [picture.numberOf(first), picture.numberOf(last)].sort((a, b) => a - b)
      addAll(`Fill between ${numbers.join(' and ')}`, 'between', changes)
    },
    startFrom: ({ title, origin, changes }: Start): void => {
      const document = drawn.value
      if (document === null || opened.attempt.value?.blind !== false || hands.isStroking) return
      const edit = paintEdit(document, {
        title: `Start from: ${title}`.slice(0, 120),
        tool: 'start',
        structureId: chosenId.value,
        label: label.value,
        changes: changes(document),
        origin,
      })
      if (edit !== null) opened.add(edit)
    },
    copy: (step: 1 | -1): void => {
      const from = picture.sliceIndex()
      const to = picture.below(from, step)
      if (drawn.value === null || to < 0 || to >= picture.sliceCount()) return
      const change = copyTo(drawn.value, chosenId.value, from, to)
      addAll(`Copy ${picture.numberOf(from)} to ${picture.sliceWords(to)}`, 'copy', [change])
      picture.goTo(to)
    },
  }
}
