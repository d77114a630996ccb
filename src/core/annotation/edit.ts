/**
 * Gestures on a document: pure `applyEdit` and `invertEdit`. An edit says what it found and what it leaves, and is
 * refused where it does not find that: nothing is guessed, nothing is overwritten unseen.
 */
import {
  accept,
  refuse,
  type DocumentEdit,
  type MaskPatch,
  type Origin,
  type Result,
  type SingleEdit,
} from '../../contract'
import { applyPatch, invertPatch, makePatch } from '../contour/mask-patch'
import { clipBox, wholeBox } from '../contour/slice-mask'
import { emptyMask } from '../image/mask'
import { equalValues } from './canonical-json'
import {
  findStructure,
  heldWithin,
  withoutFigure,
  type AnnotatedStructure,
  type AnnotationDocument,
} from './document'
import { boxOfTiledMask, emptyTiledMask, isEmptyTiledMask, maskWithin, withContent } from './tiled-mask'
import type { TiledMask } from './tiled-mask'

export type PaintEdit = Extract<SingleEdit, { kind: 'paint' }>
type AddEdit = Extract<SingleEdit, { kind: 'add-structure' }>
type RemoveEdit = Extract<SingleEdit, { kind: 'remove-structure' }>
type RenameEdit = Extract<SingleEdit, { kind: 'rename-structure' }>

/** `tool` of the paint that empties a structure which goes, and of the one that brings it back. */
export const DELETION_TOOL = 'delete'

const RELOAD = 'Load the annotation again and repeat the edit.'

/**
 * The document after a gesture; the given one stays, and shares what the gesture leaves alone. Refused whole, never
 * applied in part: `not-found` (unknown structure); `request-invalid` (an id taken, a place outside the list, a
 * structure to remove that still holds pixels or an origin); `annotation-mismatch` (a mask, label, place, origin or
 * answer that is not what the edit was made on, a patch outside the image); `annotation-damaged` (run lengths).
 */
export function applyEdit(document: AnnotationDocument, edit: DocumentEdit): Result<AnnotationDocument> {
  const edits = edit.kind === 'several' ? edit.edits : [edit]
  let applied = document
  for (const single of edits) {
    const next = applySingle(applied, single)
    if (!next.ok) return next
    applied = next.value
  }
  return accept(applied)
}

/** The edit as a row of smaller ones that lead to the same document. A change of origin goes with the first. */
export function* piecesOf(edit: DocumentEdit): Generator<SingleEdit> {
  for (const single of edit.kind === 'several' ? edit.edits : [edit]) {
    if (single.kind !== 'paint' || single.slices.length === 0) {
      yield single
      continue
    }
    for (const [index, slice] of single.slices.entries())
      yield { ...single, slices: [slice], origin: index === 0 ? single.origin : null }
  }
}

function applySingle(document: AnnotationDocument, edit: SingleEdit): Result<AnnotationDocument> {
  switch (edit.kind) {
    case 'add-structure':
      return addStructure(document, edit)
    case 'remove-structure':
      return removeEmptyStructure(document, edit)
    case 'rename-structure':
      return renameStructure(document, edit)
    case 'paint':
      return paint(document, edit)
    case 'answer':
      return equalValues(document.answer, edit.from)
        ? accept({ ...document, answer: edit.to })
        : mismatch('The answer is not what this edit was made on.')
  }
}

const mismatch = (reason: string): Result<never> => refuse('annotation-mismatch', reason, { next: RELOAD })

const unknown = (structureId: string): Result<never> =>
  refuse('not-found', `The annotation has no structure with the id ${structureId}.`, { next: RELOAD })

