import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { jsonOf, perform } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import type { SubjectKey } from './store'

/** A table of steps that raters take at subjects: each says what one item is from then on, or that it is gone. */
export interface StepTable<Entry> {
  readonly table: 'measurement' | 'place'
  readonly idColumn: string
  /** In the audit log. */
  readonly act: string
  /** The id of an item in `about` of the audit log. */
  readonly idName: string
  /** What lies in a row; null: nothing that Margin wrote. */
  readonly entryOf: (row: {
    readonly entryId: unknown
    readonly number: unknown
    readonly at: unknown
    readonly id: unknown
    readonly state: unknown
    readonly undoes: unknown
  }) => Entry | null
  /** Of one person on one image. */
  readonly mostSteps: number
  readonly mostStanding: number
  /** Characters of all their steps. */
  readonly mostCharacters: number
  /** What they are called where there are too many: steps, characters, items that stand. */
  readonly tooMany: Readonly<Record<'steps' | 'characters' | 'standing', { reason: string; next: string }>>
}

export interface NewStep {
  readonly entryId: string
  readonly id: string
  readonly state: object | null
  readonly undoes: number | null
}

interface Whose {
  readonly raterId: string
  readonly subject: SubjectKey
}

interface StepActs<Entry> {
  /** The same step again gives what stands. */
  readonly append: (raterId: string, subject: SubjectKey, step: NewStep) => Promise<Result<Entry>>
  /** Oldest first. */
  readonly all: (raterId: string, subject: SubjectKey) => Promise<Result<readonly Entry[]>>
}

export const stepsIn = <Entry>(
  driver: SqlDriver,
  clock: () => number,
  of: StepTable<Entry>,
): StepActs<Entry> => ({
  append: (raterId, subject, step) =>
    driver.write((sql) => append(sql, clock, of, { raterId, subject }, step)),
  all: (raterId, subject) =>
    driver.read(async (sql) => {
      const rows = await sql.all(
        `SELECT * FROM ${of.table} WHERE rater_id = ? AND subject = ? ORDER BY number`,
        [raterId, subject],
      )
      return accept(rows.map((row) => entryOf(of, row)))
    }),
})

function entryOf<Entry>(of: StepTable<Entry>, row: Row): Entry {
  const { entry_id, number, at, state, undoes } = row
  const entry = of.entryOf({
    ...{ entryId: entry_id, number, at, undoes },
    id: row[of.idColumn],
    state: state === null || state === undefined ? null : jsonOf(String(state)),
  })
  if (entry !== null) return entry
  throw new RowDamaged(`step ${String(number)} of ${of.table}s`)
}

async function append<Entry>(
  sql: SqlSession,
  clock: () => number,
  of: StepTable<Entry>,
  whose: Whose,
  { entryId, id, state, undoes }: NewStep,
): Promise<Result<Entry>> {
  const { raterId, subject } = whose
  const { table } = of
  const [same] = await sql.all(`SELECT * FROM ${table} WHERE entry_id = ?`, [entryId])
  if (same !== undefined)
    return same['rater_id'] === raterId && same['subject'] === subject
      ? accept(entryOf(of, same))
      : refuse('request-invalid', 'This step was taken elsewhere.')
  const [last] = await sql.all(
    `SELECT MAX(number) AS number FROM ${table} WHERE rater_id = ? AND subject = ?`,
    [raterId, subject],
  )
  const number = Number(last?.['number'] ?? 0) + 1
  if (number > of.mostSteps) return tooMany(of.tooMany.steps)
  const within = state === null ? accept(null) : await withinBounds(sql, of, whose, { id, state })
  if (!within.ok) return within
  if (undoes !== null && undoes >= number)
    return refuse('request-invalid', `There is no step ${undoes} to take back.`)
  const about = { subject, [of.idName]: id }
  const row = {
    ...{ rater_id: raterId, subject, number, entry_id: entryId, [of.idColumn]: id },
    ...{ state: state === null ? null : JSON.stringify(state), undoes },
  }
  const done = await perform(sql, clock, { raterId, act: of.act, about }, (at) => [[table, { ...row, at }]])
  return done.ok ? accept(entryOf(of, { ...row, at: done.value })) : done
}

/** Refused: an item more than one person may have on one image. What is taken away is always taken. */
async function withinBounds<Entry>(
  sql: SqlSession,
  { table, idColumn, mostCharacters, mostStanding, tooMany: words }: StepTable<Entry>,
  { raterId, subject }: Whose,
  { id, state }: { readonly id: string; readonly state: object },
): Promise<Result<null>> {
  const [held] = await sql.all(
    `SELECT SUM(LENGTH(state)) AS characters FROM ${table} WHERE rater_id = ? AND subject = ?`,
    [raterId, subject],
  )
  if (Number(held?.['characters'] ?? 0) + JSON.stringify(state).length > mostCharacters)
    return tooMany(words.characters)
  const [others] = await sql.all(
    `SELECT COUNT(*) AS standing FROM ${table} one JOIN (
        SELECT ${idColumn}, MAX(number) AS number FROM ${table}
        WHERE rater_id = ? AND subject = ? GROUP BY ${idColumn}) last
      ON last.${idColumn} = one.${idColumn} AND last.number = one.number
      WHERE one.rater_id = ? AND one.subject = ? AND one.state IS NOT NULL AND one.${idColumn} <> ?`,
    [raterId, subject, raterId, subject, id],
  )
  return Number(others?.['standing'] ?? 0) < mostStanding ? accept(null) : tooMany(words.standing)
}

const tooMany = ({ reason, next }: { readonly reason: string; readonly next: string }): Result<never> =>
  refuse('limit-reached', reason, { next })
