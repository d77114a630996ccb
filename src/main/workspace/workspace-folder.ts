import { existsSync, statSync } from 'node:fs'
import { access, chmod, constants, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { accept, refuse } from '../../contract'
import type { Refusal, Result } from '../../contract'
import type { ChainHead } from '../../core/annotation/audit-chain'
import type { Loss } from './database/files-in-place'
import { formatPlural } from '../../core/words/numbers'
import { FILE_MODE, FOLDER_MODE, keepPrivate, sweepUnfinished } from './folder-upkeep'
import { readHead } from './known-head'
import { actsIn, holdsHead, holdsItsRows, isWhole, lookInto } from './database/look-into'
import { saysDamaged, sqliteRefusal } from './database/sqlite-failure'

/** The folder of an SQLite workspace: `workspace.sqlite`, `backups/`, `exports/`. Copying it, closed, moves the work. */

const BACKUPS_KEPT = 5
const BACKUP_NAME = /^backup-(\d{6,})-.*\.sqlite$/

export const databasePath = (folder: string): string => join(folder, 'workspace.sqlite')
const backupsPath = (folder: string): string => join(folder, 'backups')
export const backupPath = (folder: string, name: string): string => join(backupsPath(folder), name)

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

async function backupNames(folder: string): Promise<readonly string[]> {
  if (!existsSync(backupsPath(folder))) return []
  const names = (await readdir(backupsPath(folder))).filter((name) => BACKUP_NAME.test(name))
  const numberOf = (name: string): number => Number(BACKUP_NAME.exec(name)?.[1] ?? 0)
  // By number, not by time: a clock that is set back must not make the newest copy look old.
  return names.sort((a, b) => numberOf(b) - numberOf(a))
}

/**
 * Whether a connection made anew finds the act that was written last, and the rows of all acts: what another program wrote
 * over the file is not seen by one that has its pages in memory.
 */
export function freshlyHolds(path: string, timeoutMs: number, newest: ChainHead | null): boolean {
  try {
    return lookInto(path, timeoutMs, (database) => holdsHead(database, newest) && holdsItsRows(database))
  } catch (error) {
    if (saysDamaged(error)) return false
    throw error
  }
}

export async function newestGoodBackup(folder: string): Promise<string | null> {
  for (const name of await backupNames(folder)) {
    try {
      const isGood = lookInto(
        backupPath(folder, name),
        0,
        (database) => isWhole(database, 'quick') && holdsItsRows(database),
      )
      if (isGood) return name
    } catch (error) {
      if (!saysDamaged(error)) throw error
    }
  }
  return null
}

const restoreWords = (backup: string): string =>
  `Close Margin, move workspace.sqlite, workspace.sqlite-wal, workspace.sqlite-shm and workspace.head out of the folder, copy backups/${backup} to workspace.sqlite and start again.`

/** How far a backup goes beside what is known to have been acknowledged. */
function reachWords(folder: string, backup: string): string {
  const head = readHead(folder)
  const path = backupPath(folder, backup)
  if (head === null) return ''
  if (lookInto(path, 0, (database) => holdsHead(database, head)))
    return ', which holds all that was acknowledged'
  const missing = head.number - actsOf(path)
  return missing > 0 ? `, which ends ${formatPlural(missing, 'act')} before the last one acknowledged` : ''
}

const lostWords = {
  missing: 'is missing, although work was kept in this folder',
  empty: 'is empty, although work was kept in this folder',
  less: 'holds less than it held: its end is missing (a deleted or emptied write-ahead log, or an older copy)',
  rows: 'holds less than its log says was done: rows were deleted from it by something else than Margin',
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
    next: `${putBack}${backup === null ? '.' : `, or restore the newest good backup${reachWords(folder, backup)}: ${restoreWords(backup)}`}${goOn}`,
  }
}

const lossWords: Readonly<Record<Loss, string>> = {
  'database-gone': 'workspace.sqlite was deleted or moved',
  'database-replaced': 'workspace.sqlite was replaced or written over, or rows were deleted from it',
  'database-cut': 'workspace.sqlite was cut short',
  'log-gone': 'its write-ahead log, workspace.sqlite-wal, was deleted or moved',
  'log-replaced': 'its write-ahead log, workspace.sqlite-wal, was replaced',
  'log-cut': 'its write-ahead log, workspace.sqlite-wal, was cut short or written over',
}

/** The refusal of a folder whose files were taken away from under the program. `saved` is the path of the copy made then. */
export async function lossRefusal(folder: string, loss: Loss, saved: string | null): Promise<Refusal> {
  const backup = saved === null ? await newestGoodBackup(folder).catch(() => null) : basename(saved)
  const older = 'What was open could not be copied any more: export the reading that is open.'
  const restore = backup === null ? 'There is no good backup in its folder backups.' : restoreWords(backup)
  return {
    code: 'workspace-failed',
    reason: `While the workspace ${folder} was open, ${lossWords[loss]}. Nothing more is saved in it.`,
    path: databasePath(folder),
    next:
      saved === null
        ? `${older} ${restore}`
        : `All that was acknowledged is in backups/${basename(saved)}. ${restore}`,
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

function whatIsLost(database: DatabaseSyncInstance, head: ChainHead | null): 'less' | 'rows' | null {
  if (!holdsHead(database, head)) return 'less'
  return holdsItsRows(database) ? null : 'rows'
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
      lost: whatIsLost(database, head),
    }))
    if (!found.isWhole) return { ok: false, refusal: await damagedRefusal(folder) }
    return found.lost === null ? accept(null) : { ok: false, refusal: await lostRefusal(folder, found.lost) }
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
  const made = backupPath(folder, name)
  const unfinished = join(backupsPath(folder), `unfinished-${process.pid}-${number}.sqlite`)
  try {
    await rm(unfinished, { force: true })
    await copy(unfinished)
    if (!checkCopy(unfinished))
      return refuse(
        'workspace-failed',
        `The backup ${name} came out damaged, or without rows that its log names.`,
        {
          path: made,
          next: 'Run margin audit verify. The backups made before were kept.',
        },
      )
    await toDisk(unfinished, false)
    if (process.platform !== 'win32') await chmod(unfinished, FILE_MODE)
    await rename(unfinished, made)
    await toDisk(backupsPath(folder), true)
    const acts = actsOf(made)
    for (const old of [name, ...names].slice(BACKUPS_KEPT)) {
      // What held more than the work holds now is the only copy of the difference.
      if (actsOf(backupPath(folder, old)) <= acts) await rm(backupPath(folder, old), { force: true })
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
    return isWhole(database, 'quick') && holdsItsRows(database)
  } finally {
    database.close()
  }
}

/** Acts in the audit log of a backup; 0 where it cannot be read. */
function actsOf(path: string): number {
  try {
    return lookInto(path, 0, actsIn)
  } catch {
    return 0
  }
}
