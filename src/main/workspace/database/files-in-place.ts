import { closeSync, openSync, statSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { EMPTY_LOG, type LogEnd, readLogHeader, verifyFrames } from './log-frames'

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
  /** Another number when another connection has written to the database (PRAGMA data_version). */
  readonly writtenByOthers: () => number
}

/** `before` and `after` a write of our own; `idle`: while nothing is written. */
export type LookTime = 'before' | 'after' | 'idle'

/** Of a log that is verified whole: what is read and reckoned in some ten milliseconds. Of a longer one, what is new. */
const MOST_VERIFIED_BYTES = 32 * 2 ** 20
/** Writes of our own after which all of the log is verified again, if there was no time before. */
const MOST_UNVERIFIED_WRITES = 32
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
  #log: BigIntStats | null
  #logEnd: LogEnd = EMPTY_LOG
  /** Writes of our own since all of the log was verified: one of them may hide what another program wrote beside it. */
  #sinceVerified = 1
  #version: number

  /** Made when the database has just been opened and read once, so that the log is there. */
  constructor(files: OpenFiles) {
    this.#files = files
    this.#logPath = `${files.databasePath}-wal`
    this.#database = placeOf(files.databasePath)
    this.#log = placeOf(this.#logPath)
    this.#version = files.writtenByOthers()
  }

  /** The next look asks the database itself, whatever its files look like. */
  doubt(): void {
    this.#version = Number.NaN
  }

  /** What has happened to the files; null: they are in place, and hold what was written. */
  look(time: LookTime): Loss | null {
    const database = placeOf(this.#files.databasePath)
    const seen = this.#database
    if (database === null) return 'database-gone'
    if (seen === null || !isSame(seen, database)) return 'database-replaced'
    // It only grows: nothing is ever deleted in it.
    if (database.size < seen.size) return 'database-cut'
    const ofLog = this.#lookAtLog(time)
    if (ofLog !== null) return ofLog
    const isTouched = database.mtimeNs !== seen.mtimeNs || database.size !== seen.size
    const version = isTouched ? null : this.#files.writtenByOthers()
    // By a checkpoint, ours or another process's, by another Margin, or by something that wrote over it or deleted rows.
    if ((isTouched || version !== this.#version) && !this.#files.holdsWhatWasWritten())
      return 'database-replaced'
    this.#database = database
    this.#version = version ?? this.#files.writtenByOthers()
    return null
  }

  #lookAtLog(time: LookTime): Loss | null {
    const log = placeOf(this.#logPath)
    const seen = this.#log
    if (log === null) return 'log-gone'
    if (seen === null || !isSame(seen, log)) return 'log-replaced'
    const isTouched = log.mtimeNs !== seen.mtimeNs || log.size !== seen.size
    // What we wrote ourselves is verified as far as it is new, and whole when there is time.
    const isOurs = time === 'after' || !isTouched
    const isDue = this.#sinceVerified >= (time === 'idle' ? 1 : MOST_UNVERIFIED_WRITES)
    const fromStart = !isOurs || isDue
    for (let look = 1; look <= LOOKS; look += 1) {
      const end = this.#endOfLog(fromStart)
      if (end === null) continue
      this.#logEnd = end
      this.#log = log
      this.#sinceVerified = fromStart ? 0 : this.#sinceVerified + (isTouched ? 1 : 0)
      return null
    }
    return 'log-cut'
  }

  /** null: the log is shorter than its index says, or holds frames that are not those that were written. */
  #endOfLog(fromStart: boolean): LogEnd | null {
    const frames = this.#files.framesInLog()
    if (frames <= 0) return EMPTY_LOG
    const descriptor = openSync(this.#logPath, 'r')
    try {
      const header = readLogHeader(descriptor)
      if (header === null) return null
      const isSameLog = this.#logEnd.salt === header.salt && this.#logEnd.frames <= frames
      const isLong = frames * header.frameBytes > MOST_VERIFIED_BYTES
      const from = isSameLog && (isLong || !fromStart) ? this.#logEnd : header.start
      return verifyFrames(descriptor, header, from, frames)
    } finally {
      closeSync(descriptor)
    }
  }
}
