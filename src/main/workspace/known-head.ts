import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ChainHead } from '../../core/annotation/audit-chain'

/**
 * Where the audit log stood after the last write, in a file of its own beside the database. A write-ahead log that was
 * deleted, or a database that was put back by something else than a person who knows, has less in it than this says.
 * Written after the database has taken the act, so that it is behind at worst and never ahead; a file that is missing
 * or torn says nothing.
 */
export const headPath = (folder: string): string => join(folder, 'workspace.head')

/** All lines have one length, so that one write replaces the one before it. */
const NUMBER_DIGITS = 16
const LINE = /^(\d{16}) ([0-9a-f]{64})\n$/
const OWNER_ONLY = 0o600

/** null: there is none, or it was torn by a loss of power. */
export function readHead(folder: string): ChainHead | null {
  const path = headPath(folder)
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true
  const [, number, hash] = isFile ? (LINE.exec(readFileSync(path, 'latin1')) ?? []) : []
  return number === undefined || hash === undefined ? null : { number: Number(number), hash }
}

export interface HeadFile {
  readonly write: (head: ChainHead) => void
  readonly close: () => void
}

/** Opens the file for writing, made where it is missing. A disk that takes no more leaves it behind: the work is kept. */
export function openHead(folder: string): HeadFile {
  let descriptor: number | null = null
  return {
    write: ({ number, hash }) => {
      try {
        descriptor ??= openSync(headPath(folder), existsSync(headPath(folder)) ? 'r+' : 'w', OWNER_ONLY)
        writeSync(descriptor, `${String(number).padStart(NUMBER_DIGITS, '0')} ${hash}\n`, 0, 'latin1')
      } catch {
        // The act itself is on disk and acknowledged; a head that is behind refuses nothing.
      }
    },
    close: () => {
      if (descriptor !== null) closeSync(descriptor)
      descriptor = null
    },
  }
}
