import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where every object lies that was received, by its UID: a UID and a number each, for there may be a million of them. */
export interface Here {
  /** Path of its file; null: none was received. */
  readonly pathOf: (sopInstanceUid: string) => string | null
  /** `series`: the folder in which it lies as `UID.dcm`. */
  readonly add: (series: string, sopInstanceUid: string) => void
}

const OBJECT = '.dcm'

/** What lies in `received` as `STUDY/SERIES/OBJECT.dcm`. */
export function whatIsHere(received: string): Here {
  const folders: string[] = []
  const numbers = new Map<string, number>()
  const objects = new Map<string, number>()
  const numberOf = (series: string): number => {
    const known = numbers.get(series)
    if (known !== undefined) return known
    numbers.set(series, folders.length)
    return folders.push(series) - 1
  }
  const add: Here['add'] = (series, sopInstanceUid) => {
    objects.set(ownCopy(sopInstanceUid), numberOf(series))
  }
  for (const study of foldersIn(received))
    for (const series of foldersIn(study))
      for (const name of readdirSync(series))
        if (name.endsWith(OBJECT)) add(series, name.slice(0, -OBJECT.length))
  return {
    add,
    pathOf: (sopInstanceUid) => {
      const series = folders[objects.get(sopInstanceUid) ?? -1]
      return series === undefined ? null : join(series, `${sopInstanceUid}${OBJECT}`)
    },
  }
}

/** A part of a text holds on to all of it. */
const ownCopy = (uid: string): string => Buffer.from(uid, 'latin1').toString('latin1')

const foldersIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
