import { randomInt } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { FILE_MODE, isRunning } from '../../workspace/folder-upkeep'

/** An object on its way to the disk: under a passing name until it is whole and looked at. */
export interface Arrival {
  readonly write: (bytes: Uint8Array) => void
  /** All bytes are here. Throws where it is not what was asked for, or damaged; nothing of it stays. */
  readonly keep: () => void
  readonly drop: () => void
}

/** A file of two gibibytes cannot be looked at whole. */
const MOST_OBJECT_BYTES = 2 ** 31 - 1
const PASSING = /^(\d+)-\d+\.part$/
/** Threads of one process, and one that was ended before, never take the same name. */
const MOST_PASSING = 2 ** 47

/** Takes away what a killed program was writing; what one that runs is writing is left alone. `ownToo`: nobody else in this process writes there. */
export function sweepPassing(folder: string, ownToo = false): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(PASSING.exec(name)?.[1] ?? Number.NaN)
    const isLeft = pid === process.pid ? ownToo : !Number.isNaN(pid) && !isRunning(pid)
    if (isLeft) rmSync(join(folder, name), { force: true })
  }
}

export interface PassingFile {
  /** Given the synced and closed file: names it, or throws; what is left under the passing name then goes. */
  readonly keep: (path: string, bytes: number) => void
  /** What is thrown at an object that is larger than can be looked at. */
  readonly tooLarge: () => Error
}

/** Begins a file in `folder`, in the calling thread. */
export function beginPassing(folder: string, { keep, tooLarge }: PassingFile): Arrival {
  const path = join(folder, `${process.pid}-${randomInt(MOST_PASSING)}.part`)
  const file = openSync(path, 'wx', FILE_MODE)
  let bytes = 0
  let isOpen = true
  const close = (): void => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
  const drop = (): void => {
    close()
    rmSync(path, { force: true })
  }
  return {
    write: (chunk) => {
      bytes += chunk.byteLength
      if (bytes > MOST_OBJECT_BYTES) throw tooLarge()
      for (let at = 0; at < chunk.byteLength;) at += writeSync(file, chunk, at)
    },
    keep: () => {
      try {
        fsyncSync(file)
        close()
        keep(path, bytes)
      } finally {
        drop()
      }
    },
    drop,
  }
}

/** Gives a file its name, never over one that is there: false, and the file stays where it was. A disk that knows no second names renames. */
export function nameWhereNone(path: string, name: string): boolean {
  try {
    linkSync(path, name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    if (existsSync(name)) return false
    renameSync(path, name)
    return true
  }
  rmSync(path, { force: true })
  return true
}
