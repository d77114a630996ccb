import { createHash } from 'node:crypto'
import { AuditEntry, accept, NOT_KEPT, refuse } from '../../contract'
import type { AuditVerdict, Result } from '../../contract'
import { CHAIN_START, chainEntry, verifyChain } from '../../core/annotation/audit-chain'
import type { ChainHead } from '../../core/annotation/audit-chain'
import { canonicalJson } from '../../core/annotation/canonical-json'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession, SqlValue } from './database/sql-driver'
import type { AuditAct } from './store'

/**
 * Every act that changes something goes through `perform`: it appends the next entry of the audit chain and the rows of
 * the act, in one transaction. The entry's `about` holds the hash of those rows, so that the chain vouches for every
 * row of the workspace and not only for the log.
 */

const tables = [
  'rater',
  'rater_password',
  'panel',
  'panel_rater',
  'panel_case',
  'attempt',
  'attempt_end',
  'journal',
  'exposure',
  'imported_reading',
  'rater_standing',
  'one_time_password',
  'panel_words',
  'panel_closed',
  'training_record',
  'measurement',
  'place',
] as const
type Table = (typeof tables)[number]
export type NewRow = readonly [table: Table, row: Row]

/** Rows of one insert; PostgreSQL takes 65,535 values in a statement, a row has at most 11. */
const ROWS_PER_INSERT = 500
/** Acts that are verified at a time: their rows, some MB each at worst, are in memory together. */
const ACTS_PER_PAGE = 50
/** What is written as a year of four digits, as every instant of the contract is. */
const LAST_MS = Date.UTC(10_000, 0, 1)
/** A clock that goes this far back is worth a note in the log. */
const CLOCK_BEHIND_MS = 60_000
const sha256 = (said: string | Uint8Array): string => createHash('sha256').update(said).digest('hex')

/** Over the rows in whatever order they come. */
const rowsHash = (rows: readonly NewRow[]): string => sha256(rows.map(canonicalJson).sort().join('\n'))

/**
 * Appends one act. `rowsAt` is given the instant of the act: that of the clock, and later than that of the act before.
 * Gives that instant; refused with `request-invalid`: a text that cannot be stored as it is.
 */
export async function perform(
  sql: SqlSession,
  clock: () => number,
  { raterId, act, about }: AuditAct,
  rowsAt: (at: string) => readonly NewRow[],
): Promise<Result<string>> {
  const head = await headOf(sql)
  const nowMs = clock()
  if (!(nowMs < LAST_MS))
    return refuse('workspace-failed', 'The clock of this computer stands beyond the year 9999.', {
      next: 'Set the clock, then try again; nothing was written.',
    })
  const at = new Date(Math.max(nowMs, head.earliestMs)).toISOString()
  const rows = rowsAt(at).map(([table, row]): NewRow => [table, { ...row, act_number: head.number + 1 }])
  const texts = rows.flatMap(([, row]) => Object.values(row)).filter((held) => typeof held === 'string')
  if (texts.some((text) => NOT_KEPT.test(text))) {
    return refuse(
      'request-invalid',
      'A text holds characters that cannot be stored (a zero, or half of a pair).',
    )
  }
  const clockBehindMs = head.earliestMs - nowMs
  const said = {
    ...about,
    ...(clockBehindMs > CLOCK_BEHIND_MS ? { clockBehindMs } : {}),
    ...(rows.length > 0 ? { rowsSha256: rowsHash(rows) } : {}),
  }
  const entry = chainEntry(head, { at, raterId, act, about: said }, sha256)
  await sql.all(
    'INSERT INTO audit (number, at, rater_id, act, about, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
    [entry.number, at, raterId, act, JSON.stringify(said), entry.previousHash, entry.hash],
  )
  for (const table of tables)
    await insert(
      sql,
      table,
      rows.filter((row) => row[0] === table).map((row) => row[1]),
    )
  return accept(at)
}

/** Where the chain stands, and the earliest instant of the next act. */
async function headOf(sql: SqlSession): Promise<ChainHead & { readonly earliestMs: number }> {
  const [last] = await sql.all('SELECT number, at, hash FROM audit ORDER BY number DESC LIMIT 1')
  if (last === undefined) return { ...CHAIN_START, earliestMs: -Infinity }
  const earliestMs = Date.parse(textOf(last, 'at')) + 1
  if (Number.isNaN(earliestMs)) throw new RowDamaged('the time of the last entry of the audit log')
  return { number: Number(last['number']), hash: textOf(last, 'hash'), earliestMs }
}

