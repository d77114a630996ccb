import { closeSync, fsyncSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
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
let passing = 0

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
  passing += 1
  const path = join(folder, `${process.pid}-${passing}.part`)
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
