import { accept } from '../../contract'
import type { SqlDriver } from './database/sql-driver'
import type { WorkspaceStore } from './store'

const TABLES = ['attempt', 'panel_case', 'exposure', 'imported_reading', 'measurement', 'place'] as const

/** Rows of each kind that are looked through for the first that names a slice. */
const MOST_ROWS = 20

/** What was drawn or laid on a subject, oldest first, as the text that it is kept as. */
const WORK = [
  `SELECT journal.act_number AS act, journal.edit AS text FROM journal
    JOIN attempt ON attempt.attempt_id = journal.attempt_id
    WHERE attempt.subject = ? ORDER BY journal.act_number LIMIT ${MOST_ROWS}`,
  ...(['measurement', 'place'] as const).map(
    (table) => `SELECT act_number AS act, state AS text FROM ${table}
      WHERE subject = ? AND state IS NOT NULL ORDER BY act_number LIMIT ${MOST_ROWS}`,
  ),
]

const INSTANCE = /"sopInstanceUid":"([^"]+)"/g

/** What of the store says which images its subjects are. */
export const identitiesIn = (
  driver: SqlDriver,
): Pick<WorkspaceStore, 'subjectsKept' | 'firstInstancesOf'> => ({
  subjectsKept: () =>
    driver.read(async (sql) => {
      const rows = await sql.all(TABLES.map((table) => `SELECT subject FROM ${table}`).join(' UNION '))
      return accept(rows.map((row) => String(row['subject'])))
    }),

  firstInstancesOf: (subject) =>
    driver.read(async (sql) => {
      const found: { readonly act: number; readonly uids: readonly string[] }[] = []
      for (const work of WORK)
        for (const row of await sql.all(work, [subject])) {
          const uids = [...String(row['text']).matchAll(INSTANCE)].flatMap(([, uid]) => uid ?? [])
          if (uids.length > 0) found.push({ act: Number(row['act']), uids })
        }
      const [first] = found.sort((a, b) => a.act - b.act)
      return accept([...new Set(first?.uids)])
    }),
})
