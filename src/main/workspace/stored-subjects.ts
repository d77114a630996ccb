import { randomUUID } from 'node:crypto'
import { Exposure, accept, refuse } from '../../contract'
import { perform } from './audit-log'
import { RowDamaged } from './sql-driver'
import type { Row, SqlDriver } from './sql-driver'
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

const importOf = (row: Row): StoredImport => ({
  importId: String(row['import_id']),
  subject: String(row['subject']),
  reader: String(row['reader']),
  importedAt: String(row['imported_at']),
  importedBy: String(row['imported_by']),
  source: String(row['source']),
  content: String(row['content']),
})

type SubjectActs = Pick<WorkspaceStore, 'expose' | 'exposures' | 'addImport' | 'importsOfSubject'>

export const subjectsIn = (driver: SqlDriver, clock: () => number): SubjectActs => ({
  expose: (raterId, subject, { kind, shownMs, detail }) =>
    driver.write(async (sql) => {
      const known = await sql.all('SELECT 1 AS known FROM rater WHERE rater_id = ?', [raterId])
      if (known.length === 0) return refuse('not-found', 'There is no such rater.')
      if (await hasBlindDraft(sql, raterId, subject)) {
        return refuse(
          'blind',
          'This reading is blind: nothing but the image is shown until it is committed.',
          {
            next: 'Commit the reading first.',
          },
        )
      }
      const act = { raterId, act: 'expose', about: { subject, kind } }
      const done = await perform(sql, clock, act, (at) => [
        ['exposure', { rater_id: raterId, subject, kind, at, shown_ms: shownMs, detail }],
      ])
      return done.ok ? accept(null) : done
    }),

  exposures: (raterId, subject) =>
    driver.read(async (sql) => {
      const rows = await sql.all(
        'SELECT * FROM exposure WHERE rater_id = ? AND subject = ? ORDER BY act_number',
        [raterId, subject],
      )
      return accept(rows.map(exposureOf))
    }),

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
        ? accept({ importId, subject, reader, importedAt: done.value, importedBy, source, content })
        : done
    }),

  importsOfSubject: (subject) =>
    driver.read(async (sql) => {
      const rows = await sql.all('SELECT * FROM imported_reading WHERE subject = ? ORDER BY act_number', [
        subject,
      ])
      return accept(rows.map(importOf))
    }),
})
