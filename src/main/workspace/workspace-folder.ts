import { existsSync, statSync } from 'node:fs'
import { access, chmod, constants, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { accept, refuse } from '../../contract'
import type { Refusal, Result } from '../../contract'
import type { ChainHead } from '../../core/annotation/audit-chain'
import { FILE_MODE, FOLDER_MODE, keepPrivate, sweepUnfinished } from './folder-upkeep'
import { readHead } from './known-head'
import { saysDamaged, sqliteRefusal } from './database/sqlite-failure'

/** The folder of an SQLite workspace: `workspace.sqlite`, `backups/`, `exports/`. Copying it, closed, moves the work. */

const BACKUPS_KEPT = 5
const BACKUP_NAME = /^backup-(\d{6,})-.*\.sqlite$/

export const databasePath = (folder: string): string => join(folder, 'workspace.sqlite')
const backupsPath = (folder: string): string => join(folder, 'backups')

const systemWords: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: [
    'may not be written to',
    'Give yourself the right to write to it, or name another one with --workspace.',
  ],
  EPERM: [
    'may not be written to',
    'Give yourself the right to write to it, or name another one with --workspace.',
  ],
  EROFS: ['is on a disk that is read-only', 'Name a folder on another disk with --workspace.'],
  ENOSPC: ['is on a disk that is full', 'Free some space on it, then try again.'],
  ENOTDIR: ['is not a folder', 'Name a folder with --workspace.'],
  EEXIST: ['is not a folder', 'Name a folder with --workspace.'],
}

/** What a failure of the file system means; null: it is not one. */
export function systemRefusal(error: unknown, folder: string): Refusal | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  if (!('syscall' in error)) return null
  const [what, next] = systemWords[error.code] ?? [
    `cannot be used (${error.code})`,
    'Check the disk, or name another folder with --workspace.',
  ]
  return { code: 'workspace-failed', reason: `The workspace folder ${folder} ${what}.`, path: folder, next }
}

/** Makes the folders that are missing and tidies those that are there; refused where they cannot be written to. */
export async function makeFolders(folder: string, nowMs: number): Promise<Result<null>> {
  try {
    const made = [folder, backupsPath(folder), join(folder, 'exports')]
    for (const path of made) await mkdir(path, { recursive: true, mode: FOLDER_MODE })
    await access(folder, constants.W_OK)
    await keepPrivate(folder)
    await sweepUnfinished(backupsPath(folder), nowMs)
    return accept(null)
  } catch (error) {
    const refusal = systemRefusal(error, folder)
    if (refusal === null) throw error
    return { ok: false, refusal }
  }
}

/**
 * Whether the structure of a database is whole; throws what SQLite throws when it cannot even be read. Asked by `exec`
 * and a function that takes the answer: a prepared statement would keep the file open, closed or not, until the
 * garbage collector finds it.
 */
export function isWhole(database: DatabaseSyncInstance, depth: 'quick' | 'full'): boolean {
  const found: unknown[] = []
  const take = (answer: unknown): null => {
    found.push(answer)
    return null
  }
  database.function('take', take)
  const check = depth === 'quick' ? 'quick_check' : 'integrity_check'
  database.exec(`SELECT take(${check}) FROM pragma_${check}`)
  if (depth === 'full') database.exec('SELECT take("table") FROM pragma_foreign_key_check')
  return found.length === 1 && found[0] === 'ok'
}

/** Opens a file for reading only, looks, and closes it: nothing in it or beside it is changed. */
function lookInto<T>(path: string, timeoutMs: number, look: (database: DatabaseSyncInstance) => T): T {
  const database = new DatabaseSync(path, { readOnly: true, timeout: timeoutMs })
  try {
    return look(database)
  } finally {
    database.close()
  }
}

const isWholeFile = (path: string, timeoutMs: number): boolean =>
  lookInto(path, timeoutMs, (database) => isWhole(database, 'quick'))

/** The first value of a query, by `exec` for the reason that `isWhole` gives. `query` says `take(…)`. */
function valueOf(database: DatabaseSyncInstance, query: string): unknown {
  let value: unknown = null
  database.function('take', (found: unknown) => {
    value = found
    return null
  })
  database.exec(query)
  return value
}

const hasLog = (database: DatabaseSyncInstance): boolean =>
  valueOf(database, "SELECT take(name) FROM sqlite_schema WHERE type = 'table' AND name = 'audit'") !== null

/** Whether the database holds the act that the head beside it names as the last one. */
const holdsHead = (database: DatabaseSyncInstance, head: ChainHead | null): boolean =>
  head === null ||
  (hasLog(database) &&
    valueOf(database, `SELECT take(hash) FROM audit WHERE number = ${head.number}`) === head.hash)

async function backupNames(folder: string): Promise<readonly string[]> {
  if (!existsSync(backupsPath(folder))) return []
  const names = (await readdir(backupsPath(folder))).filter((name) => BACKUP_NAME.test(name))
  const numberOf = (name: string): number => Number(BACKUP_NAME.exec(name)?.[1] ?? 0)
  // By number, not by time: a clock that is set back must not make the newest copy look old.
  return names.sort((a, b) => numberOf(b) - numberOf(a))
}

async function newestGoodBackup(folder: string): Promise<string | null> {
  for (const name of await backupNames(folder)) {
    try {
      if (isWholeFile(join(backupsPath(folder), name), 0)) return name
    } catch (error) {
      if (!saysDamaged(error)) throw error
    }
  }
  return null
}

