import { JournalEntry, accept, refuse } from '../../contract'
import type { NewEntry, Result } from '../../contract'
import { jsonOf, perform } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import { atRevision, attemptIn } from './stored-attempts'
import type { WorkspaceStore } from './store'

/** Of one answer: what the serving thread takes over in some milliseconds. */
const PAGE_BYTES = 4_000_000
/** Of one attempt, so that it can always be read, committed and compared: a score of the largest gestures. */
const MOST_JOURNAL_BYTES = 64_000_000
/** What is no drawing (names, the answer) still has room then. */
const SMALL_BYTES = 10_000
const ROOM_FOR_SMALL_BYTES = 1_000_000

function entryOf(row: Row): JournalEntry {
  const entry = JournalEntry.safeParse({
    entryId: row['entry_id'],
    revision: row['revision'],
    at: row['at'],
    edit: jsonOf(String(row['edit'])),
    undoes: row['undoes'],
  })
  if (entry.success) return entry.data
  throw new RowDamaged(`revision ${String(row['revision'])} of an attempt`)
}

async function append(
  sql: SqlSession,
  clock: () => number,
  attemptId: string,
  entry: NewEntry,
): Promise<Result<JournalEntry>> {
  const found = await attemptIn(sql, attemptId)
  if (!found.ok) return found
  const { entryId, edit, undoes } = entry
  const [standing] = await sql.all('SELECT * FROM journal WHERE attempt_id = ? AND entry_id = ?', [
    attemptId,
    entryId,
  ])
  if (standing !== undefined) return accept(entryOf(standing))
  if (found.value.state !== 'draft') {
    return refuse('attempt-fixed', 'The attempt is committed; nothing is added to it.', {
      next: 'Open a further attempt.',
    })
  }
  const expected = atRevision(found.value, entry.expectedRevision)
  if (!expected.ok) return expected
  if (undoes !== null && undoes > found.value.revision) {
    return refuse('request-invalid', `There is no revision ${undoes} to take back.`)
  }
  const text = JSON.stringify(edit)
  const within = await withinBounds(sql, attemptId, Buffer.byteLength(text))
  if (!within.ok) return within
  const revision = found.value.revision + 1
  const act = { raterId: found.value.raterId, act: 'append', about: { attemptId, revision } }
  const done = await perform(sql, clock, act, (at) => [
    ['journal', { attempt_id: attemptId, revision, entry_id: entryId, at, edit: text, undoes }],
  ])
  return done.ok ? accept({ entryId, revision, at: done.value, edit, undoes }) : done
}

async function withinBounds(sql: SqlSession, attemptId: string, bytes: number): Promise<Result<null>> {
  const [held] = await sql.all('SELECT SUM(OCTET_LENGTH(edit)) AS bytes FROM journal WHERE attempt_id = ?', [
    attemptId,
  ])
  const most = MOST_JOURNAL_BYTES + (bytes <= SMALL_BYTES ? ROOM_FOR_SMALL_BYTES : 0)
  return Number(held?.['bytes'] ?? 0) + bytes <= most
    ? accept(null)
    : refuse(
        'limit-reached',
        `The gestures of this reading fill ${MOST_JOURNAL_BYTES / 1e6} MB, which is the most of one reading.`,
        { next: 'Nothing is lost: commit what is there, and go on in a further attempt.' },
      )
}

/** The last revision after `after` so that its page stays below `PAGE_BYTES`, one entry at least; null: there is none. */
async function pageEnd(sql: SqlSession, attemptId: string, after: number): Promise<number | null> {
  const rows = await sql.all(
    'SELECT revision, OCTET_LENGTH(edit) AS bytes FROM journal WHERE attempt_id = ? AND revision > ? ORDER BY revision',
    [attemptId, after],
  )
  let [end, held] = [null as number | null, 0]
  for (const { revision, bytes } of rows) {
    held += Number(bytes)
    if (end !== null && held > PAGE_BYTES) break
    end = Number(revision)
  }
  return end
}

type JournalActs = Pick<WorkspaceStore, 'append' | 'entries'>

export const journalIn = (driver: SqlDriver, clock: () => number): JournalActs => ({
  append: (attemptId, entry) => driver.write((sql) => append(sql, clock, attemptId, entry)),

  entries: (attemptId, after) =>
    driver.read(async (sql) => {
      const found = await attemptIn(sql, attemptId)
      if (!found.ok) return found
      const end = await pageEnd(sql, attemptId, after)
      if (end === null) return accept([])
      const rows = await sql.all(
        'SELECT * FROM journal WHERE attempt_id = ? AND revision > ? AND revision <= ? ORDER BY revision',
        [attemptId, after, end],
      )
      return accept(rows.map(entryOf))
    }),
})
