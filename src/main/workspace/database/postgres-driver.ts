import pg from 'pg'
import { accept, refuse } from '../../../contract'
import type { Refusal, Result } from '../../../contract'
import { guarded } from './sql-driver'
import type { Row, Schema, SqlDriver, SqlSession } from './sql-driver'

/** Everything of Margin stands in one schema of its own, so that a database can be shared. */
const SCHEMA = 'margin'
/** Any constant: who holds it writes; it goes with the transaction. */
const WRITER_LOCK = 7_209_011
const CONNECTIONS = 8
const CONNECT_MS = 5_000
/** Longer than any statement of the store takes on a slow server; shorter than a person's patience. */
const STATEMENT_MS = 60_000

const schema: Schema = {
  listTables: `SELECT tablename AS name FROM pg_tables WHERE schemaname = '${SCHEMA}'`,
  prepare: [
    `CREATE FUNCTION ${SCHEMA}.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$`,
  ],
  // SQLite's INTEGER has 64 bits, that of PostgreSQL 32.
  createTable: (name, columns) => `CREATE TABLE ${name} (${columns.replace(/\bINTEGER\b/g, 'BIGINT')})`,
  appendOnly: (name) => [
    `CREATE TRIGGER ${name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${name}
      FOR EACH STATEMENT EXECUTE FUNCTION ${SCHEMA}.append_only()`,
  ],
}

/** Classes and codes of SQLSTATE (PostgreSQL manual, appendix A) and of the socket, with the next step. */
const words: readonly (readonly [RegExp, string, string])[] = [
  [/^28/, 'refused the user or the password', 'Check the user and the password in the postgres:// address.'],
  [/^3D000$/, 'has no database of this name', 'Have it made (createdb), then start again.'],
  [
    /^53100$/,
    'has a full disk',
    'Ask who runs the server to free space, then try again; nothing that was acknowledged is lost.',
  ],
  [/^53/, 'is out of connections or memory', 'Try again in a moment, or ask who runs the server.'],
  [
    /^(?:25006|42501)$/,
    'lets this user only read',
    'Ask who runs the server for the right to create and write.',
  ],
  [/^(?:55P03|57014|40P01|40001)$/, 'took too long or was locked by another program', 'Try again.'],
  [/^(?:57P|08)/, 'closed the connection', 'Try again when the server is up.'],
  [/^XX00[12]$/, 'says that its files are damaged', 'Ask who runs the server to restore a backup.'],
  [
    /^(?:ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|ENOENT)/,
    'cannot be reached',
    'Check the address and that the server runs.',
  ],
]

/** What a failure of the server means; null: not one of the server, the network or a right. Never holds the password. */
function postgresRefusal(error: unknown, name: string): Refusal | null {
  if (!(error instanceof Error)) return null
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const lost = /terminat|timeout|not queryable|SSL|closed|password/i.test(error.message) && code === ''
  const [, what, next] = words.find(([pattern]) => pattern.test(code)) ?? notAnswering
  if (what === notAnswering[1] && !lost) return null
  return { code: 'workspace-failed', reason: `The workspace on ${name} ${what}.`, next }
}
const notAnswering = [null, 'does not answer', 'Check the address and that the server runs.'] as const

/** The address without user and password. */
function nameOf(address: string): string | null {
  // A server on this computer's socket: user@/database?host=/folder, which is no URL to the letter.
  const url = address.replace('@/', '@localhost/')
  if (!URL.canParse(url)) return null
  const { hostname, port, pathname, searchParams } = new URL(url)
  return `${hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname}${port === '' ? '' : `:${port}`}${pathname}`
}

/**
 * Opens the store of a PostgreSQL server; its tables are made where they are missing. Refused with `workspace-failed`:
 * not reached, not let in, or a server that does not force its writes to the disk.
 */
export async function openPostgres(url: string): Promise<Result<SqlDriver>> {
  const name = nameOf(url)
  if (name === null) {
    return refuse('workspace-failed', 'The postgres:// address of the workspace is not an address.', {
      next: 'Write it as postgres://user:password@host:port/database.',
    })
  }
  const driver = new PostgresDriver(url, name)
  const ready = await driver.prepare()
  if (ready.ok) return accept(driver)
  await driver.close()
  return ready
}

