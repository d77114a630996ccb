import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'

/**
 * Whether the files of an open SQLite database are still those that its connection writes to. A connection goes on
 * without a word in a file that was deleted, replaced or cut: what it acknowledges then is lost at the next start.
 * Nothing but `stat` and the write-ahead log is looked at here: to open the database itself, or its `-shm`, beside SQLite
 * and close it again would drop SQLite's own locks (sqlite.org/howtocorrupt.html, 2.2).
 */

export type Loss =
  'database-gone' | 'database-replaced' | 'database-cut' | 'log-gone' | 'log-replaced' | 'log-cut'

export interface OpenFiles {
  readonly databasePath: string
  /** Frames of the write-ahead log that are in use, as its index says. */
  readonly framesInLog: () => number
  /** Whether a fresh look at the database, past every cache, finds what was last written. */
  readonly holdsWhatWasWritten: () => boolean
}

/** Sizes and places of the file format, sqlite.org/fileformat2.html 4.1 and 4.2. */
const LOG_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
const LOG_MAGIC = [0x377f0682, 0x377f0683]
/** Another process may empty or begin the log anew between two looks at it; it does not do so three times. */
const LOOKS = 3

const placeOf = (path: string): BigIntStats | null =>
  statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null

const isSame = (one: BigIntStats, other: BigIntStats): boolean =>
  one.ino === other.ino && one.dev === other.dev

export class FilesInPlace {
  readonly #files: OpenFiles
  readonly #logPath: string
  #database: BigIntStats | null
  readonly #log: BigIntStats | null
  #logEnd = { salt: '', frames: 0 }

  /** Made when the database has just been opened and read once, so that the log is there. */
  constructor(files: OpenFiles) {
    this.#files = files
    this.#logPath = `${files.databasePath}-wal`
    this.#database = placeOf(files.databasePath)
    this.#log = placeOf(this.#logPath)
  }

  /** What has happened to the files; null: they are in place, and hold what was written. */
  look(): Loss | null {
    const database = placeOf(this.#files.databasePath)
    const seen = this.#database
    if (database === null) return 'database-gone'
    if (seen === null || !isSame(seen, database)) return 'database-replaced'
    // It only grows: nothing is ever deleted in it.
    if (database.size < seen.size) return 'database-cut'
    const ofLog = this.#lookAtLog()
    if (ofLog !== null) return ofLog
    const isTouched = database.mtimeNs !== seen.mtimeNs || database.size !== seen.size
    // By a checkpoint, ours or another process's, or by something that wrote over it.
    if (isTouched && !this.#files.holdsWhatWasWritten()) return 'database-replaced'
    this.#database = database
    return null
  }

  #lookAtLog(): Loss | null {
    const log = placeOf(this.#logPath)
    if (log === null) return 'log-gone'
    if (this.#log === null || !isSame(this.#log, log)) return 'log-replaced'
    for (let look = 1; look <= LOOKS; look += 1) {
      const end = this.#endOfLog()
      if (end === null) continue
      this.#logEnd = end
      return null
    }
    return 'log-cut'
  }

  /** null: the log is shorter than its index says, or frames that stand in it are not of its generation. */
  #endOfLog(): { readonly salt: string; readonly frames: number } | null {
    const frames = this.#files.framesInLog()
    if (frames <= 0) return { salt: '', frames: 0 }
    const descriptor = openSync(this.#logPath, 'r')
    try {
      const header = bytesAt(descriptor, 0, LOG_HEADER_BYTES)
      if (header === null || !LOG_MAGIC.includes(header.readUInt32BE(0))) return null
      const salt = header.toString('hex', 16, 24)
      const frameBytes = FRAME_HEADER_BYTES + header.readUInt32BE(8)
      const isOfLog = (frame: number): boolean => {
        const at = LOG_HEADER_BYTES + (frame - 1) * frameBytes
        const held = bytesAt(descriptor, at, frameBytes)
        return held?.toString('hex', 8, 16) === salt
      }
      // What stood last at the look before: a log that was cut and written on has a hole there.
      const before = this.#logEnd.salt === salt ? this.#logEnd.frames : 0
      if (!isOfLog(frames) || (before > 0 && !isOfLog(before))) return null
      return { salt, frames }
    } finally {
      closeSync(descriptor)
    }
  }
}

/** null: the file ends before. */
function bytesAt(descriptor: number, at: number, count: number): Buffer | null {
  const bytes = Buffer.alloc(count)
  return readSync(descriptor, bytes, 0, count, at) === count ? bytes : null
}
