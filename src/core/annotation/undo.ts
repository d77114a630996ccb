/**
 * What can be undone and redone is read off the entries alone, so that it survives a restart and another window: an undo
 * is an entry that takes back another (`undoes`), a redo is an entry that takes back an undo, and a new gesture ends
 * what could be redone.
 */
import type { DocumentEdit, HistoryLine, JournalEntry, NewEntry } from '../../contract'
import { invertEdit } from './edit'

/** A step that can be undone or redone now: the entry to take back, and the gesture that it is about. */
export interface HistoryStep {
  /** Revision of the entry whose effect would be taken back. */
  readonly revision: number
  readonly edit: DocumentEdit
  /** What the button says after "Undo" or "Redo". */
  readonly title: string
  /** Revision of the gesture itself, which may have been undone and redone since. */
  readonly gestureRevision: number
}

interface HistoryStacks {
  /** The last one is next. */
  readonly undo: readonly HistoryStep[]
  readonly redo: readonly HistoryStep[]
  readonly lines: readonly HistoryLine[]
}

/**
 * Walks the entries once. An entry whose `undoes` names neither the next step to undo nor the next to redo (written
 * by two windows at once) counts as a gesture of its own: it happened, and can be undone.
 */
export function walkHistory(entries: readonly JournalEntry[]): HistoryStacks {
  const undo: HistoryStep[] = []
  const redo: HistoryStep[] = []
  const lines: HistoryLine[] = []
  for (const { revision, at, edit, undoes } of entries) {
    const undone = undo.at(-1)
    const redone = redo.at(-1)
    if (undoes !== null && undone?.revision === undoes) {
      undo.pop()
      redo.push({ ...undone, revision, edit })
      lines.push({ revision, at, title: `Undo: ${undone.title}`, undoes })
    } else if (undoes !== null && redone?.revision === undoes) {
      redo.pop()
      undo.push({ ...redone, revision, edit })
      lines.push({ revision, at, title: `Redo: ${redone.title}`, undoes })
    } else {
      undo.push({ revision, edit, title: edit.title, gestureRevision: revision })
      redo.length = 0
      lines.push({ revision, at, title: edit.title, undoes })
    }
  }
  return { undo, redo, lines }
}

/** The history as the page lists it, oldest first: "Brush 4.8 mm, slice 40", "Undo: Brush …", "Redo: Brush …". */
export const historyLines = (entries: readonly JournalEntry[]): readonly HistoryLine[] =>
  walkHistory(entries).lines

/** The steps that can be undone, oldest first; the last one is next. Unbounded. Entries from the first revision on. */
export const undoable = (entries: readonly JournalEntry[]): readonly HistoryStep[] =>
  walkHistory(entries).undo

/** The steps that can be redone; the last one is next. */
export const redoable = (entries: readonly JournalEntry[]): readonly HistoryStep[] =>
  walkHistory(entries).redo

const takeBack = (
  entries: readonly JournalEntry[],
  step: HistoryStep | undefined,
  entryId: string,
): NewEntry | null =>
  step === undefined
    ? null
    : {
        entryId,
        expectedRevision: entries.at(-1)?.revision ?? 0,
        edit: invertEdit(step.edit),
        undoes: step.revision,
      }

/** The entry that undoes the last standing gesture, or null where nothing stands. `entryId`: a new UUID. */
export const undoEntry = (entries: readonly JournalEntry[], entryId: string): NewEntry | null =>
  takeBack(entries, undoable(entries).at(-1), entryId)

/** The entry that brings back what was undone last, or null. `entryId`: a new UUID. */
export const redoEntry = (entries: readonly JournalEntry[], entryId: string): NewEntry | null =>
  takeBack(entries, redoable(entries).at(-1), entryId)
