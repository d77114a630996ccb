import type { Refusal } from '../../../contract'

/** SQLite's own result codes (sqlite.org/rescode.html), the low byte of the extended ones. */
const BUSY = 5
const LOCKED = 6
const NO_MEMORY = 7
const READ_ONLY = 8
const IO_ERROR = 10
/** An extended code: a page, or a frame of the log, stands beyond the end of its file. */
const SHORT_READ = 522
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const TOO_BIG = 18
const NOT_A_DATABASE = 26

const words: Readonly<Record<number, (name: string) => readonly [reason: string, next: string]>> = {
  [BUSY]: (name) => [
    `Another program holds the workspace ${name} locked.`,
    'Close the other program (a second Margin may join, but not one that restores or vacuums), then try again.',
  ],
  [LOCKED]: (name) => [`The workspace ${name} is locked.`, 'Try again.'],
  [NO_MEMORY]: (name) => [
    `There was not enough memory to write to the workspace ${name}.`,
    'Close other programs, then try again.',
  ],
  [READ_ONLY]: (name) => [
    `The workspace ${name} cannot be written to: its folder or its file is read-only.`,
    'Give yourself the right to write to the folder, or name another one with --workspace.',
  ],
  [IO_ERROR]: (name) => [
    `The disk of the workspace ${name} could not be read or written.`,
    'Check the disk and its free space, then try again; export what is open before you close Margin.',
  ],
  [FULL]: (name) => [
    `The disk of the workspace ${name} is full.`,
    'Free some space on it, then try again; nothing that was acknowledged is lost.',
  ],
  [CANNOT_OPEN]: (name) => [
    `The database of the workspace ${name} cannot be opened.`,
    'Check that the folder is there and that you may read and write it.',
  ],
  [TOO_BIG]: (name) => [
    `An entry is too large for the workspace ${name}.`,
    'Draw it in several smaller gestures.',
  ],
}

/** The result code of an error of SQLite; null: it is none. */
function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null
}

/** Whether SQLite says that a file is damaged or shorter than its structure, or that it is no database at all. */
export function saysDamaged(error: unknown): boolean {
  if (error instanceof Error && 'errcode' in error && error.errcode === SHORT_READ) return true
  const code = resultCode(error)
  return code === CORRUPT || code === NOT_A_DATABASE
}

/** Whether another process holds the lock that was asked for; the transaction has changed nothing. */
export const saysBusy = (error: unknown): boolean => resultCode(error) === BUSY

/** What a failure of SQLite means for the person at the screen; null: not a failure of the disk, the file or a lock. */
export function sqliteRefusal(error: unknown, name: string, damaged: () => Refusal): Refusal | null {
  if (saysDamaged(error)) return damaged()
  const known = words[resultCode(error) ?? 0]?.(name)
  if (known === undefined) return null
  return { code: 'workspace-failed', reason: known[0], next: known[1] }
}
