import {
  accept,
  Acknowledged,
  Attempt,
  AttemptDetail,
  type CommitAttempt,
  JournalPage,
  type OpenAttempt,
  OwnAttempts,
  type Result,
} from '../../../contract'
import { queryOfSubject } from '../../wire/subject-query'
import { getJson, postJson } from '../../wire/http'
import { type AttemptJournal, type JournalState, type JournalWire, openJournal } from './attempt-journal'

const path = (attemptId: string, rest = ''): string => `attempts/${encodeURIComponent(attemptId)}${rest}`

const wire: JournalWire = {
  append: (attemptId, entry) => postJson(path(attemptId, '/entries'), entry, Acknowledged),
  entries: (attemptId, after) => getJson(path(attemptId, `/entries?after=${after}`), JournalPage),
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
  const { attempt } = detail.value
  const tell = (state: JournalState): void => {
    changed(attempt.attemptId, state)
  }
  const held = kept(attempt.attemptId)
  if (held !== null) {
    held.tellTo(tell)
    return accept({ attempt, journal: held })
  }
  const journal = openJournal(detail.value, wire, tell)
  return journal.ok ? accept({ attempt, journal: journal.value }) : journal
}

export const commitAttempt = (attemptId: string, commitment: CommitAttempt): Promise<Result<Attempt>> =>
  postJson(path(attemptId, '/commit'), commitment, Attempt)
