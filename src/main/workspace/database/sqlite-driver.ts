import { closeSync, existsSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync, backup } from '@photostructure/sqlite'
import type { DatabaseSyncInstance, StatementSyncInstance } from '@photostructure/sqlite'
import { accept } from '../../../contract'
import type { Refusal, Result } from '../../../contract'
import type { ChainHead } from '../../../core/annotation/audit-chain'
import { FILE_MODE } from '../folder-upkeep'
import { openHead, type HeadFile } from '../known-head'
import { FilesInPlace, type LookTime } from './files-in-place'
import { isWhole } from './look-into'
import { holdsWhatItSays } from './holds-what-it-says'
import { saveOpen } from './save-open'
import { guarded } from './sql-driver'
import type { Row, Schema, SqlDriver, SqlSession } from './sql-driver'
import { saysBusy, saysDamaged, sqliteRefusal } from './sqlite-failure'
import {
  checkBeforeOpening,
  damagedRefusal,
  backupPath,
  databasePath,
  freshlyHolds,
  lossRefusal,
  makeBackup,
  makeFolders,
  newestGoodBackup,
  systemRefusal,
} from '../workspace-folder'

/** Between two looks at a lock: less than the pause of a process that writes one gesture after another. */
const LOCK_POLL_MS = 2
/** How often the files are looked at while nothing is written: what was acknowledged is saved from a deleted one then. */
const LOOK_EVERY_MS = 1_000
/** Gestures after which a backup is made beside the work. */
const WRITES_PER_BACKUP = 200
/** Texts of statements are constants but for the number of rows of an insert. */
const STATEMENTS_KEPT = 200
/** More pages than any database has: a backup is one step on one snapshot, which writers do not disturb. */
const ALL_PAGES = 2 ** 30

export interface SqliteOptions {
  readonly folder: string
  readonly clock: () => number
  /** How long a lock of another process is waited for. */
  readonly lockWaitMs: number
}

const schema: Schema = {
  listTables: "SELECT name FROM sqlite_schema WHERE type = 'table'",
  prepare: [],
  createTable: (name, columns) => `CREATE TABLE ${name} (${columns}) STRICT`,
  appendOnly: (name) =>
    ['UPDATE', 'DELETE'].map(
      (act) =>
        `CREATE TRIGGER ${name}_no_${act.toLowerCase()} BEFORE ${act} ON ${name} BEGIN SELECT RAISE(ABORT, '${name} is append-only'); END`,
    ),
}

/**
 * Opens the database of a workspace folder, made where it is missing. A second process may join: SQLite's write-ahead
 * log lets one write at a time and all read. Refused with `workspace-failed`: damaged (looked at before anything is
 * written), read-only, full, locked, not on a disk that can share a write-ahead log.
 */