class PostgresDriver implements SqlDriver {
  readonly kind = 'postgres'
  readonly name: string
  readonly schema = schema
  readonly #pool: pg.Pool
  /** Connections that know the schema and wait for the disk. */
  readonly #settled = new WeakSet<pg.PoolClient>()
  #closed: Promise<void> | null = null

  constructor(url: string, name: string) {
    this.name = name
    this.#pool = new pg.Pool({
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: STATEMENT_MS,
      query_timeout: STATEMENT_MS + CONNECT_MS,
      application_name: 'margin',
      types: numbersAsNumbers,
    })
    // An idle connection that the server closes is replaced by the next call; without this it would end the program.
    this.#pool.on('error', () => undefined)
  }

  /** Makes the schema; looks whether a commit of this server reaches the disk. */
  async prepare(): Promise<Result<null>> {
    return this.#guarded(async () => {
      const client = await this.#pool.connect()
      try {
        const fsync = await client.query<{ fsync: string }>('SHOW fsync')
        if (fsync.rows[0]?.fsync !== 'on') return this.#notForced()
        const there = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [SCHEMA])
        // IF NOT EXISTS still races with a second process that starts at the same moment.
        if (there.rows.length === 0) {
          await client.query(`SELECT pg_advisory_lock(${WRITER_LOCK})`)
          await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`)
          await client.query(`SELECT pg_advisory_unlock(${WRITER_LOCK})`)
        }
        return accept(null)
      } finally {
        client.release()
      }
    })
  }

  readonly read = <T>(work: (sql: SqlSession) => Promise<Result<T>>): Promise<Result<T>> =>
    this.#transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work)

  /** The writers of all connections go one after another, as the audit chain needs it. */
  readonly write = <T>(work: (sql: SqlSession) => Promise<Result<T>>): Promise<Result<T>> =>
    this.#transaction(`BEGIN; SELECT pg_advisory_xact_lock(${WRITER_LOCK})`, work)

  readonly check = (): Promise<Result<null>> =>
    this.read(async (sql) => {
      await sql.all('SELECT 1 AS one')
      return accept(null)
    })

  readonly backUp = (): Promise<Result<string>> =>
    Promise.resolve(
      refuse('request-invalid', `The workspace on ${this.name} is backed up by its server, not by Margin.`, {
        next: `Have pg_dump --schema=${SCHEMA} run there on a schedule.`,
      }),
    )

  readonly close = (): Promise<void> => (this.#closed ??= this.#pool.end())

  /** A connection of which a statement failed is thrown away, and the transaction goes with it. */
  #transaction<T>(begin: string, work: (sql: SqlSession) => Promise<Result<T>>): Promise<Result<T>> {
    return this.#guarded(async () => {
      const client = await this.#pool.connect()
      const onError = (): void => undefined
      client.on('error', onError)
      let sound = false
      try {
        await this.#settle(client)
        await client.query(begin)
        const result = await work(sessionOf(client))
        await client.query(result.ok ? 'COMMIT' : 'ROLLBACK')
        sound = true
        return result
      } finally {
        client.off('error', onError)
        client.release(!sound)
      }
    })
  }

  async #settle(client: pg.PoolClient): Promise<void> {
    if (this.#settled.has(client)) return
    await client.query(`SET search_path TO ${SCHEMA}; SET synchronous_commit TO on`)
    this.#settled.add(client)
  }

  #guarded<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    return guarded((error) => postgresRefusal(error, this.name), work)
  }

  #notForced(): Result<null> {
    return refuse(
      'workspace-failed',
      `The server of ${this.name} runs with fsync off: it does not keep what it acknowledged.`,
      {
        next: 'Ask who runs the server to set fsync = on.',
      },
    )
  }
}

/** Object id of the type bigint. Its numbers come as text; none of ours is beyond 2^53. */
const BIGINT_OID = 20
const numbersAsNumbers = new pg.TypeOverrides()
numbersAsNumbers.setTypeParser(BIGINT_OID, Number)

const sessionOf = (client: pg.PoolClient): SqlSession => ({
  all: async (text, values = []) => {
    let place = 0
    const numbered = text.replace(/\?/g, () => `$${(place += 1)}`)
    return (await client.query<Row>(numbered, [...values])).rows
  },
})