function addStructure(document: AnnotationDocument, edit: AddEdit): Result<AnnotationDocument> {
  const { structureId, label, position } = edit
  const taken = findStructure(document, structureId)
  if (taken !== undefined) {
    return refuse('request-invalid', `The id ${structureId} is taken by the structure “${taken.label}”.`, {
      next: 'Add the structure under an id of its own.',
    })
  }
  const count = document.structures.length
  if (position > count) {
    return refuse(
      'request-invalid',
      `The list holds ${count} structures; there is no place ${position + 1}.`,
      {
        next: RELOAD,
      },
    )
  }
  const added: AnnotatedStructure = { structureId, label, origin: null, slices: new Map() }
  return accept({ ...document, structures: document.structures.toSpliced(position, 0, added) })
}

function removeEmptyStructure(document: AnnotationDocument, edit: RemoveEdit): Result<AnnotationDocument> {
  const position = document.structures.findIndex(({ structureId }) => structureId === edit.structureId)
  const structure = document.structures[position]
  if (structure === undefined) return unknown(edit.structureId)
  if (structure.slices.size > 0 || structure.origin !== null) {
    return refuse('request-invalid', `“${structure.label}” still holds what was drawn in it.`, {
      next: 'Clear it in the same gesture, then remove it.',
    })
  }
  if (structure.label !== edit.label || position !== edit.position) {
    return mismatch(`“${structure.label}” has another label or place than this edit was made on.`)
  }
  return accept({ ...document, structures: document.structures.toSpliced(position, 1) })
}

const withStructure = (document: AnnotationDocument, structure: AnnotatedStructure): AnnotationDocument => ({
  ...document,
  structures: document.structures.map((one) => (one.structureId === structure.structureId ? structure : one)),
})

function renameStructure(document: AnnotationDocument, edit: RenameEdit): Result<AnnotationDocument> {
  const structure = findStructure(document, edit.structureId)
  if (structure === undefined) return unknown(edit.structureId)
  return structure.label === edit.from
    ? accept(withStructure(document, { ...structure, label: edit.to }))
    : mismatch(`“${structure.label}” was called “${edit.from}” when this edit was made.`)
}

function paint(document: AnnotationDocument, edit: PaintEdit): Result<AnnotationDocument> {
  const structure = findStructure(document, edit.structureId)
  if (structure === undefined) return unknown(edit.structureId)
  if (edit.origin !== null && !equalValues(structure.origin, withoutFigure(edit.origin.from))) {
    return mismatch(`“${structure.label}” was started from something else when this edit was made.`)
  }
  const slices = new Map(structure.slices)
  for (const { sliceIndex, patch } of edit.slices) {
    const mask = slices.get(sliceIndex) ?? emptyTiledMask(document.widthPx, document.heightPx)
    const patched = patchTiles(mask, patch, `the slice with index ${sliceIndex} of “${structure.label}”`)
    if (!patched.ok) return patched
    if (isEmptyTiledMask(patched.value)) slices.delete(sliceIndex)
    else slices.set(sliceIndex, patched.value)
  }
  const origin = edit.origin === null ? structure.origin : withoutFigure(edit.origin.to)
  return accept(withStructure(document, { ...structure, origin, slices }))
}

/** A patch applied to tiles: the box alone is taken out, patched by `applyPatch` and put back. */
function patchTiles(mask: TiledMask, patch: MaskPatch, place: string): Result<TiledMask> {
  const { box } = patch
  const size = `${box.widthPx} × ${box.heightPx} px from (${box.column}, ${box.row})`
  if (!equalValues(clipBox(box, mask), { ...box })) {
    return refuse(
      'annotation-mismatch',
      `The edit of ${size} reaches outside ${place}, which has ${mask.widthPx} × ${mask.heightPx} px.`,
      { next: 'Apply it to the image that it was drawn on.' },
    )
  }
  const inBox = { ...patch, box: { ...box, column: 0, row: 0 } }
  const patched = applyPatch(maskWithin(mask, box), inBox)
  if (patched.ok) return accept(withContent(mask, box, patched.value))
  return patched.refusal.code === 'annotation-damaged'
    ? refuse(
        'annotation-damaged',
        `The run lengths of the edit of ${size} on ${place} do not fill its box.`,
        {
          next: 'Restore the annotation from its history or a backup.',
        },
      )
    : mismatch(`The pixels of ${place} differ from what the edit of ${size} was made on.`)
}

