import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Exposure, accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { perform } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import { hasBlindDraft } from './stored-attempts'
import type { StoredImport, WorkspaceStore } from './store'

function exposureOf(row: Row): Exposure {
  const exposure = Exposure.safeParse({
    kind: row['kind'],
    at: row['at'],
    shownMs: row['shown_ms'],
    detail: row['detail'],
  })
  if (exposure.success) return exposure.data
  throw new RowDamaged('an entry of the exposure log')
}

/** Acts that say what became of an import; the last one holds. */
const CHANGES = {
  withdraw: 'withdraw-import',
  count: 'count-import',
  'leave-out': 'leave-out-import',
} as const

/** What became of imports, by their ids: the log alone says it. */
async function changesOf(sql: SqlSession): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rows = await sql.all('SELECT act, about FROM audit WHERE act IN (?, ?, ?) ORDER BY number', [
    ...Object.values(CHANGES),
  ])
  const found = new Map<string, ReadonlySet<string>>()
  for (const row of rows) {
    const about = About.safeParse(JSON.parse(String(row['about'])))
    if (!about.success) throw new RowDamaged('an entry about a reading from a file')
    const { importId } = about.data
    const act = String(row['act'])
    const before = found.get(importId) ?? new Set<string>()
    const kept = [...before].filter((one) => one === CHANGES.withdraw)
    found.set(importId, new Set([...kept, act]))
  }
  return found
}
const About = z.looseObject({ importId: z.string() })

const importOf = (row: Row, changes: ReadonlyMap<string, ReadonlySet<string>>): StoredImport => ({
  importId: String(row['import_id']),
  subject: String(row['subject']),
  reader: String(row['reader']),
  importedAt: String(row['imported_at']),
  importedBy: String(row['imported_by']),
  source: String(row['source']),
  content: String(row['content']),
  withdrawn: changes.get(String(row['import_id']))?.has(CHANGES.withdraw) ?? false,
  counted: changes.get(String(row['import_id']))?.has(CHANGES.count) ?? false,
})

async function oneImport(sql: SqlSession, importId: string): Promise<Result<StoredImport>> {
  const [row] = await sql.all('SELECT * FROM imported_reading WHERE import_id = ?', [importId])
  if (row === undefined) return refuse('not-found', 'There is no such reading from a file.')
  return accept(importOf(row, await changesOf(sql)))
}

interface Shown {
  readonly raterId: string
  readonly subjects: readonly string[]
  readonly exposure: Omit<Exposure, 'at'>
}

async function note(
  sql: SqlSession,
  clock: () => number,
  { raterId, subjects, exposure: { kind, shownMs, detail } }: Shown,
): Promise<Result<null>> {
  const known = await sql.all('SELECT 1 AS known FROM rater WHERE rater_id = ?', [raterId])
  if (known.length === 0) return refuse('not-found', 'There is no such rater.')
  for (const subject of subjects)
    if (await hasBlindDraft(sql, raterId, subject))
      return refuse('blind', 'This reading is blind: nothing but the image is shown until it is committed.', {
        next: 'Commit the reading first.',
      })
  const [only] = subjects
  if (only === undefined) return accept(null)
  const about = subjects.length === 1 ? { subject: only, kind } : { subjects: subjects.length, kind }
  const done = await perform(sql, clock, { raterId, act: 'expose', about }, (at) =>
    subjects.map((subject) => [
      'exposure',
      { rater_id: raterId, subject, kind, at, shown_ms: shownMs, detail },
    ]),
  )
  return done.ok ? accept(null) : done
}

type SubjectActs = Pick<
  WorkspaceStore,
  'expose' | 'exposeAll' | 'exposures' | 'addImport' | 'importOf' | 'changeImport' | 'importsOfSubject'
>

export const subjectsIn = (driver: SqlDriver, clock: () => number): SubjectActs => ({
  expose: (raterId, subject, exposure) =>
    driver.write((sql) => note(sql, clock, { raterId, subjects: [subject], exposure })),
  exposeAll: (raterId, subjects, exposure) =>
    driver.write((sql) => note(sql, clock, { raterId, subjects: [...new Set(subjects)], exposure })),

  exposures: (raterId, subject) =>
    driver.read(async (sql) => {
      const rows = await sql.all(
        'SELECT * FROM exposure WHERE rater_id = ? AND subject = ? ORDER BY act_number',
        [raterId, subject],
      )
      return accept(rows.map(exposureOf))
    }),

  ...importsIn(driver, clock),
})

const importsIn = (
  driver: SqlDriver,
  clock: () => number,
): Omit<SubjectActs, 'expose' | 'exposeAll' | 'exposures'> => ({
  addImport: ({ subject, reader, importedBy, source, content }) =>
    driver.write(async (sql) => {
      const known = await sql.all('SELECT 1 AS known FROM rater WHERE rater_id = ?', [importedBy])
      if (known.length === 0) return refuse('not-found', 'There is no such rater.')
      const importId = randomUUID()
      const act = { raterId: importedBy, act: 'import', about: { importId, subject } }
      const done = await perform(sql, clock, act, (at) => [
        [
          'imported_reading',
          {
            import_id: importId,
            subject,
            reader,
            imported_at: at,
            imported_by: importedBy,
            source,
            content,
          },
        ],
      ])
      return done.ok
        ? accept({
            ...{ importId, subject, reader, importedAt: done.value, importedBy, source, content },
            ...{ withdrawn: false, counted: false },
          })
        : done
    }),

  importOf: (importId) => driver.read((sql) => oneImport(sql, importId)),

  changeImport: (importId, change, by) =>
    driver.write(async (sql) => {
      const found = await oneImport(sql, importId)
      if (!found.ok) return found
      if (found.value.withdrawn)
        return refuse('request-invalid', 'This reading was withdrawn.', { next: 'Bring the file in again.' })
      const about = { importId, subject: found.value.subject }
      const done = await perform(sql, clock, { raterId: by, act: CHANGES[change], about }, () => [])
      return done.ok ? oneImport(sql, importId) : done
    }),

  importsOfSubject: (subject) =>
    driver.read(async (sql) => {
      const rows = await sql.all('SELECT * FROM imported_reading WHERE subject = ? ORDER BY act_number', [
        subject,
      ])
      const changes = rows.length === 0 ? new Map<string, ReadonlySet<string>>() : await changesOf(sql)
      return accept(rows.map((row) => importOf(row, changes)))
    }),
})
