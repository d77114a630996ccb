import { existsSync, statSync } from 'node:fs'
import { access, chmod, constants, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { accept, refuse } from '../../contract'
import type { Refusal, Result } from '../../contract'
import type { ChainHead } from '../../core/annotation/audit-chain'
import type { Loss } from './database/files-in-place'
import { FILE_MODE, FOLDER_MODE, keepPrivate, sweepUnfinished } from './folder-upkeep'
import { headPath, readHead } from './known-head'
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
  const names = (await readdir(backupsPath(folder))).filter(
    (name) => BACKUP_NAME.test(name) && isFile(backupPath(folder, name)) === true,
  )
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

/** How a backup is put in the place of the work, and what the work holds that it does not. */
function restoreWords(folder: string, backup: string): string {
  const how = `Close Margin, move workspace.sqlite, workspace.sqlite-wal, workspace.sqlite-shm and workspace.head out of the folder, copy backups/${backup} to workspace.sqlite and start again.`
  const [inBackup, here] = [actsOf(backupPath(folder, backup)), actsOf(databasePath(folder))]
  const known = Math.max(here, readHead(folder)?.number ?? 0)
  if (known <= inBackup) return how
  const kept = here > inBackup ? ' Keep the files that you move out: they hold what is left of them.' : ''
  return `${how} That backup ends at act ${inBackup} of ${known}: the last ${known - inBackup} are not in it.${kept}`
}

/** Whether a backup holds the last act that is known to have been acknowledged; false where none is known. */
function isAll(folder: string, backup: string): boolean {
  const head = readHead(folder)
  return head !== null && lookInto(backupPath(folder, backup), 0, (database) => holdsHead(database, head))
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
    next: `${putBack}${backup === null ? '.' : `, or restore the newest good backup${isAll(folder, backup) ? ', which holds all that was acknowledged' : ''}: ${restoreWords(folder, backup)}`}${goOn}`,
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
  const restore =
    backup === null ? 'There is no good backup in its folder backups.' : restoreWords(folder, backup)
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
      : restoreWords(folder, backup)
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

/** null: there is nothing of this name. */
function isFile(path: string): boolean | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? null
}

/** Refused: something else than a file where one of Margin's own belongs; a pipe would be waited for, for ever. */
function ownFilesAreFiles(folder: string): Result<null> {
  const own = ['', '-wal', '-shm', '-journal'].map((end) => `${databasePath(folder)}${end}`)
  const other = [...own, headPath(folder)].find((path) => isFile(path) === false)
  if (other === undefined) return accept(null)
  return refuse('workspace-failed', `${basename(other)} in the workspace ${folder} is no file.`, {
    path: other,
    next: 'Move it out of the folder (it is a folder, a pipe or a device), and put the file back that belongs there.',
  })
}

/** Looks at an existing database before anything writes to it. */
export async function checkBeforeOpening(folder: string, lockWaitMs: number): Promise<Result<null>> {
  const path = databasePath(folder)
  const files = ownFilesAreFiles(folder)
  if (!files.ok) return files
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
