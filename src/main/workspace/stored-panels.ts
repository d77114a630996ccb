import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { PanelProtocol, accept, cleanLabel, refuse } from '../../contract'
import type { PanelWords, Refusal, Result } from '../../contract'
import { jsonOf, perform } from './audit-log'
import type { NewRow } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import type { PanelEdition, StoredCase, StoredPanel, WorkspaceStore } from './store'

const Labels = z.array(z.string())

function editionOf(row: Row): PanelEdition {
  const labels = Labels.safeParse(jsonOf(String(row['labels'])))
  if (!labels.success) throw new RowDamaged(`the labels of the panel ${String(row['name'])}`)
  return {
    at: String(row['at']),
    name: String(row['name']),
    instructions: String(row['instructions']),
    target: String(row['target']),
    labels: labels.data,
  }
}

/** A panel of version 1 was called what its own row says, and told its readers nothing. */
const firstEdition = (row: Row): PanelEdition => ({
  at: String(row['made_at']),
  name: String(row['name']),
  ...{ instructions: '', target: '', labels: [] },
})

interface PanelRows {
  readonly members: readonly Row[]
  readonly words: readonly Row[]
  readonly closed: readonly Row[]
}

function panelOf(row: Row, { members, words, closed }: PanelRows): StoredPanel {
  const isOf = (one: Row): boolean => one['panel_id'] === row['panel_id']
  const protocol = PanelProtocol.safeParse(jsonOf(String(row['protocol'])))
  if (!protocol.success) throw new RowDamaged(`the protocol of the panel ${String(row['name'])}`)
  const last = words.findLast(isOf)
  const { at, name, instructions, target, labels } = last === undefined ? firstEdition(row) : editionOf(last)
  const end = closed.find(isOf)
  return {
    panelId: String(row['panel_id']),
    name,
    protocol: protocol.data,
    // A version before took labels that no gesture may say.
    words: { instructions, target, labels: labels.map(cleanLabel) },
    wordsAt: at,
    madeAt: String(row['made_at']),
    closedAt: end === undefined ? null : String(end['at']),
    raterIds: members.filter(isOf).map((one) => String(one['rater_id'])),
  }
}

async function allPanels(sql: SqlSession): Promise<readonly StoredPanel[]> {
  const rows = {
    members: await sql.all('SELECT panel_id, rater_id FROM panel_rater ORDER BY position'),
    words: await sql.all('SELECT * FROM panel_words ORDER BY act_number'),
    closed: await sql.all('SELECT * FROM panel_closed'),
  }
  return (await sql.all('SELECT * FROM panel ORDER BY act_number')).map((row) => panelOf(row, rows))
}

async function panelIn(sql: SqlSession, panelId: string): Promise<Result<StoredPanel>> {
  const found = (await allPanels(sql)).find((one) => one.panelId === panelId)
  return found === undefined ? refuse('not-found', 'There is no such panel.') : accept(found)
}

const wordsRow = (
  panelId: string,
  at: string,
  { name, instructions, target, labels }: PanelWords & { readonly name: string },
): NewRow => [
  'panel_words',
  { panel_id: panelId, at, name, instructions, target, labels: JSON.stringify(labels) },
]

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

type PanelActs = Pick<
  WorkspaceStore,
  'panels' | 'addPanel' | 'editPanel' | 'closePanel' | 'editionsOfPanel' | 'casesOfPanel' | 'casesOfSubject'
>