export async function openSqlite(options: SqliteOptions): Promise<Result<SqlDriver>> {
  const made = await makeFolders(options.folder, options.clock())
  if (!made.ok) return made
  const checked = await checkBeforeOpening(options.folder, options.lockWaitMs)
  if (!checked.ok) return checked
  try {
    // Made here, so that nobody else may read it; the files beside it are made with the rights of this one.
    closeSync(openSync(databasePath(options.folder), 'a', FILE_MODE))
    const database = new DatabaseSync(databasePath(options.folder), { timeout: options.lockWaitMs })
    try {
      return settle(database, options)
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    const damaged = saysDamaged(error) ? await damagedRefusal(options.folder) : null
    const refusal = damaged ?? refusalOf(error, options.folder)
    if (refusal === null) throw error
    return { ok: false, refusal }
  }
}

const hasLog = (database: DatabaseSyncInstance): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'audit'").get() !== undefined

function settle(database: DatabaseSyncInstance, options: SqliteOptions): Result<SqlDriver> {
  // A row that another one replaces counts as deleted only with recursive triggers.
  for (const setting of [
    'synchronous = full',
    'foreign_keys = on',
    'recursive_triggers = on',
    'trusted_schema = off',
  ])
    database.exec(`PRAGMA ${setting}`)
  const mode: unknown = database.prepare('PRAGMA journal_mode = wal').get()
  if (JSON.stringify(mode) === '{"journal_mode":"wal"}') {
    database.exec('PRAGMA busy_timeout = 0')
    return accept(new SqliteDriver(database, options))
  }
  database.close()
  return {
    ok: false,
    refusal: {
      code: 'workspace-failed',
      reason: `The disk of the workspace ${options.folder} cannot keep a write-ahead log (a network drive?).`,
      path: options.folder,
      next: 'Name a folder on a disk of this computer with --workspace, or a PostgreSQL server.',
    },
  }
}

const refusalOf = (error: unknown, folder: string): Refusal | null =>
  sqliteRefusal(error, folder, () => ({
    code: 'workspace-failed',
    reason: `The database of the workspace ${folder} is damaged.`,
    path: databasePath(folder),
    next: 'Close Margin and start it again: it names the newest good backup and how to restore it.',
  })) ?? systemRefusal(error, folder)

/** One connection, one transaction after another. */
class SqliteDriver implements SqlDriver {
  readonly kind = 'sqlite'
  readonly name: string
  readonly schema = schema
  readonly #database: DatabaseSyncInstance
  readonly #options: SqliteOptions
  readonly #statements = new Map<string, StatementSyncInstance>()
  readonly #head: HeadFile
  readonly #files: FilesInPlace
  readonly #looking: ReturnType<typeof setInterval>
  /** The backup that was made when the files were lost; null: none could be made. undefined: they are in place. */
  #saved: string | null | undefined = undefined
  #newest: ChainHead | null = null
  #last: Promise<unknown> = Promise.resolve()
  #inserts = 0
  #writesSinceBackup = 0
  #backup: Promise<Result<string>> | null = null
  #closed: Promise<void> | null = null

  constructor(database: DatabaseSyncInstance, options: SqliteOptions) {
    this.#database = database
    this.#options = options
    this.name = options.folder
    this.#head = openHead(options.folder)
    // Reading opens the write-ahead log.
    this.#newest = this.#lastAct()
    this.#files = new FilesInPlace({
      databasePath: databasePath(options.folder),
      framesInLog: () => Number((this.#statement('PRAGMA wal_checkpoint(NOOP)').get() as Row)['log']),
      writtenByOthers: () => Number((this.#statement('PRAGMA data_version').get() as Row)['data_version']),
      holdsWhatWasWritten: () => freshlyHolds(databasePath(options.folder), options.lockWaitMs, this.#newest),
    })
    // A look that fails says nothing yet, and must not end the thread: the next write looks again, and tells.
    this.#looking = setInterval(() => {
      this.#inTurn(() => this.#inPlace('idle')).catch(() => undefined)
    }, LOOK_EVERY_MS)
    this.#looking.unref()
  }

  readonly read = <T>(work: (sql: SqlSession) => Promise<Result<T>>): Promise<Result<T>> =>
    this.#inTurn(() => this.#transaction('BEGIN', work))

  readonly write = <T>(work: (sql: SqlSession) => Promise<Result<T>>): Promise<Result<T>> =>
    this.#inTurn(async () => {
      const before = await this.#inPlace('before')
      if (!before.ok) return before
      const insertsBefore = this.#inserts
      const result = await this.#transaction('BEGIN IMMEDIATE', work)
      if (!result.ok || this.#inserts === insertsBefore) return result
      const after = await this.#inPlace('after')
      if (!after.ok) return after
      this.#noteHead()
      this.#count()
      return result
    })

  /** Refused: the files are not those that this connection writes to. What it still holds is in a backup then. */
  async #inPlace(time: LookTime): Promise<Result<null>> {
    const loss = this.#files.look(time)
    if (loss === null) {
      this.#saved = undefined
      return accept(null)
    }
    if (this.#saved === undefined || (this.#saved !== null && !existsSync(this.#saved)))
      this.#saved = await this.#save()
    return { ok: false, refusal: await lossRefusal(this.#options.folder, loss, this.#saved) }
  }

  /** Copies what the open files still hold, deleted or not, and checks that nothing is missing; null: it is. */
  async #save(): Promise<string | null> {
    const { folder, clock } = this.#options
    await this.#backup?.catch(() => undefined)
    try {
      await makeFolders(folder, clock())
      const backup = await newestGoodBackup(folder)
      const saved = await makeBackup(folder, new Date(clock()).toISOString(), (path) =>
        saveOpen(this.#database, path, {
          older: backup === null ? null : backupPath(folder, backup),
          isComplete: async () => freshlyHolds(path, 0, this.#newest) && (await holdsWhatItSays(path)),
        }),
      )
      return saved.ok ? saved.value : null
    } catch {
      return null
    }
  }

  readonly check = (): Promise<Result<null>> =>
    this.#inTurn(async () => {
      const whole = isWhole(this.#database, 'full')
      return whole ? accept(null) : { ok: false, refusal: await damagedRefusal(this.#options.folder) }
    })

  /** Beside the work, on a connection of its own, in a thread of the package. */
  readonly backUp = async (): Promise<Result<string>> => {
    while (this.#backup !== null) await this.#backup
    this.#backup = this.#copy()
    try {
      return await this.#backup
    } finally {
      this.#backup = null
    }
  }

  readonly close = (): Promise<void> => (this.#closed ??= this.#close())

  async #close(): Promise<void> {
    clearInterval(this.#looking)
    await this.#last
    const inPlace = await this.#inPlace('idle')
    // A backup that fails at the end must not keep the program open: the work itself is on disk.
    await this.#backup?.catch(() => undefined)
    if (inPlace.ok && this.#writesSinceBackup > 0) await this.#copy().catch(() => undefined)
    this.#head.close()
    this.#statements.clear()
    // The statements keep the connection until the garbage collector comes; the log goes into the file before.
    if (inPlace.ok) this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#database.close()
  }

  #copy(): Promise<Result<string>> {
    this.#writesSinceBackup = 0
    const { folder, clock, lockWaitMs } = this.#options
    return guarded(
      (error) => refusalOf(error, folder),
      () =>
        makeBackup(folder, new Date(clock()).toISOString(), async (path) => {
          // For reading only: a file that is gone is not made anew, empty, to be copied.
          const source = new DatabaseSync(databasePath(folder), { readOnly: true, timeout: lockWaitMs })
          try {
            await backup(source, path, { rate: ALL_PAGES })
          } finally {
            source.close()
          }
        }),
    )
  }

  /**
   * A lock of another process is waited for here and not in SQLite, whose waits grow to 100 ms: where several write
   * without a pause, one that sleeps that long may never come in. Nothing was written when it says busy.
   */
  async #transaction<T>(begin: string, work: (sql: SqlSession) => Promise<Result<T>>): Promise<Result<T>> {
    for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
      try {
        return await this.#attempt(begin, work)
      } catch (error) {
        if (!saysBusy(error) || waitedMs >= this.#options.lockWaitMs) throw error
      }
      await sleep(LOCK_POLL_MS)
    }
  }

  async #attempt<T>(begin: string, work: (sql: SqlSession) => Promise<Result<T>>): Promise<Result<T>> {
    this.#database.exec(begin)
    try {
      const result = await work(this.#session)
      this.#database.exec(result.ok ? 'COMMIT' : 'ROLLBACK')
      return result
    } finally {
      // A full disk ends the transaction by itself; whatever else failed must not leave one open.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    }
  }

  /** The newest act, ours or that of another process: whichever it is, it is on disk. */
  #noteHead(): void {
    const last = this.#lastAct()
    if (last === null) return
    this.#newest = last
    this.#head.write(last)
  }

  #lastAct(): ChainHead | null {
    if (!hasLog(this.#database)) return null
    const [last] = this.#statement(
      'SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1',
    ).all() as Row[]
    return last === undefined ? null : { number: Number(last['number']), hash: String(last['hash']) }
  }

  #count(): void {
    this.#writesSinceBackup += 1
    if (this.#writesSinceBackup >= WRITES_PER_BACKUP && this.#backup === null) {
      void this.#backUpBeside()
    }
  }

  /** What goes wrong beside the work does not stop it, but is said; where the copy was not whole, the next write looks. */
  async #backUpBeside(): Promise<void> {
    const made = await this.backUp().catch(
      (error: unknown) => ({ ok: false, refusal: { reason: String(error) } }) as const,
    )
    if (made.ok) return
    this.#files.doubt()
    process.stderr.write(`No backup of the workspace was made: ${made.refusal.reason}\n`)
  }

  #inTurn<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    const turn = this.#last.then(() => guarded((error) => refusalOf(error, this.#options.folder), work))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  readonly #session: SqlSession = {
    all: (text, values = []) => {
      if (text.startsWith('INSERT')) this.#inserts += 1
      return Promise.resolve(this.#statement(text).all(...values) as Row[])
    },
  }

  #statement(text: string): StatementSyncInstance {
    const kept = this.#statements.get(text)
    if (kept !== undefined) return kept
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear()
    const statement = this.#database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}