const restoreWords = (backup: string): string =>
  `Close Margin, move workspace.sqlite, workspace.sqlite-wal, workspace.sqlite-shm and workspace.head out of the folder, copy backups/${backup} to workspace.sqlite and start again.`

const lostWords = {
  missing: 'is missing, although work was kept in this folder',
  empty: 'is empty, although work was kept in this folder',
  less: 'holds less than it held: its end is missing (a deleted or emptied write-ahead log, or an older copy)',
} as const

/** The refusal of a folder that held more than it holds now. Nothing is begun anew over it, no backup goes. */
export async function lostRefusal(folder: string, how: keyof typeof lostWords): Promise<Refusal> {
  const backup = await newestGoodBackup(folder).catch(() => null)
  const putBack = 'Put workspace.sqlite and workspace.sqlite-wal back from where they went'
  const goOn = how === 'less' ? ' To go on with what is there, move workspace.head out of the folder.' : ''
  return {
    code: 'workspace-failed',
    reason: `The database of the workspace ${folder} ${lostWords[how]}. Nothing was changed.`,
    path: databasePath(folder),
    next: `${putBack}${backup === null ? '.' : `, or restore the newest good backup: ${restoreWords(backup)}`}${goOn}`,
  }
}

/** The refusal of a damaged database: what to restore, and how. The damaged file stays as it is. */
export async function damagedRefusal(folder: string): Promise<Refusal> {
  const backup = await newestGoodBackup(folder).catch(() => null)
  const restore =
    backup === null
      ? 'There is no good backup in its folder backups: put the folder back from a copy of your own.'
      : restoreWords(backup)
  return {
    code: 'workspace-failed',
    reason: `The database of the workspace ${folder} is damaged. It was left as it is.`,
    path: databasePath(folder),
    next: restore,
  }
}

/** Looks at an existing database before anything writes to it. */
export async function checkBeforeOpening(folder: string, lockWaitMs: number): Promise<Result<null>> {
  const path = databasePath(folder)
  // An empty file alone is what a process leaves that was killed before its first write.
  const head = readHead(folder)
  const held = head !== null || (await backupNames(folder)).length > 0
  const isMissing = !existsSync(path)
  if (held && (isMissing || statSync(path).size === 0))
    return { ok: false, refusal: await lostRefusal(folder, isMissing ? 'missing' : 'empty') }
  if (isMissing) return accept(null)
  try {
    const found = lookInto(path, lockWaitMs, (database) => ({
      isWhole: isWhole(database, 'quick'),
      holdsHead: holdsHead(database, head),
    }))
    if (!found.isWhole) return { ok: false, refusal: await damagedRefusal(folder) }
    return found.holdsHead ? accept(null) : { ok: false, refusal: await lostRefusal(folder, 'less') }
  } catch (error) {
    const damaged = saysDamaged(error) ? await damagedRefusal(folder) : null
    const refusal = damaged ?? sqliteRefusal(error, folder, () => unreadable(folder))
    if (refusal === null) throw error
    return { ok: false, refusal }
  }
}

const unreadable = (folder: string): Refusal => ({
  code: 'workspace-failed',
  reason: `The database of the workspace ${folder} cannot be read.`,
  path: databasePath(folder),
})

/** Forces what was written to a file or a folder onto the disk. Windows knows no such thing for folders. */
async function toDisk(path: string, isFolder: boolean): Promise<void> {
  if (isFolder && process.platform === 'win32') return
  const file = await open(path, isFolder ? 'r' : 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Makes the next backup: `copy` writes a database to the path that it is given; it is opened and checked, forced to the
 * disk, named, and the oldest beyond the newest five go, but for those that hold more than it. Gives its path.
 */
export async function makeBackup(
  folder: string,
  at: string,
  copy: (path: string) => Promise<unknown>,
): Promise<Result<string>> {
  const names = await backupNames(folder)
  const number = Number(BACKUP_NAME.exec(names[0] ?? '')?.[1] ?? 0) + 1
  const name = `backup-${String(number).padStart(6, '0')}-${at.replace(/[:.]/g, '-')}.sqlite`
  const made = join(backupsPath(folder), name)
  const unfinished = join(backupsPath(folder), `unfinished-${process.pid}-${number}.sqlite`)
  try {
    await rm(unfinished, { force: true })
    await copy(unfinished)
    if (!checkCopy(unfinished))
      return refuse('workspace-failed', `The backup ${name} came out damaged.`, { path: made })
    await toDisk(unfinished, false)
    if (process.platform !== 'win32') await chmod(unfinished, FILE_MODE)
    await rename(unfinished, made)
    await toDisk(backupsPath(folder), true)
    const acts = actsIn(made)
    for (const old of [name, ...names].slice(BACKUPS_KEPT)) {
      // What held more than the work holds now is the only copy of the difference.
      if (actsIn(join(backupsPath(folder), old)) <= acts)
        await rm(join(backupsPath(folder), old), { force: true })
    }
    return accept(made)
  } finally {
    await rm(unfinished, { force: true })
  }
}

/** Makes the copy one file by itself (no write-ahead log beside it) and checks it. */
function checkCopy(path: string): boolean {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA journal_mode = delete')
    return isWhole(database, 'quick')
  } finally {
    database.close()
  }
}

/** Acts in the audit log of a backup; 0 where it cannot be read or has none. */
function actsIn(path: string): number {
  try {
    return lookInto(path, 0, (database) =>
      hasLog(database) ? Number(valueOf(database, 'SELECT take(MAX(number)) FROM audit')) : 0,
    )
  } catch {
    return 0
  }
}
