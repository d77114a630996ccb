import { accept, refuse } from '../../contract'
import { perform, vouchFor } from './audit-log'
import type { SqlDriver } from './database/sql-driver'
import type { TrainingRecord, WorkspaceStore } from './store'

type TrainingActs = Pick<WorkspaceStore, 'addTrainingRecord' | 'trainingRecords'>

const asked = 'SELECT * FROM training_record WHERE kind = ? ORDER BY act_number'

export const trainingIn = (driver: SqlDriver, clock: () => number): TrainingActs => ({
  addTrainingRecord: ({ kind, key, body }, by, isFirst = false) =>
    driver.write(async (sql) => {
      if (isFirst && (await sql.all(asked, [kind])).length > 0)
        return refuse('request-invalid', `The workspace has a ${kind} of its training already.`)
      const act = { raterId: by, act: `training-${kind}`, about: { key } }
      const done = await perform(sql, clock, act, (at) => [
        ['training_record', { kind, record_key: key, at, body }],
      ])
      return done.ok ? accept({ kind, key, body, at: done.value }) : done
    }),

  trainingRecords: (kind) =>
    driver.read(async (sql) => {
      const rows = await sql.all(asked, [kind])
      for (const row of rows) await vouchFor(sql, 'training_record', row)
      return accept(
        rows.map((row) => ({
          kind: kind satisfies TrainingRecord['kind'],
          key: String(row['record_key']),
          body: String(row['body']),
          at: String(row['at']),
        })),
      )
    }),
})
