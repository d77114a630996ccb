import {
  accept,
  Acknowledged,
  Attempt,
  AttemptDetail,
  type CommitAttempt,
  type DocumentEdit,
  JournalPage,
  type OpenAttempt,
  OwnAttempts,
  type Result,
  type Slice,
  type Subject,
} from '../../../contract'
import { entriesNow, withInstances } from '../../../core/annotation/drawn-slices'
import { queryOfSubject } from '../../wire/subject-query'
import { getJson, postJson } from '../../wire/http'
import { type AttemptJournal, type JournalState, type JournalWire, openJournal } from './attempt-journal'

const path = (attemptId: string, rest = ''): string => `attempts/${encodeURIComponent(attemptId)}${rest}`

/**
 * Gestures on their way. In this page they have the numbers of the series as the page opened it; outside of it the
 * slices count that they mean, which the program may number otherwise by then.
 */
function wireOn(slices: readonly Slice[] | null): JournalWire {
  const named = (edit: DocumentEdit): DocumentEdit => withInstances(edit, slices)
  return {
    named,
    append: (attemptId, entry) =>
      postJson(path(attemptId, '/entries'), { ...entry, edit: named(entry.edit) }, Acknowledged),
    entries: async (attemptId, after) => {
      const page = await getJson(path(attemptId, `/entries?after=${after}`), JournalPage)
      return page.ok ? numbered(page.value, slices) : page
    },
  }
}

/** Entries with the numbers of this page's slices. Refused: entries on slices that it does not have. */
function numbered<T extends JournalPage>(page: T, slices: readonly Slice[] | null): Result<T> {
  const now = entriesNow(page.entries, slices)
  return now.ok ? accept({ ...page, entries: [...now.value.entries] }) : now
}

/** An attempt and its journal, open in this page. */
export interface OpenJournal {
  readonly attempt: Attempt
  readonly journal: AttemptJournal
}

/** The last committed attempt where nothing is in work: a reload shows it and does not begin another one. */
async function lastCommitted({ subject, panelId }: OpenAttempt): Promise<Result<Attempt | null>> {
  const own = await getJson(`attempts?${queryOfSubject(subject)}`, OwnAttempts)
  if (!own.ok) return own
  const attempts = own.value.attempts.filter((attempt) => attempt.panelId === panelId)
  if (attempts.some(({ state }) => state === 'draft')) return accept(null)
  return accept(attempts.sort((a, b) => a.number - b.number).at(-1) ?? null)
}

/**
 * Goes on with the draft of this rater, else shows the last committed attempt, else begins the first one. `next`: a
 * further attempt was asked for, so that a committed one is no reason to stop. `kept`: the journal of an attempt that this
 * page still holds with gestures that are not sent yet.
 */
export async function openAttempt(
  request: OpenAttempt,
  next: boolean,
  slicesOf: (subject: Subject) => Promise<Result<readonly Slice[] | null>>,
  kept: (attemptId: string) => AttemptJournal | null,
  changed: (attemptId: string, state: JournalState) => void,
): Promise<Result<OpenJournal>> {
  const committed = next ? accept(null) : await lastCommitted(request)
  if (!committed.ok) return committed
  const detail =
    committed.value === null
      ? await postJson('attempts', request, AttemptDetail)
      : await getJson(path(committed.value.attemptId), AttemptDetail)
  if (!detail.ok) return detail
  const slices = await slicesOf(request.subject)
  if (!slices.ok) return slices
  const { attempt } = detail.value
  const tell = (state: JournalState): void => {
    changed(attempt.attemptId, state)
  }
  const held = kept(attempt.attemptId)
  if (held !== null) {
    held.tellTo(tell)
    return accept({ attempt, journal: held })
  }
  const opened = numbered(detail.value, slices.value)
  if (!opened.ok) return opened
  const journal = openJournal(opened.value, wireOn(slices.value), tell)
  return journal.ok ? accept({ attempt, journal: journal.value }) : journal
}

export const commitAttempt = (attemptId: string, commitment: CommitAttempt): Promise<Result<Attempt>> =>
  postJson(path(attemptId, '/commit'), commitment, Attempt)
