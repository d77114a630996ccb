/** The journal is the state: an attempt's entries, folded, give its document. */
import {
  accept,
  refuse,
  type DocumentEdit,
  type JournalEntry,
  type NewEntry,
  type Origin,
  type Result,
} from '../../contract'
import { equalValues } from './canonical-json'
import { findStructure, withoutFigure, type AnnotationDocument, type OriginStarts } from './document'
import { runThrough, type Steps } from '../measures/steps'
import { applyEdit, DELETION_TOOL, invertEdit, piecesOf } from './edit'
import type { TiledMask } from './tiled-mask'
import { undoable, walkHistory } from './undo'

/**
 * The document after the entries, from the document at `afterRevision` (0: before the first gesture). Refused with
 * `annotation-damaged`, naming the revision: a gap in the revisions, or an entry that does not fit what stands.
 */
export function foldJournal(
  document: AnnotationDocument,
  entries: readonly JournalEntry[],
  afterRevision = 0,
): Result<AnnotationDocument> {
  let folded = document
  for (const [index, entry] of entries.entries()) {
    const next = applyNext(folded, entry, afterRevision + index + 1)
    if (!next.ok) return next
    folded = next.value
  }
  return accept(folded)
}

function applyNext(
  document: AnnotationDocument,
  entry: JournalEntry,
  expectedRevision: number,
): Result<AnnotationDocument> {
  const restore = { next: 'Restore the workspace from a backup, and keep the damaged one.' }
  if (entry.revision !== expectedRevision) {
    return refuse(
      'annotation-damaged',
      `The journal holds revision ${entry.revision} where ${expectedRevision} should stand.`,
      restore,
    )
  }
  const applied = applyEdit(document, entry.edit)
  if (applied.ok) return applied
  const { title } = entry.edit
  return refuse(
    'annotation-damaged',
    `Revision ${entry.revision} (“${title}”) does not fit what stands before it: ${applied.refusal.reason}`,
    restore,
  )
}

/**
 * The document after a new entry; for the store to ask before it appends. `entries`: all that stand. Refused: what
 * `applyEdit` refuses, and with `request-invalid` an entry that says it undoes what it does not take back.
 */
export function admitEntry(
  document: AnnotationDocument,
  entries: readonly JournalEntry[],
  entry: Pick<NewEntry, 'edit' | 'undoes'>,
): Result<AnnotationDocument> {
  const back = takesBack(entries, entry)
  return back.ok ? applyEdit(document, entry.edit) : back
}

/** Whether an entry that says it undoes or redoes takes back what is next to be. */
export function takesBack(
  entries: readonly JournalEntry[],
  entry: Pick<NewEntry, 'edit' | 'undoes'>,
): Result<null> {
  if (entry.undoes !== null) {
    const { undo, redo } = walkHistory(entries)
    const step = [undo.at(-1), redo.at(-1)].find((one) => one?.revision === entry.undoes)
    if (step === undefined || !equalValues(invertEdit(step.edit), entry.edit)) {
      return refuse(
        'request-invalid',
        `“${entry.edit.title}” does not take back revision ${entry.undoes}, which is not the next to undo or redo.`,
        { next: 'Load the history again, then undo or redo.' },
      )
    }
  }
  return accept(null)
}

/**
 * What each structure that has an origin was started from: its masks on the slices of the standing gestures that named
 * this origin, as they stood right after them. Read off the journal, so that a model run need not be repeated.
 * `blank`: the document before the first entry. Refused as by `foldJournal`.
 */
export const originStarts = (
  blank: AnnotationDocument,
  entries: readonly JournalEntry[],
): Result<OriginStarts> => runThrough(originStartsInSteps(blank, entries))

/** `originStarts` with a step a slice of each gesture. A journal that names no origin is not gone through. */
export function* originStartsInSteps(
  blank: AnnotationDocument,
  entries: readonly JournalEntry[],
): Steps<Result<OriginStarts>> {
  const named = new Map<number, readonly NamedStart[]>()
  if (!entries.some(({ edit }) => namesOrigin(edit))) return accept(new Map())
  let document = blank
  for (const [index, entry] of entries.entries()) {
    for (const edit of piecesOf(entry.edit)) {
      const next = applyNext(document, { ...entry, edit }, index + 1)
      if (!next.ok) return next
      document = next.value
      yield
    }
    named.set(entry.revision, startsNamedBy(document, entry.edit))
  }
  const starts = new Map<string, Map<number, TiledMask>>()
  for (const { gestureRevision } of undoable(entries)) {
    for (const { structureId, origin, sliceIndex, mask } of named.get(gestureRevision) ?? []) {
      if (!equalValues(findStructure(document, structureId)?.origin ?? null, origin)) continue
      const slices = starts.get(structureId) ?? new Map<number, TiledMask>()
      if (!slices.has(sliceIndex)) slices.set(sliceIndex, mask)
      starts.set(structureId, slices)
    }
  }
  return accept(starts)
}

const namesOrigin = (edit: DocumentEdit): boolean =>
  (edit.kind === 'several' ? edit.edits : [edit]).some(
    (single) => single.kind === 'paint' && single.origin?.to != null,
  )

interface NamedStart {
  readonly structureId: string
  readonly origin: Origin | null
  readonly sliceIndex: number
  readonly mask: TiledMask
}

/** A deleted structure that was brought back has its origin again, but was not started anew. */
function startsNamedBy(after: AnnotationDocument, edit: DocumentEdit): readonly NamedStart[] {
  return (edit.kind === 'several' ? edit.edits : [edit]).flatMap((single) => {
    if (single.kind !== 'paint' || single.origin?.to == null || single.tool === DELETION_TOOL) return []
    const { structureId } = single
    const origin = withoutFigure(single.origin.to)
    const held = findStructure(after, structureId)?.slices
    return single.slices.flatMap(({ sliceIndex }) => {
      const mask = held?.get(sliceIndex)
      return mask === undefined ? [] : [{ structureId, origin, sliceIndex, mask }]
    })
  })
}
