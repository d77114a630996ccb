import { JournalEntry, accept, refuse } from '../../contract'
import type { NewEntry, Result } from '../../contract'
import { jsonOf, perform } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import { atRevision, attemptIn } from './stored-attempts'
import type { WorkspaceStore } from './store'

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
  const revision = found.value.revision + 1
  const act = { raterId: found.value.raterId, act: 'append', about: { attemptId, revision } }
  const done = await perform(sql, clock, act, (at) => [
    [
      'journal',
      { attempt_id: attemptId, revision, entry_id: entryId, at, edit: JSON.stringify(edit), undoes },
    ],
  ])
  return done.ok ? accept({ entryId, revision, at: done.value, edit, undoes }) : done
}

type JournalActs = Pick<WorkspaceStore, 'append' | 'entries'>

export const journalIn = (driver: SqlDriver, clock: () => number): JournalActs => ({
  append: (attemptId, entry) => driver.write((sql) => append(sql, clock, attemptId, entry)),

  entries: (attemptId, after) =>
    driver.read(async (sql) => {
      const found = await attemptIn(sql, attemptId)
      if (!found.ok) return found
      const rows = await sql.all(
        'SELECT * FROM journal WHERE attempt_id = ? AND revision > ? ORDER BY revision',
        [attemptId, after],
      )
      return accept(rows.map(entryOf))
    }),
})
