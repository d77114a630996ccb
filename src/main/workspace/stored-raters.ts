import { randomUUID } from 'node:crypto'
import { RaterRole, accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { perform } from './audit-log'
import { RowDamaged } from './database/sql-driver'
import type { Row, SqlDriver, SqlSession } from './database/sql-driver'
import type { StoredRater, WorkspaceStore } from './store'

/** Names are compared as people compare them: without case and without spaces around. */
export const nameKey = (name: string): string => name.normalize('NFC').trim().toLowerCase()

function raterOf(row: Row): StoredRater {
  const role = RaterRole.safeParse(row['role'])
  if (!role.success) throw new RowDamaged(`a rater of the role ${String(row['role'])}`)
  const hash = row['password_hash']
  return {
    raterId: String(row['rater_id']),
    // One of an earlier version may be of blanks alone: it is told by its pseudonym.
    name: String(row['name']) === '' ? String(row['pseudonym']) : String(row['name']),
    pseudonym: String(row['pseudonym']),
    role: role.data,
    passwordHash: typeof hash === 'string' ? hash : null,
    oneTime: row['one_time'] === 1,
    retired: row['retired'] === 1,
  }
}

/** The newest password of each rater, and the newest word on whether they read, is the last row of its own table. */
const allRaters = async (sql: SqlSession): Promise<readonly StoredRater[]> =>
  (
    await sql.all(`SELECT rater.*, rater_password.password_hash, rater_standing.retired,
        CASE WHEN one_time_password.act_number IS NULL THEN 0 ELSE 1 END AS one_time
      FROM rater
      LEFT JOIN rater_password ON rater_password.rater_id = rater.rater_id AND rater_password.act_number =
        (SELECT MAX(newest.act_number) FROM rater_password newest WHERE newest.rater_id = rater.rater_id)
      LEFT JOIN one_time_password ON one_time_password.rater_id = rater.rater_id
        AND one_time_password.act_number = rater_password.act_number
      LEFT JOIN rater_standing ON rater_standing.rater_id = rater.rater_id AND rater_standing.act_number =
        (SELECT MAX(newest.act_number) FROM rater_standing newest WHERE newest.rater_id = rater.rater_id)
      ORDER BY rater.act_number`)
  ).map(raterOf)

async function raterIn(sql: SqlSession, raterId: string): Promise<Result<StoredRater>> {
  const found = (await allRaters(sql)).find((one) => one.raterId === raterId)
  return found === undefined ? refuse('not-found', 'There is no such rater.') : accept(found)
}

type RaterActs = Pick<WorkspaceStore, 'raters' | 'addRater' | 'setPassword' | 'retireRater'>

export const ratersIn = (driver: SqlDriver, clock: () => number): RaterActs => ({
  raters: () => driver.read(async (sql) => accept(await allRaters(sql))),

  addRater: ({ name, role, passwordHash }, by) =>
    driver.write(async (sql) => {
      if (nameKey(name) === '') return refuse('request-invalid', 'A rater needs a name.')
      const raters = await allRaters(sql)
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
        oneTime: false,
        retired: false,
      }
      const { raterId, pseudonym } = rater
      const act = { raterId: by, act: 'add-rater', about: { added: raterId, pseudonym, role } }
      const done = await perform(sql, clock, act, () => [
        ['rater', { rater_id: raterId, name: rater.name, name_key: nameKey(name), pseudonym, role }],
        ['rater_password', { rater_id: raterId, password_hash: passwordHash }],
      ])
      return done.ok ? accept(rater) : done
    }),

  setPassword: (raterId, { passwordHash, oneTime }, by) =>
    driver.write(async (sql) => {
      const found = await raterIn(sql, raterId)
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
      const found = await raterIn(sql, raterId)
      if (!found.ok || found.value.retired === retired) return found
      const others = (await allRaters(sql)).filter((one) => one.raterId !== raterId && !one.retired)
      if (retired && found.value.role === 'owner' && !others.some(({ role }) => role === 'owner'))
        return refuse('not-allowed', `${found.value.name} is the only owner of this workspace.`, {
          next: 'Add another owner first: margin raters add NAME --owner.',
        })
      const act = { raterId: by, act: retired ? 'retire-rater' : 'reinstate-rater', about: { of: raterId } }
      const done = await perform(sql, clock, act, () => [
        ['rater_standing', { rater_id: raterId, retired: retired ? 1 : 0 }],
      ])
      return done.ok ? raterIn(sql, raterId) : done
    }),
})