/** The gesture that takes this one back; it keeps the title. Inverting twice gives the gesture again. */
export function invertEdit(edit: DocumentEdit): DocumentEdit {
  return edit.kind === 'several'
    ? { ...edit, edits: edit.edits.map(invertSingle).reverse() }
    : invertSingle(edit)
}

function invertSingle(edit: SingleEdit): SingleEdit {
  switch (edit.kind) {
    case 'add-structure':
      return { ...edit, kind: 'remove-structure' }
    case 'remove-structure':
      return { ...edit, kind: 'add-structure' }
    case 'rename-structure':
    case 'answer':
      return swapped(edit)
    case 'paint':
      return {
        ...edit,
        slices: edit.slices.map((slice) => ({ ...slice, patch: invertPatch(slice.patch) })).reverse(),
        origin: edit.origin && swapped(edit.origin),
      }
  }
}

const swapped = <T extends { from: unknown; to: unknown }>(change: T): T => ({
  ...change,
  from: change.to,
  to: change.from,
})

/**
 * The gesture that deletes a structure with all that it holds (undo brings all of it back). Refused with `not-found`
 * where there is no such structure.
 */
export function deletion(
  document: AnnotationDocument,
  structureId: string,
  title: string,
): Result<DocumentEdit> {
  const position = document.structures.findIndex((one) => one.structureId === structureId)
  const structure = document.structures[position]
  if (structure === undefined) return unknown(structureId)
  const { label } = structure
  const removal = { kind: 'remove-structure' as const, title, structureId, label, position }
  const clearing = clearingOf(document, structure, title)
  return accept(clearing === null ? removal : { kind: 'several', title, edits: [clearing, removal] })
}

function clearingOf(
  document: AnnotationDocument,
  { structureId, origin, slices }: AnnotatedStructure,
  title: string,
): PaintEdit | null {
  const cleared = [...slices]
    .sort(([a], [b]) => a - b)
    .map(([sliceIndex, mask]) => ({ sliceIndex, patch: clearingPatch(mask) }))
  if (cleared.length === 0 && origin === null) return null
  return {
    kind: 'paint',
    title,
    structureId,
    tool: DELETION_TOOL,
    slices: cleared.length === 0 ? [untouchedSlice(document, structureId)] : cleared,
    origin: changeOfOrigin(origin, null),
  }
}

function clearingPatch(mask: TiledMask): MaskPatch {
  const box = boxOfTiledMask(mask)
  const held = maskWithin(mask, box)
  const patch = makePatch(held, emptyMask(box.widthPx, box.heightPx), wholeBox(held))
  return placedPatch(patch, box)
}

/** A patch made in a box, placed where the box lies. */
export const placedPatch = (patch: MaskPatch, at: { column: number; row: number }): MaskPatch => ({
  ...patch,
  box: { ...patch.box, column: patch.box.column + at.column, row: patch.box.row + at.row },
})

/** Null where the origin stays; a paint that says nothing of it leaves it. */
export const changeOfOrigin = (from: Origin | null, to: Origin | null): PaintEdit['origin'] =>
  equalValues(from, to) ? null : { from, to }

/** A slice that a paint names and leaves as it is: for a change of origin without a pixel, since a paint has a slice. */
export function untouchedSlice(
  document: AnnotationDocument,
  structureId: string,
  sliceIndex = 0,
): PaintEdit['slices'][number] {
  const box = { column: 0, row: 0, widthPx: 1, heightPx: 1 }
  const set = heldWithin(document, structureId, sliceIndex, box).pixels[0] === 1
  // Run lengths of one pixel: "1 clear", or "0 clear, 1 set" (`mask-patch.ts`).
  const runs = set ? 'AAE=' : 'AQ=='
  return { sliceIndex, patch: { box, before: runs, after: runs } }
}
