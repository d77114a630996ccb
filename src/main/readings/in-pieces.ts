import { setImmediate as turn } from 'node:timers/promises'
import { accept, refuse } from '../../contract'
import type { DocumentEdit, JournalEntry, NewEntry, Result, SingleEdit } from '../../contract'
import { boundedMasks, type AnnotationDocument } from '../../core/annotation/document'
import { applyEdit, piecesOf } from '../../core/annotation/edit'
import { admitEntry, foldJournal, takesBack } from '../../core/annotation/journal'
import { STRETCH_MS } from './in-slices'

/**
 * Large gestures, taken slice by slice with turns for others in between: the same document as at once, since the edits of
 * a gesture and the slices of a paint follow one another anyway. Whoever draws the largest keeps nobody waiting.
 */

/** Pixels of boxes that are taken at once: some milliseconds. */
const AT_ONCE_PX = 500_000
/** Pixels of boxes in one gesture: four hundred slices of a lung, or the whole of the largest photograph. */
const MOST_PX = 70_000_000

const singles = (edit: DocumentEdit): readonly SingleEdit[] => (edit.kind === 'several' ? edit.edits : [edit])

const areaPx = (edit: SingleEdit): number =>
  edit.kind === 'paint'
    ? edit.slices.reduce((sum, { patch: { box } }) => sum + box.widthPx * box.heightPx, 0)
    : 0

const areaOf = (edit: DocumentEdit): number => singles(edit).reduce((sum, one) => sum + areaPx(one), 0)

/** Refused: a gesture over more pixels than one is let in with. */
export const boundedGesture = (edit: DocumentEdit): Result<null> =>
  areaOf(edit) <= MOST_PX
    ? accept(null)
    : refuse('request-invalid', `A gesture changes ${MOST_PX / 1_000_000} million pixels at most.`, {
        next: 'Draw it in several gestures.',
      })

/** `admitEntry`, in pieces where it is large. Refused besides: what makes masks larger than those of one reading. */
export async function admitInPieces(
  document: AnnotationDocument,
  entries: readonly JournalEntry[],
  entry: Pick<NewEntry, 'edit' | 'undoes'>,
): Promise<Result<AnnotationDocument>> {
  const fits = await fittingInPieces(document, entries, entry)
  if (!fits.ok) return fits
  const bounded = boundedMasks(document, fits.value)
  return bounded.ok ? fits : bounded
}

async function fittingInPieces(
  document: AnnotationDocument,
  entries: readonly JournalEntry[],
  entry: Pick<NewEntry, 'edit' | 'undoes'>,
): Promise<Result<AnnotationDocument>> {
  if (areaOf(entry.edit) <= AT_ONCE_PX) return admitEntry(document, entries, entry)
  const back = takesBack(entries, entry)
  if (!back.ok) return back
  return stepByStep(document, piecesOf(entry.edit), applyEdit)
}

/** One piece after another, others having their turn in between; the first refusal ends it. */
async function stepByStep<Piece>(
  document: AnnotationDocument,
  pieces: Iterable<Piece>,
  apply: (to: AnnotationDocument, piece: Piece) => Result<AnnotationDocument>,
): Promise<Result<AnnotationDocument>> {
  let applied = document
  let began = performance.now()
  for (const piece of pieces) {
    const next = apply(applied, piece)
    if (!next.ok) return next
    applied = next.value
    if (performance.now() - began < STRETCH_MS) continue
    await turn()
    began = performance.now()
  }
  return accept(applied)
}

/** `foldJournal`, in pieces where entries are large or many. */
export async function foldInPieces(
  document: AnnotationDocument,
  entries: readonly JournalEntry[],
  afterRevision: number,
): Promise<Result<AnnotationDocument>> {
  function* pieces(): Generator<{ readonly entry: JournalEntry; readonly index: number }> {
    for (const [index, entry] of entries.entries()) {
      const isLarge = areaOf(entry.edit) > AT_ONCE_PX
      for (const edit of isLarge ? piecesOf(entry.edit) : [entry.edit])
        yield { entry: { ...entry, edit }, index }
    }
  }
  return stepByStep(document, pieces(), (to, { entry, index }) =>
    foldJournal(to, [entry], afterRevision + index),
  )
}
