import { type Ref, shallowRef, watch } from 'vue'
import { sliceMask, type AnnotationDocument } from '../../../core/annotation/document'
import type { OpenedAttempt } from '../journal/use-attempt'
import { paintEdit } from './edits'
import { addedPixels, touchedStructure, type FinishedStroke } from './touched-structure'

/** A stroke that lies on another structure than the one it was added to, until it is said where it belongs. */
export interface StrokeQuestion {
  readonly stroke: FinishedStroke
  /** The structure that it was added to, as every stroke is: nothing drawn waits for an answer to be on disk. */
  readonly own: string
  readonly other: { readonly structureId: string; readonly label: string }
}

export interface StrokeQuestions {
  readonly question: Ref<StrokeQuestion | null>
  readonly ask: (stroke: FinishedStroke, on: AnnotationDocument) => void
  /** Moves the stroke to the structure it lies on, or to a new one, which is drawn from then on. */
  readonly join: () => void
  readonly toNew: () => void
  /** It stays; between these two it is not asked again. */
  readonly stay: () => void
}

/**
 * Asks once a stroke is on its way to the disk, and is never in the way of the next one: whoever draws on has answered.
 * `freshLabel`: the name of a structure that an answer makes.
 */
export function useStrokeQuestions(
  { add, undo, isDraft }: Pick<OpenedAttempt, 'add' | 'undo' | 'isDraft'>,
  document: () => AnnotationDocument | null,
  chosenId: Ref<string>,
  freshLabel: () => string,
): StrokeQuestions {
  const question = shallowRef<StrokeQuestion | null>(null)
  const settled = new Set<string>()
  const pair = (one: string, other: string): string => JSON.stringify([one, other])
  /** The document that the question is about: any other gesture, undo or window has answered it. */
  let about: AnnotationDocument | null = null
  watch([document, chosenId, isDraft], () => {
    if (document() !== about) question.value = null
  })

  function ask(stroke: FinishedStroke, on: AnnotationDocument): void {
    const touched = touchedStructure(on, stroke)
    about = document()
    question.value = null
    if (touched === null || settled.has(pair(stroke.structureId, touched.structureId))) return
    const own = about?.structures.find(({ structureId }) => structureId === stroke.structureId)?.label ?? ''
    question.value = { stroke, own, other: touched }
  }

  function move(to: string, label: string): void {
    const stroke = question.value?.stroke
    question.value = null
    if (stroke === undefined) return
    undo()
    const now = document()
    if (now === null) return
    const after = sliceMask(now, to, stroke.sliceIndex)
    const pixels = after.pixels.slice()
    for (const at of addedPixels(stroke)) pixels[at] = 1
    const changes = [{ ...stroke, after: { ...after, pixels } }]
    const { title, tool } = stroke
    const edit = paintEdit(now, { title, tool, structureId: to, label, changes })
    if (edit !== null && add(edit)) chosenId.value = to
  }

  return {
    question,
    ask,
    join: () => {
      const other = question.value?.other
      if (other !== undefined) move(other.structureId, other.label)
    },
    toNew: () => {
      move(crypto.randomUUID(), freshLabel())
    },
    stay: () => {
      const asked = question.value
      if (asked !== null) settled.add(pair(asked.stroke.structureId, asked.other.structureId))
      question.value = null
    },
  }
}
