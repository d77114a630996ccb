import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What raters drew is nobody else's on this computer. */
export const FOLDER_MODE = 0o700
export const FILE_MODE = 0o600

const OWN_FILE = /^workspace\.(?:sqlite(?:-wal|-shm|-journal)?|head)$/
const OWN_FOLDERS = ['backups', 'exports', 'recent', 'runs']
const UNFINISHED_NAME = /^unfinished-(\d+)-\d+\.sqlite(?:-\w+)?$/
/** An unfinished copy this old belongs to no process, whatever runs now under the number in its name. */
const UNFINISHED_MS = 3_600_000

/**
 * Closes to others what an earlier version, or a copy, left open to them: Margin's own files and folders, and the folder
 * that holds them where nothing else is in it. Windows has rights of another kind.
 */
export async function keepPrivate(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const held = await readdir(folder)
  const isOwn = (name: string): boolean => OWN_FILE.test(name) || OWN_FOLDERS.includes(name)
  if (held.every(isOwn)) await close(folder, FOLDER_MODE)
  for (const name of held.filter((one) => OWN_FILE.test(one))) await close(join(folder, name), FILE_MODE)
  for (const name of OWN_FOLDERS) await close(join(folder, name), FOLDER_MODE)
  const backups = join(folder, 'backups')
  for (const name of await readdir(backups)) await close(join(backups, name), FILE_MODE)
}

/** Takes rights away and never gives any; what another owns stays as its owner made it. */
async function close(path: string, mode: number): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found === null || (found.mode & 0o777 & ~mode) === 0 || found.uid !== process.getuid?.()) return
  await chmod(path, found.mode & mode)
}

/** Takes away copies that a killed process did not finish; one that is being made, here or elsewhere, is left alone. */
export async function sweepUnfinished(backups: string, nowMs: number): Promise<void> {
  for (const name of await readdir(backups)) {
    const pid = UNFINISHED_NAME.exec(name)?.[1]
    if (pid === undefined) continue
    const path = join(backups, name)
    const made = await stat(path).catch(() => null)
    const isOld = made !== null && nowMs - made.mtimeMs > UNFINISHED_MS
    if (isOld || !isRunning(Number(pid))) await rm(path, { force: true })
  }
}

/** Whether a process of this number runs now, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
