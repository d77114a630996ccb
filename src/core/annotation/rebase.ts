/**
 * Two windows wrote to one attempt. The gestures that one of them had not sent yet were made on a document that has
 * gone on meanwhile; here they are said again so that they fit. The other window's entries are stored and stay.
 *
 * A gesture means the pixels that it changed: those that it set are set, those that it cleared are cleared, and what
 * stands so already drops out. An undo of an unsent gesture takes back what that gesture still does, and so leaves
 * what the other window did alike. Nothing is lost unsaid: what could not be kept as it was is in `notes`.
 */
import {
  accept,
  refuse,
  type Answer,
  type DocumentEdit,
  type JournalEntry,
  type Result,
  type SingleEdit,
} from '../../contract'
import { isEmptyPatch, makePatch } from '../contour/mask-patch'
import { wholeBox } from '../contour/slice-mask'
import type { Mask } from '../image/mask'
import { equalValues } from './canonical-json'
import { findStructure, heldWithin, withoutFigure, type AnnotationDocument } from './document'
import { applyEdit, changeOfOrigin, invertEdit, placedPatch, untouchedSlice, type PaintEdit } from './edit'
import { foldJournal } from './journal'

/** An entry on its way to the store; `revision` is the one that it will have. */
export type PendingEntry = Pick<JournalEntry, 'entryId' | 'revision' | 'edit' | 'undoes'>

export interface Rebased {
  /** What is still to be sent, in order, with new revisions. A gesture of which nothing is left to do is not here. */
  readonly entries: readonly PendingEntry[]
  /** The document after the missed entries and these. */
  readonly document: AnnotationDocument
  /** What could not be kept as it was drawn, in words for the reader. */
  readonly notes: readonly string[]
}

/** Most edits that one gesture may hold (`contract/edit.ts`). */
const MOST_EDITS = 64
const LONGEST_LABEL = 80
const LONGEST_TITLE = 120
const RECOVERED = ' (recovered)'

/** Both documents side by side, gesture by gesture. */
interface Course {
  /** As the page saw it. */
  mine: AnnotationDocument
  /** As the store will hold it. */
  theirs: AnnotationDocument
  /** Structures that the other window removed, by the id under which strokes in them go on. */
  readonly recovered: Map<string, string>
  readonly notes: string[]
}

/**
 * `document`: as it stood at the last revision that both knew, before any of `pending` and `missed`. `pending`: not
 * acknowledged, in order, on from that revision. `missed`: all that the store holds after it; entries of `pending` whose
 * acknowledgement was lost stand first in it, are known by their `entryId`, and are not sent again.
 *
 * Refused: `annotation-damaged` or `annotation-mismatch` where one or the other does not fit the document, and
 * `limit-reached` where a gesture of very many edits would need one more. Nothing is changed then; keep `pending`.
 */
export function rebase(
  pending: readonly PendingEntry[],
  missed: readonly JournalEntry[],
  document: AnnotationDocument,
): Result<Rebased> {
  let stored = 0
  while (stored < pending.length && missed[stored]?.entryId === pending[stored]?.entryId) stored += 1
  const known = (missed[0]?.revision ?? pending[0]?.revision ?? 1) - 1
  const mine = foldJournal(document, missed.slice(0, stored), known)
  if (!mine.ok) return mine
  const theirs = foldJournal(mine.value, missed.slice(stored), known + stored)
  if (!theirs.ok) return theirs

  if (missed.length === stored) return unchanged(pending.slice(stored), mine.value)
  const course: Course = { mine: mine.value, theirs: theirs.value, recovered: new Map(), notes: [] }
  const entries: PendingEntry[] = []
  /** By old revision; null: nothing was left to do. */
  const became = new Map<number, PendingEntry | null>()
  for (const entry of pending.slice(stored)) {
    const next = sayAgain(course, entry, entry.undoes === null ? undefined : became.get(entry.undoes))
    if (!next.ok) return next
    const revision = known + missed.length + entries.length + 1
    const again = next.value && { ...next.value, entryId: entry.entryId, revision }
    became.set(entry.revision, again)
    if (again !== null) entries.push(again)
  }
  return accept({ entries, document: course.theirs, notes: course.notes })
}

/** Nothing came between. */
function unchanged(entries: readonly PendingEntry[], known: AnnotationDocument): Result<Rebased> {
  let document = known
  for (const { edit } of entries) {
    const applied = applyEdit(document, edit)
    if (!applied.ok) return applied
    document = applied.value
  }
  return accept({ entries, document, notes: [] })
}

