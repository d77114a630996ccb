import { randomUUID } from 'node:crypto'
import { PanelProtocol, accept } from '../../contract'
import type { Refusal } from '../../contract'
import { jsonOf, perform } from './audit-log'
import type { NewRow } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import type { StoredCase, StoredPanel, WorkspaceStore } from './store'

function panelOf(row: Row, raterIds: readonly string[]): StoredPanel {
  const protocol = PanelProtocol.safeParse(jsonOf(String(row['protocol'])))
  if (!protocol.success) throw new RowDamaged(`the protocol of the panel ${String(row['name'])}`)
  return {
    panelId: String(row['panel_id']),
    name: String(row['name']),
    protocol: protocol.data,
    madeAt: String(row['made_at']),
    raterIds,
  }
}

const caseOf = (row: Row): StoredCase => ({
  panelId: String(row['panel_id']),
  raterId: String(row['rater_id']),
  position: Number(row['position']),
  subject: String(row['subject']),
  isRepeat: row['is_repeat'] === 1,
})

type NewCase = Omit<StoredCase, 'panelId'>

/** What a panel must hold to be one; null: nothing is wrong. */
async function problem(
  sql: SqlSession,
  raterIds: readonly string[],
  cases: readonly NewCase[],
): Promise<Refusal | null> {
  const known = new Set((await sql.all('SELECT rater_id FROM rater')).map((row) => row['rater_id']))
  const invalid = (reason: string): Refusal => ({ code: 'request-invalid', reason })
  if (new Set(raterIds).size !== raterIds.length) return invalid('A rater is named twice.')
  if (raterIds.some((raterId) => !known.has(raterId)))
    return invalid('The panel names a rater who is not there.')
  if (cases.some(({ raterId }) => !raterIds.includes(raterId)))
    return invalid('A case is for a rater of no panel.')
  const places = new Set(cases.map(({ raterId, position }) => `${raterId} ${position}`))
  return places.size === cases.length ? null : invalid('Two cases of a rater have the same place.')
}

type PanelActs = Pick<WorkspaceStore, 'panels' | 'addPanel' | 'casesOfPanel' | 'casesOfSubject'>

export const panelsIn = (driver: SqlDriver, clock: () => number): PanelActs => ({
  panels: () =>
    driver.read(async (sql) => {
      const members = await sql.all('SELECT panel_id, rater_id FROM panel_rater ORDER BY position')
      const panels = await sql.all('SELECT * FROM panel ORDER BY act_number')
      const ratersOf = (panelId: unknown): readonly string[] =>
        members.filter((row) => row['panel_id'] === panelId).map((row) => String(row['rater_id']))
      return accept(panels.map((row) => panelOf(row, ratersOf(row['panel_id']))))
    }),

  addPanel: ({ name, protocol, raterIds }, cases, by) =>
    driver.write(async (sql) => {
      const wrong = await problem(sql, raterIds, cases)
      if (wrong !== null) return { ok: false, refusal: wrong }
      const panelId = randomUUID()
      const act = { raterId: by, act: 'add-panel', about: { panelId, cases: cases.length } }
      const done = await perform(sql, clock, act, (at) => [
        ['panel', { panel_id: panelId, name, protocol: JSON.stringify(protocol), made_at: at }],
        ...raterIds.map((raterId, index): NewRow => [
          'panel_rater',
          { panel_id: panelId, position: index + 1, rater_id: raterId },
        ]),
        ...cases.map((one): NewRow => [
          'panel_case',
          {
            panel_id: panelId,
            rater_id: one.raterId,
            position: one.position,
            subject: one.subject,
            is_repeat: one.isRepeat ? 1 : 0,
          },
        ]),
      ])
      return done.ok ? accept({ panelId, name, protocol, madeAt: done.value, raterIds }) : done
    }),

  casesOfPanel: (panelId) => casesWhere(driver, 'panel_id', panelId),
  casesOfSubject: (subject) => casesWhere(driver, 'subject', subject),
})

const casesWhere = (
  driver: SqlDriver,
  column: 'panel_id' | 'subject',
  value: string,
): ReturnType<WorkspaceStore['casesOfPanel']> =>
  driver.read(async (sql) =>
    accept(
      (
        await sql.all(
          `SELECT * FROM panel_case WHERE ${column} = ? ORDER BY act_number, rater_id, position`,
          [value],
        )
      ).map(caseOf),
    ),
  )
