import { sep } from 'node:path'
import { folderOf } from '../../core/subject/folder-of'
import { sourceKey, type Source } from './decode/job'
import { shownName } from './raw-path'

/** What has a place on the disk, and a path by which it is shown. */
interface Placed {
  readonly source: Source
  readonly summary: { readonly path: string }
}

const segments = (folder: string): readonly string[] => folder.split(/[/\\]+/).filter((name) => name !== '')
const tailOf = (folder: string, count: number): string => segments(folder).slice(-count).join(sep)

/** The last names of a folder that no other one ends with. */
function shortestOwn(folder: string, others: readonly string[]): string {
  for (let count = 1; count <= segments(folder).length; count += 1) {
    const tail = tailOf(folder, count)
    if (others.every((other) => tailOf(other, count) !== tail)) return tail
  }
  return folder
}

/**
 * By folder, how it is shown: as its first file is, unless another folder is shown alike (opened folders of one name, files
 * opened one by one): then by as much of the way to it as tells them apart. No two folders are shown as one: what lies in
 * one folder may be taken for one patient's.
 */
function folderNames(shownByFolder: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const shown = [...shownByFolder.values()]
  const taken = new Set(shown)
  for (const [folder, as] of shownByFolder) {
    const isAlone = shown.indexOf(as) === shown.lastIndexOf(as)
    const others = [...shownByFolder.keys()].filter((other) => other !== folder)
    const own = isAlone ? as : shortestOwn(folder, others)
    names.set(folder, shownName(!isAlone && taken.has(own) ? folder : own))
  }
  return names
}

/** The same things with paths that differ in their folder where they lie in different ones. */
export function toldApart<T extends Placed>(things: readonly T[]): readonly T[] {
  const shown = new Map<string, string>()
  for (const { source, summary } of things) {
    const folder = folderOf(sourceKey(source))
    if (!shown.has(folder)) shown.set(folder, folderOf(summary.path))
  }
  const names = folderNames(shown)
  return things.map((one) => {
    const name = names.get(folderOf(sourceKey(one.source))) ?? ''
    const at = folderOf(one.summary.path)
    if (name === at) return one
    const file = one.summary.path.slice(at === '' ? 0 : at.length + 1)
    return { ...one, summary: { ...one.summary, path: `${name}${sep}${file}` } }
  })
}
