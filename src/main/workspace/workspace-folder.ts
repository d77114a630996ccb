import { existsSync } from 'node:fs'
import { access, constants, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { accept, refuse } from '../../contract'
import type { Refusal, Result } from '../../contract'
import { saysDamaged, sqliteRefusal } from './sqlite-failure'

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

/** Makes the folders that are missing; refused where they cannot be written to. */
export async function makeFolders(folder: string): Promise<Result<null>> {
  try {
    for (const path of [folder, backupsPath(folder), join(folder, 'exports')])
      await mkdir(path, { recursive: true })
    await access(folder, constants.W_OK)
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
function isWholeFile(path: string, timeoutMs: number): boolean {
  const database = new DatabaseSync(path, { readOnly: true, timeout: timeoutMs })
  try {
    return isWhole(database, 'quick')
  } finally {
    database.close()
  }
}

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

/** The refusal of a damaged database: what to restore, and how. The damaged file stays as it is. */
export async function damagedRefusal(folder: string): Promise<Refusal> {
  const backup = await newestGoodBackup(folder).catch(() => null)
  const restore =
    backup === null
      ? 'There is no good backup in its folder backups: put the folder back from a copy of your own.'
      : `Close Margin, move workspace.sqlite, workspace.sqlite-wal and workspace.sqlite-shm out of the folder, copy backups/${backup} to workspace.sqlite and start again.`
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
  if (!existsSync(path)) return accept(null)
  try {
    return isWholeFile(path, lockWaitMs) ? accept(null) : { ok: false, refusal: await damagedRefusal(folder) }
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
 * disk, named, and the oldest beyond the newest five go. Gives its path.
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
    await rename(unfinished, made)
    await toDisk(backupsPath(folder), true)
    for (const old of [name, ...names].slice(BACKUPS_KEPT))
      await rm(join(backupsPath(folder), old), { force: true })
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