export const panelsIn = (driver: SqlDriver, clock: () => number): PanelActs => ({
  panels: () => driver.read(async (sql) => accept(await allPanels(sql))),

  addPanel: ({ name, protocol, words, raterIds }, cases, by) =>
    driver.write(async (sql) => {
      const wrong = await problem(sql, raterIds, cases)
      if (wrong !== null) return { ok: false, refusal: wrong }
      const panelId = randomUUID()
      const act = { raterId: by, act: 'add-panel', about: { panelId, cases: cases.length } }
      const done = await perform(sql, clock, act, (at) => [
        ['panel', { panel_id: panelId, name, protocol: JSON.stringify(protocol), made_at: at }],
        wordsRow(panelId, at, { name, ...words }),
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
      return done.ok ? panelIn(sql, panelId) : done
    }),

  ...changesIn(driver, clock),

  casesOfPanel: (panelId) => casesWhere(driver, 'panel_id', panelId),
  casesOfSubject: (subject) => casesWhere(driver, 'subject', subject),
})

const changesIn = (
  driver: SqlDriver,
  clock: () => number,
): Pick<PanelActs, 'editPanel' | 'closePanel' | 'editionsOfPanel'> => ({
  editPanel: (panelId, words, by) =>
    driver.write(async (sql) => {
      const found = await panelIn(sql, panelId)
      if (!found.ok) return found
      const fixed = await fixedWords(sql, found.value, words)
      if (!fixed.ok) return fixed
      const done = await perform(sql, clock, { raterId: by, act: 'edit-panel', about: { panelId } }, (at) => [
        wordsRow(panelId, at, words),
      ])
      return done.ok ? panelIn(sql, panelId) : done
    }),

  closePanel: (panelId, by) =>
    driver.write(async (sql) => {
      const found = await panelIn(sql, panelId)
      if (!found.ok || found.value.closedAt !== null) return found
      const act = { raterId: by, act: 'close-panel', about: { panelId } }
      const done = await perform(sql, clock, act, (at) => [['panel_closed', { panel_id: panelId, at }]])
      return done.ok ? panelIn(sql, panelId) : done
    }),

  editionsOfPanel: (panelId) => driver.read((sql) => editionsIn(sql, panelId)),
})

async function editionsIn(sql: SqlSession, panelId: string): Promise<Result<readonly PanelEdition[]>> {
  const rows = await sql.all('SELECT * FROM panel_words WHERE panel_id = ? ORDER BY act_number', [panelId])
  if (rows.length > 0) return accept(rows.map(editionOf))
  const [row] = await sql.all('SELECT * FROM panel WHERE panel_id = ?', [panelId])
  return row === undefined ? refuse('not-found', 'There is no such panel.') : accept([firstEdition(row)])
}

/**
 * Refused where the panel's readers are told something else now than at that instant: what is committed answers to what
 * stands beside it. Another name alone changes no task.
 */
export function sameTask(editions: readonly PanelEdition[], toldAt: string): Result<null> {
  const now = editions.at(-1)
  const told = editions.findLast(({ at }) => at <= toldAt) ?? editions[0]
  if (now === undefined || told === undefined || taskOf(now) === taskOf(told)) return accept(null)
  return refuse(
    'not-allowed',
    `The task was changed at ${now.at.slice(11, 16)} UTC on ${now.at.slice(0, 10)}, while this reading was open.`,
    { next: 'What it says now stands beside the image: look again, then commit.' },
  )
}

/** The same for a panel as it stands in this transaction; null: outside a panel. */
export async function taskStands(
  sql: SqlSession,
  panelId: string | null,
  toldAt: string,
): Promise<Result<null>> {
  if (panelId === null) return accept(null)
  const editions = await editionsIn(sql, panelId)
  return editions.ok ? sameTask(editions.value, toldAt) : editions
}

const taskOf = ({ instructions, target, labels }: PanelEdition): string =>
  JSON.stringify([instructions, target, labels])

/** Once a reading is committed, what is outlined and what it may be called is what that reading answered to. */
async function fixedWords(sql: SqlSession, panel: StoredPanel, words: PanelWords): Promise<Result<null>> {
  const isSame =
    panel.words.target === words.target && JSON.stringify(panel.words.labels) === JSON.stringify(words.labels)
  if (isSame) return accept(null)
  const committed = await sql.all(
    `SELECT 1 AS committed FROM attempt JOIN attempt_end ON attempt_end.attempt_id = attempt.attempt_id
      WHERE attempt.panel_id = ? LIMIT 1`,
    [panel.panelId],
  )
  if (committed.length === 0) return accept(null)
  return refuse(
    'not-allowed',
    `The target structure and the labels of ${panel.name} are fixed: a reading was committed under them.`,
    { next: 'Change name and instructions alone, or close the panel and make another one.' },
  )
}

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
