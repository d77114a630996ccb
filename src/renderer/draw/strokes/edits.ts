import type { Answer, DocumentEdit, Origin, SingleEdit } from '../../../contract'
import type { AnnotationDocument } from '../../../core/annotation/document'
import { findStructure, sliceMask } from '../../../core/annotation/document'
import { changeOfOrigin } from '../../../core/annotation/edit'
import { isEmptyPatch, makePatch } from '../../../core/contour/mask-patch'
import type { EditedMask, PixelBox } from '../../../core/contour/slice-mask'

import type { Mask } from '../../../core/image/mask'

/** What a gesture makes of one slice. */
export interface SliceChange {
  readonly sliceIndex: number
  readonly after: Mask
  /** Holds every pixel that changed. */
  readonly box: PixelBox
}

export interface Painted {
  readonly title: string
  readonly tool: string
  readonly structureId: string
  readonly label: string
  readonly changes: readonly SliceChange[]
  /** Where the structure is started from with this gesture. */
  readonly origin?: Origin
}

/**
 * A painting gesture as one edit; null where it changes nothing. The first stroke of a structure makes it, and what
 * marks a pixel answers "outlined", whatever was said before: one gesture, one step of undo.
 */
export function paintEdit(document: AnnotationDocument, painted: Painted): DocumentEdit | null {
  const { title, tool, structureId, label, changes } = painted
  const slices = changes.flatMap(({ sliceIndex, after, box }) => {
    const patch = makePatch(sliceMask(document, structureId, sliceIndex), after, box)
    return isEmptyPatch(patch) ? [] : [{ sliceIndex, patch }]
  })
  if (slices.length === 0) return null
  const structure = findStructure(document, structureId)
  const origin =
    painted.origin === undefined ? null : changeOfOrigin(structure?.origin ?? null, painted.origin)
  const edits: SingleEdit[] = [{ kind: 'paint', title, structureId, tool, slices, origin }]
  if (structure === undefined) {
    const position = document.structures.length
    edits.unshift({ kind: 'add-structure', title: `New ${label}`, structureId, label, position })
  }
  const { verdict } = document.answer
  if (verdict === null || (verdict !== 'outlined' && marksMore(document, structureId, changes))) {
    const to: Answer = { ...document.answer, verdict: 'outlined' }
    edits.push({ kind: 'answer', title: 'Answer: outlined', from: document.answer, to })
  }
  const [only] = edits
  return edits.length === 1 && only !== undefined ? only : { kind: 'several', title, edits }
}

/** Whether any pixel is marked that was not. */
const marksMore = (
  document: AnnotationDocument,
  structureId: string,
  changes: readonly SliceChange[],
): boolean =>
  changes.some(({ sliceIndex, after }) => {
    const before = sliceMask(document, structureId, sliceIndex)
    return after.pixels.some((marked, at) => marked === 1 && before.pixels[at] !== 1)
  })

/** An operation on the mask of one slice (smooth, fill, nudge) as a change of it. */
export const asChange = (
  document: AnnotationDocument,
  structureId: string,
  sliceIndex: number,
  operate: (mask: Mask) => EditedMask,
): SliceChange => {
  const { mask, box } = operate(sliceMask(document, structureId, sliceIndex))
  return { sliceIndex, after: mask, box }
}

export const answerEdit = (document: AnnotationDocument, to: Answer, title: string): DocumentEdit => ({
  kind: 'answer',
  title,
  from: document.answer,
  to,
})
