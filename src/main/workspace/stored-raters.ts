import { randomUUID } from 'node:crypto'
import { RaterRole, accept, refuse } from '../../contract'
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
  }
}

/** The newest password of each rater is the last row of its own table. */
const allRaters = async (sql: SqlSession): Promise<readonly StoredRater[]> =>
  (
    await sql.all(`SELECT rater.*, rater_password.password_hash FROM rater
      LEFT JOIN rater_password ON rater_password.rater_id = rater.rater_id AND rater_password.act_number =
        (SELECT MAX(newest.act_number) FROM rater_password newest WHERE newest.rater_id = rater.rater_id)
      ORDER BY rater.act_number`)
  ).map(raterOf)

type RaterActs = Pick<WorkspaceStore, 'raters' | 'addRater' | 'setPassword'>

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
      }
      const { raterId, pseudonym } = rater
      const act = { raterId: by, act: 'add-rater', about: { added: raterId, pseudonym, role } }
      const done = await perform(sql, clock, act, () => [
        ['rater', { rater_id: raterId, name: rater.name, name_key: nameKey(name), pseudonym, role }],
        ['rater_password', { rater_id: raterId, password_hash: passwordHash }],
      ])
      return done.ok ? accept(rater) : done
    }),

  setPassword: (raterId, passwordHash, by) =>
    driver.write(async (sql) => {
      const known = await sql.all('SELECT 1 AS known FROM rater WHERE rater_id = ?', [raterId])
      if (known.length === 0) return refuse('not-found', 'There is no such rater.')
      const act = { raterId: by, act: 'set-password', about: { of: raterId } }
      const done = await perform(sql, clock, act, () => [
        ['rater_password', { rater_id: raterId, password_hash: passwordHash }],
      ])
      return done.ok ? accept(null) : done
    }),
})
