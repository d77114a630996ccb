import { accept, MeasurementEntry, refuse } from '../../contract'
import type { Measurement, Result } from '../../contract'
import { jsonOf, perform } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import type { SubjectKey, WorkspaceStore } from './store'

/** More steps than a person takes at one image; beyond it something else writes. */
const MOST_STEPS = 10_000
/** Of one person on one image: as many as are drawn, reckoned and handed out without keeping others waiting. */
const MOST_STANDING = 200
/** Characters of all their steps: three thousand of rulers, or two dozen of polygons of a thousand corners. */
const MOST_CHARACTERS = 1_000_000

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
  const within = state === null ? accept(null) : await withinBounds(sql, { raterId, subject }, state)
  if (!within.ok) return within
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

/** Refused: a measurement more than one person may have on one image. What is taken away is always taken. */
async function withinBounds(
  sql: SqlSession,
  { raterId, subject }: { readonly raterId: string; readonly subject: SubjectKey },
  state: Measurement,
): Promise<Result<null>> {
  const [held] = await sql.all(
    'SELECT SUM(LENGTH(state)) AS characters FROM measurement WHERE rater_id = ? AND subject = ?',
    [raterId, subject],
  )
  if (Number(held?.['characters'] ?? 0) + JSON.stringify(state).length > MOST_CHARACTERS)
    return refuse(
      'limit-reached',
      `Your measurements of this image and their changes fill ${MOST_CHARACTERS / 1e6} MB, which is the most of one image.`,
      { next: 'Export them; outline large areas as a reading.' },
    )
  const [others] = await sql.all(
    `SELECT COUNT(*) AS standing FROM measurement one JOIN (
        SELECT measurement_id, MAX(number) AS number FROM measurement
        WHERE rater_id = ? AND subject = ? GROUP BY measurement_id) last
      ON last.measurement_id = one.measurement_id AND last.number = one.number
      WHERE one.rater_id = ? AND one.subject = ? AND one.state IS NOT NULL AND one.measurement_id <> ?`,
    [raterId, subject, raterId, subject, state.measurementId],
  )
  return Number(others?.['standing'] ?? 0) < MOST_STANDING
    ? accept(null)
    : refuse('limit-reached', `One person lays ${MOST_STANDING} measurements on one image at most.`, {
        next: 'Export them, then delete those that are done with.',
      })
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