/** `undone`: what the entry that this one takes back has become; undefined: it is not one of the unsent. */
function sayAgain(
  course: Course,
  entry: PendingEntry,
  undone: PendingEntry | null | undefined,
): Result<Pick<PendingEntry, 'edit' | 'undoes'> | null> {
  if (undone !== undefined) {
    const mine = applyEdit(course.mine, entry.edit)
    if (!mine.ok) return mine
    const inverse = undone && invertEdit(undone.edit)
    const theirs = inverse === null ? accept(course.theirs) : applyEdit(course.theirs, inverse)
    if (theirs.ok) {
      course.mine = mine.value
      course.theirs = theirs.value
      return accept(undone && inverse && { edit: inverse, undoes: undone.revision })
    }
  }
  const said = sayGestureAgain(course, entry.edit)
  if (!said.ok || said.value === null) return said.ok ? accept(null) : said
  const edit = said.value
  if (entry.undoes === null) return accept({ edit, undoes: null })
  // Other entries came between: the one to take back is no longer the next, so this is a gesture of its own.
  const title = cut(`Undo or redo: ${edit.title}`, LONGEST_TITLE)
  return accept({ edit: { ...edit, title }, undoes: null })
}

function sayGestureAgain(course: Course, edit: DocumentEdit): Result<DocumentEdit | null> {
  const again: SingleEdit[] = []
  for (const single of edit.kind === 'several' ? edit.edits : [edit]) {
    const said = single.kind === 'paint' ? paintAgain(course, single) : accept(sayOther(course, single))
    if (!said.ok) return said
    if (single.kind !== 'paint') {
      const mine = applyEdit(course.mine, single)
      if (!mine.ok) return mine
      course.mine = mine.value
    }
    for (const one of said.value) {
      const theirs = applyEdit(course.theirs, one)
      if (!theirs.ok) return theirs
      course.theirs = theirs.value
      again.push(one)
    }
  }
  const [first] = again
  if (first === undefined) return accept(null)
  if (again.length === 1) return accept({ ...first, title: edit.title })
  if (again.length <= MOST_EDITS) return accept({ kind: 'several', title: edit.title, edits: again })
  return refuse('limit-reached', `“${edit.title}” and what came from another window cannot be joined.`, {
    next: 'Export your work, load the annotation again and repeat this gesture in parts.',
  })
}

/** Takes the page's document on by the paint, and gives what is left of it to do on the other. */
function paintAgain(course: Course, edit: PaintEdit): Result<readonly SingleEdit[]> {
  const { structureId } = edit
  const here = course.recovered.get(structureId) ?? structureId
  const recovery = findStructure(course.theirs, here) === undefined ? recoveredStructure(course, edit) : null
  const target = recovery?.structureId ?? here
  let mine = course.mine
  let theirs = recovery === null ? accept(course.theirs) : applyEdit(course.theirs, recovery)
  const slices: PaintEdit['slices'] = []
  // Slice by slice, since one paint may name a slice twice.
  for (const painted of edit.slices) {
    const { sliceIndex, patch } = painted
    const was = heldWithin(mine, structureId, sliceIndex, patch.box)
    const after = applyEdit(mine, { ...edit, slices: [painted], origin: null })
    if (!after.ok) return after
    if (!theirs.ok) return theirs
    mine = after.value
    const wanted = heldWithin(mine, structureId, sliceIndex, patch.box)
    const stands = heldWithin(theirs.value, target, sliceIndex, patch.box)
    const left = makePatch(stands, withChanges(stands, was, wanted), wholeBox(stands))
    if (isEmptyPatch(left)) continue
    const slice = { ...painted, patch: placedPatch(left, patch.box) }
    slices.push(slice)
    theirs = applyEdit(theirs.value, { ...edit, structureId: target, slices: [slice], origin: null })
  }
  const after = applyEdit(course.mine, edit)
  if (!after.ok) return after
  const said = paintOn(course, edit, target, slices, recovery !== null)
  course.mine = after.value
  if (recovery === null || said.length === 0) return accept(recovery === null ? said : [])
  course.recovered.set(structureId, target)
  course.notes.push(
    `“${labelOf(course.mine, structureId)}” was removed in another window; what you drew in it since is kept as “${recovery.label}”.`,
  )
  return accept([recovery, ...said])
}

/** The pixels of `stands` where a gesture left them alone, what it made of them where it did not. */
const withChanges = (stands: Mask, was: Mask, wanted: Mask): Mask => ({
  ...stands,
  pixels: stands.pixels.map((pixel, at) =>
    was.pixels[at] === wanted.pixels[at] ? pixel : (wanted.pixels[at] ?? 0),
  ),
})