async function insert(sql: SqlSession, table: Table, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const places = `(${columns.map(() => '?').join(', ')})`
  for (let first = 0; first < rows.length; first += ROWS_PER_INSERT) {
    const chunk = rows.slice(first, first + ROWS_PER_INSERT)
    await sql.all(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${chunk.map(() => places).join(', ')}`,
      chunk.flatMap((row) => columns.map((column): SqlValue => row[column] ?? null)),
    )
  }
}

const textOf = (row: Row, column: string): string => {
  const held = row[column]
  if (typeof held !== 'string') throw new RowDamaged(`a column ${column} without text`)
  return held
}

/** undefined, which no schema takes, where it is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** null: not an entry that Margin wrote. */
function entryOf(row: Row): AuditEntry | null {
  const entry = AuditEntry.safeParse({
    number: row['number'],
    at: row['at'],
    raterId: row['rater_id'],
    act: row['act'],
    about: jsonOf(textOf(row, 'about')),
    previousHash: row['previous_hash'],
    hash: row['hash'],
  })
  return entry.success ? entry.data : null
}

const rowsAfter = (sql: SqlSession, after: number, limit: number): Promise<readonly Row[]> =>
  sql.all('SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT ?', [after, limit])

/** Entries after the number `after`, at most `limit`. */
export async function entriesAfter(
  sql: SqlSession,
  after: number,
  limit: number,
): Promise<readonly AuditEntry[]> {
  return (await rowsAfter(sql, after, limit)).map((row) => {
    const entry = entryOf(row)
    if (entry === null) throw new RowDamaged(`entry ${String(row['number'])} of the audit log`)
    return entry
  })
}

/**
 * Computes the chain anew, and the hash of the rows of every act. What it cannot see is a log whose end was cut off
 * together with the rows: compare `head` with one that was kept elsewhere.
 */
export async function verifyWorkspace(driver: Pick<SqlDriver, 'read'>): Promise<Result<AuditVerdict>> {
  let head = CHAIN_START
  const broken = (brokenAt: number): Result<AuditVerdict> =>
    accept({ entries: head.number, whole: false, brokenAt, head: head.hash })
  for (;;) {
    const after = head.number
    const page = await driver.read(async (sql) => {
      const entries = (await rowsAfter(sql, after, ACTS_PER_PAGE)).map(entryOf)
      const isLast = entries.length < ACTS_PER_PAGE
      return accept({ entries, isLast, written: await writtenBy(sql, after, isLast) })
    })
    if (!page.ok) return page
    const { entries, isLast, written } = page.value
    for (const entry of entries) {
      if (entry === null || !verifyChain([entry], sha256, head).whole) return broken(head.number + 1)
      const rows = written.get(entry.number)
      const expected = entry.about['rowsSha256'] ?? null
      if (expected !== (rows === undefined ? null : rowsHash(rows))) return broken(entry.number)
      written.delete(entry.number)
      head = { number: entry.number, hash: entry.hash }
    }
    // Rows of acts that the log does not hold.
    if (written.size > 0) return broken(Math.min(...written.keys()))
    if (isLast) return accept({ entries: head.number, whole: true, brokenAt: null, head: head.hash })
  }
}

/** Refuses (RowDamaged) a row that is not what its act wrote by itself, or of which the log knows no act. */
export async function vouchFor(sql: SqlSession, table: Table, row: Row): Promise<void> {
  const [found] = await sql.all('SELECT * FROM audit WHERE number = ?', [Number(row['act_number'])])
  const entry = found === undefined ? null : entryOf(found)
  if (entry?.about['rowsSha256'] !== rowsHash([[table, row]]))
    throw new RowDamaged(`a row of ${table} that the audit log does not vouch for`)
}

/** Rows by the act that wrote them, of a page of acts after `after`, or of all that follow. */
async function writtenBy(sql: SqlSession, after: number, toTheEnd: boolean): Promise<Map<number, NewRow[]>> {
  const written = new Map<number, NewRow[]>()
  const upTo = toTheEnd ? '' : ' AND act_number <= ?'
  const bounds = toTheEnd ? [after] : [after, after + ACTS_PER_PAGE]
  for (const table of tables) {
    for (const row of await sql.all(`SELECT * FROM ${table} WHERE act_number > ?${upTo}`, bounds)) {
      const number = Number(row['act_number'])
      const rows = written.get(number) ?? []
      rows.push([table, row])
      written.set(number, rows)
    }
  }
  return written
}
