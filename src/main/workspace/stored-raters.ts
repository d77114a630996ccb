import { randomUUID } from 'node:crypto'
import { ONE_TIME_HOURS, RaterRole, accept, raterNameFault, refuse, shownRaterName } from '../../contract'
import type { Result } from '../../contract'
import { perform } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import type { StoredRater, WorkspaceStore } from './store'

const HOUR_MS = 3_600_000

/** Names are compared as people compare them: as they are shown, without case and without spaces around. */
export const nameKey = (name: string): string => shownRaterName(name).normalize('NFC').toLowerCase()

function raterOf(row: Row, nowMs: number): StoredRater {
  const role = RaterRole.safeParse(row['role'])
  if (!role.success) throw new RowDamaged(`a rater of the role ${String(row['role'])}`)
  const hash = row['password_hash']
  const givenAt = row['given_at']
  const name = shownRaterName(String(row['name']))
  return {
    raterId: String(row['rater_id']),
    // One of an earlier version may be of blanks alone: it is told by its pseudonym.
    name: name === '' ? String(row['pseudonym']) : name,
    pseudonym: String(row['pseudonym']),
    role: role.data,
    passwordHash: typeof hash === 'string' ? hash : null,
    oneTime: typeof givenAt === 'string',
    hasRunOut: typeof givenAt === 'string' && nowMs - Date.parse(givenAt) > ONE_TIME_HOURS * HOUR_MS,
    retired: row['retired'] === 1,
  }
}

/** The newest password of each rater, and the newest word on whether they read, is the last row of its own table. */
const allRaters = async (sql: SqlSession, clock: () => number): Promise<readonly StoredRater[]> =>
  (
    await sql.all(`SELECT rater.*, rater_password.password_hash, rater_standing.retired,
        given.at AS given_at
      FROM rater
      LEFT JOIN rater_password ON rater_password.rater_id = rater.rater_id AND rater_password.act_number =
        (SELECT MAX(newest.act_number) FROM rater_password newest WHERE newest.rater_id = rater.rater_id)
      LEFT JOIN one_time_password ON one_time_password.rater_id = rater.rater_id
        AND one_time_password.act_number = rater_password.act_number
      LEFT JOIN audit given ON given.number = one_time_password.act_number
      LEFT JOIN rater_standing ON rater_standing.rater_id = rater.rater_id AND rater_standing.act_number =
        (SELECT MAX(newest.act_number) FROM rater_standing newest WHERE newest.rater_id = rater.rater_id)
      ORDER BY rater.act_number`)
  ).map((row) => raterOf(row, clock()))

async function raterIn(sql: SqlSession, clock: () => number, raterId: string): Promise<Result<StoredRater>> {
  const found = (await allRaters(sql, clock)).find((one) => one.raterId === raterId)
  return found === undefined ? refuse('not-found', 'There is no such rater.') : accept(found)
}

type RaterActs = Pick<WorkspaceStore, 'raters' | 'addRater' | 'setPassword' | 'retireRater'>

export const ratersIn = (driver: SqlDriver, clock: () => number): RaterActs => ({
  raters: () => driver.read(async (sql) => accept(await allRaters(sql, clock))),

  addRater: ({ name, role, passwordHash, oneTime = false }, by) =>
    driver.write(async (sql) => {
      const fault = raterNameFault(name)
      if (fault !== null) return refuse('request-invalid', fault)
      const raters = await allRaters(sql, clock)
      if (raters.some((rater) => nameKey(rater.name) === nameKey(name))) {
        return refuse('request-invalid', `There is a rater named ${name.trim()} already.`, {
          next: 'Choose another name.',
        })
      }
      const rater: StoredRater = {
        raterId: randomUUID(),
        name: name.trim(),
        pseudonym: `R${raters.length + 1}`,
        role,
        passwordHash,
        ...{ oneTime, hasRunOut: false, retired: false },
      }
      const { raterId, pseudonym } = rater
      const act = { raterId: by, act: 'add-rater', about: { added: raterId, pseudonym, role } }
      const done = await perform(sql, clock, act, () => [
        ['rater', { rater_id: raterId, name: rater.name, name_key: nameKey(name), pseudonym, role }],
        ['rater_password', { rater_id: raterId, password_hash: passwordHash }],
        ...(oneTime ? [['one_time_password', { rater_id: raterId }] as const] : []),
      ])
      return done.ok ? accept(rater) : done
    }),

  setPassword: (raterId, { passwordHash, oneTime }, by) =>
    driver.write(async (sql) => {
      const found = await raterIn(sql, clock, raterId)
      if (!found.ok) return found
      if (found.value.retired)
        return refuse('not-allowed', `${found.value.name} is retired and signs in no more.`, {
          next: 'Take the retirement back first.',
        })
      const act = { raterId: by, act: oneTime ? 'reset-password' : 'set-password', about: { of: raterId } }
      const done = await perform(sql, clock, act, () => [
        ['rater_password', { rater_id: raterId, password_hash: passwordHash }],
        ...(oneTime ? [['one_time_password', { rater_id: raterId }] as const] : []),
      ])
      return done.ok ? accept(null) : done
    }),

  retireRater: (raterId, retired, by) =>
    driver.write(async (sql) => {
      const found = await raterIn(sql, clock, raterId)
      if (!found.ok || found.value.retired === retired) return found
      const others = (await allRaters(sql, clock)).filter((one) => one.raterId !== raterId && !one.retired)
      if (retired && found.value.role === 'owner' && !others.some(({ role }) => role === 'owner'))
        return refuse('not-allowed', `${found.value.name} is the only owner of this workspace.`, {
          next: 'Add another owner first: margin raters add NAME --owner.',
        })
      const act = { raterId: by, act: retired ? 'retire-rater' : 'reinstate-rater', about: { of: raterId } }
      const done = await perform(sql, clock, act, () => [
        ['rater_standing', { rater_id: raterId, retired: retired ? 1 : 0 }],
      ])
      return done.ok ? raterIn(sql, clock, raterId) : done
    }),
})
