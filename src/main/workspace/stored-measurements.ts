import { accept, MeasurementEntry, refuse } from '../../contract'
import type { Result } from '../../contract'
import { jsonOf, perform } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import type { SubjectKey, WorkspaceStore } from './store'

/** More steps than a person takes at one image; beyond it something else writes. */
const MOST_STEPS = 10_000

function entryOf(row: Row): MeasurementEntry {
  const entry = MeasurementEntry.safeParse({
    entryId: row['entry_id'],
    number: row['number'],
    at: row['at'],
    measurementId: row['measurement_id'],
    state: row['state'] === null ? null : jsonOf(String(row['state'])),
    undoes: row['undoes'],
  })
  if (entry.success) return entry.data
  throw new RowDamaged(`step ${String(row['number'])} of measurements`)
}

async function append(
  sql: SqlSession,
  clock: () => number,
  { raterId, subject }: { readonly raterId: string; readonly subject: SubjectKey },
  { entryId, measurementId, state, undoes }: Omit<MeasurementEntry, 'number' | 'at'>,
): Promise<Result<MeasurementEntry>> {
  const [same] = await sql.all('SELECT * FROM measurement WHERE entry_id = ?', [entryId])
  if (same !== undefined)
    return same['rater_id'] === raterId && same['subject'] === subject
      ? accept(entryOf(same))
      : refuse('request-invalid', 'This step was taken elsewhere.')
  const [last] = await sql.all(
    'SELECT MAX(number) AS number FROM measurement WHERE rater_id = ? AND subject = ?',
    [raterId, subject],
  )
  const number = Number(last?.['number'] ?? 0) + 1
  if (number > MOST_STEPS)
    return refuse('limit-reached', `There are ${MOST_STEPS} steps of measurements on this image.`, {
      next: 'Export what is there.',
    })
  if (undoes !== null && undoes >= number)
    return refuse('request-invalid', `There is no step ${undoes} to take back.`)
  const act = { raterId, act: 'measure', about: { subject, measurementId } }
  const done = await perform(sql, clock, act, (at) => [
    [
      'measurement',
      {
        ...{ rater_id: raterId, subject, number, entry_id: entryId, at, measurement_id: measurementId },
        ...{ state: state === null ? null : JSON.stringify(state), undoes },
      },
    ],
  ])
  return done.ok ? accept({ entryId, number, at: done.value, measurementId, state, undoes }) : done
}

type MeasurementActs = Pick<WorkspaceStore, 'measure' | 'measurements'>

export const measurementsIn = (driver: SqlDriver, clock: () => number): MeasurementActs => ({
  measure: (raterId, subject, entry) =>
    driver.write((sql) => append(sql, clock, { raterId, subject }, entry)),

  measurements: (raterId, subject) =>
    driver.read(async (sql) => {
      const rows = await sql.all(
        'SELECT * FROM measurement WHERE rater_id = ? AND subject = ? ORDER BY number',
        [raterId, subject],
      )
      return accept(rows.map(entryOf))
    }),
})
