import { DatabaseSync } from '@photostructure/sqlite'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import type { ChainHead } from '../../../core/annotation/audit-chain'

/**
 * What a database file holds, asked before anything is written to it. Asked by `exec` and a function that takes the
 * answer: a prepared statement would keep the file open, closed or not, until the garbage collector finds it.
 */

type Answer = string | number | null

/** Opens a file for reading only, looks, and closes it: nothing in it or beside it is changed. */
export function lookInto<T>(path: string, timeoutMs: number, look: (database: DatabaseSyncInstance) => T): T {
  const database = new DatabaseSync(path, { readOnly: true, timeout: timeoutMs })
  try {
    return look(database)
  } finally {
    database.close()
  }
}

/** What a query that says `take(…)` gives, row by row. */
function answersOf(database: DatabaseSyncInstance, query: string): readonly Answer[][] {
  const found: Answer[][] = []
  const take = (...answer: Answer[]): null => {
    found.push(answer)
    return null
  }
  database.function('take', { varargs: true }, take)
  database.exec(query)
  return found
}

const valueOf = (database: DatabaseSyncInstance, query: string): Answer =>
  answersOf(database, query)[0]?.[0] ?? null

/** Whether the structure of a database is whole; throws what SQLite throws when it cannot even be read. */
export function isWhole(database: DatabaseSyncInstance, depth: 'quick' | 'full'): boolean {
  const check = depth === 'quick' ? 'quick_check' : 'integrity_check'
  const found = answersOf(database, `SELECT take(${check}) FROM pragma_${check}`)
  const strays = depth === 'full' ? 'SELECT take("table") FROM pragma_foreign_key_check' : ''
  return found.length === 1 && found[0]?.[0] === 'ok' && answersOf(database, strays).length === 0
}

const tablesIn = (database: DatabaseSyncInstance): ReadonlySet<Answer> =>
  new Set(
    answersOf(database, "SELECT take(name) FROM sqlite_schema WHERE type = 'table'").map(
      ([name]) => name ?? null,
    ),
  )

/** Acts in the audit log; 0 where there is none. */
export const actsIn = (database: DatabaseSyncInstance): number =>
  tablesIn(database).has('audit') ? Number(valueOf(database, 'SELECT take(MAX(number)) FROM audit')) : 0

/** Whether the database holds the act that was the last one when `head` was noted. */
export const holdsHead = (database: DatabaseSyncInstance, head: ChainHead | null): boolean =>
  head === null ||
  (tablesIn(database).has('audit') &&
    valueOf(database, `SELECT take(hash) FROM audit WHERE number = ${head.number}`) === head.hash)

/** The acts of which each wrote at least one row of a table, by table. `panels` are those of a panel that has cases. */
const writers: Readonly<Record<string, readonly string[]>> = {
  rater: ['add-rater'],
  rater_password: ['add-rater', 'set-password', 'reset-password'],
  one_time_password: ['reset-password'],
  rater_standing: ['retire-rater', 'reinstate-rater'],
  panel: ['add-panel'],
  panel_rater: ['panels'],
  panel_case: ['panels'],
  panel_words: ['edit-panel'],
  panel_closed: ['close-panel'],
  attempt: ['open-attempt'],
  attempt_end: ['commit', 'lock'],
  journal: ['append'],
  exposure: ['expose'],
  imported_reading: ['import'],
  training_record: ['split-key', 'patients', 'set', 'verdict', 'promote', 'roll-back'].map(
    (kind) => `training-${kind}`,
  ),
  measurement: ['measure'],
  place: ['mark-place'],
}

/**
 * Whether every act of the audit log still has its rows, by number: a table that was emptied is found, and rows that are
 * gone. That each row says what it said is for `margin audit verify`, which reads them all.
 */
export function holdsItsRows(database: DatabaseSyncInstance): boolean {
  const tables = tablesIn(database)
  if (!tables.has('audit')) return true
  // An exposure of nothing wrote no row.
  const counted = answersOf(
    database,
    `SELECT take(act, count(*)) FROM audit WHERE act <> 'expose' OR instr(about, '"rowsSha256"') > 0 GROUP BY act`,
  )
  const panels = valueOf(
    database,
    "SELECT take(count(*)) FROM audit WHERE act = 'add-panel' AND json_extract(about, '$.cases') > 0",
  )
  const acts = new Map([...counted, ['panels', panels]].map(([act, count]) => [String(act), Number(count)]))
  return Object.entries(writers).every(([table, by]) => {
    const expected = by.reduce((sum, act) => sum + (acts.get(act) ?? 0), 0)
    if (expected === 0) return true
    const held = tables.has(table)
      ? valueOf(database, `SELECT take(count(DISTINCT act_number)) FROM ${table}`)
      : 0
    return Number(held) >= expected
  })
}