const labelOf = (document: AnnotationDocument, structureId: string): string =>
  findStructure(document, structureId)?.label ?? structureId

/** The structure in which strokes go on whose own was removed: at the end of the list, under an id of its own. */
function recoveredStructure(
  { mine, theirs }: Course,
  { structureId, title }: PaintEdit,
): Extract<SingleEdit, { kind: 'add-structure' }> {
  const label = `${cut(labelOf(mine, structureId), LONGEST_LABEL - RECOVERED.length)}${RECOVERED}`
  let id = `${cut(structureId, 50)}-recovered`
  for (let more = 2; findStructure(theirs, id) !== undefined; more += 1) {
    id = `${cut(structureId, 50)}-recovered-${more}`
  }
  return { kind: 'add-structure', title, structureId: id, label, position: theirs.structures.length }
}

/** What is left of a paint, with its origin: on a structure that stands, or on the new one of lost strokes. */
function paintOn(
  { theirs, notes }: Course,
  edit: PaintEdit,
  structureId: string,
  slices: PaintEdit['slices'],
  isRecovery: boolean,
): readonly SingleEdit[] {
  const from = findStructure(theirs, structureId)?.origin ?? null
  const origin = edit.origin && changeOfOrigin(from, withoutFigure(edit.origin.to))
  if (isRecovery) return slices.length === 0 ? [] : [{ ...edit, structureId, slices, origin }]
  if (origin !== null && !equalValues(from, withoutFigure(edit.origin?.from ?? null))) {
    notes.push(
      `“${labelOf(theirs, structureId)}” was started from something else in another window; yours stands now.`,
    )
  }
  if (slices.length === 0 && origin === null) return []
  const painted = slices.length === 0 ? [untouchedSlice(theirs, structureId)] : slices
  return [{ ...edit, structureId, slices: painted, origin }]
}

/** At most so many UTF-16 code units, no character cut in two. */
const cut = (text: string, longest: number): string =>
  text.length <= longest
    ? text
    : Array.from(text.slice(0, longest))
        .filter((one) => !/\p{Cs}/u.test(one))
        .join('')

function sayOther(course: Course, edit: Exclude<SingleEdit, PaintEdit>): readonly SingleEdit[] {
  const { theirs, notes, recovered } = course
  if (edit.kind === 'answer') return answerAgain(course, edit)
  const here = recovered.get(edit.structureId) ?? edit.structureId
  const position = theirs.structures.findIndex(({ structureId }) => structureId === here)
  const stands = theirs.structures[position]
  switch (edit.kind) {
    case 'add-structure':
      if (stands === undefined) {
        recovered.delete(edit.structureId)
        return [{ ...edit, position: Math.min(edit.position, theirs.structures.length) }]
      }
      if (stands.label !== edit.label) notes.push(`“${edit.label}” stands already, as “${stands.label}”.`)
      return []
    case 'remove-structure':
      if (stands === undefined) return []
      if (stands.slices.size > 0 || stands.origin !== null) {
        notes.push(
          `“${stands.label}” was drawn in from another window, and is kept; what you removed of it is gone.`,
        )
        return []
      }
      return [{ ...edit, structureId: here, label: stands.label, position }]
    case 'rename-structure':
      if (stands === undefined) {
        notes.push(`“${edit.from}” was removed in another window, and could not be renamed “${edit.to}”.`)
        return []
      }
      if (stands.label === edit.to) return []
      if (stands.label !== edit.from && here === edit.structureId) {
        notes.push(`“${edit.from}” was renamed “${stands.label}” in another window; it is “${edit.to}” now.`)
      }
      return [{ ...edit, structureId: here, from: stands.label }]
  }
}

/** Field by field: what this window changed is as it said, all else as the other left it. */
function answerAgain(
  { theirs, notes }: Course,
  edit: Extract<SingleEdit, { kind: 'answer' }>,
): readonly SingleEdit[] {
  const stands = theirs.answer
  const chosen = <Field extends keyof Answer>(field: Field): Answer[Field] => {
    const wanted = edit.to[field]
    if (wanted === edit.from[field] || wanted === stands[field]) return stands[field]
    if (stands[field] !== edit.from[field]) {
      notes.push(`The ${field} was “${stands[field] ?? ''}” from another window; yours stands now.`)
    }
    return wanted
  }
  const to: Answer = {
    verdict: chosen('verdict'),
    reason: chosen('reason'),
    confidence: chosen('confidence'),
    comment: chosen('comment'),
  }
  return equalValues(stands, to) ? [] : [{ ...edit, from: stands, to }]
}
