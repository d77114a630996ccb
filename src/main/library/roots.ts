/** Which files may be read: those below the opened roots, after every link was followed. */
import { readdir, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { refuse } from '../../contract'
import type { Result } from '../../contract'
import { pathOfBytes, shownName, systemPath } from './raw-path'

/** Stands for bytes that are no text where the system gives paths as text: in arguments of a command. */
const REPLACED = '\ufffd'

/** The path that was meant by one with replaced bytes: the only one of its folder that reads so. */
async function meantPath(path: string): Promise<string> {
  if (!path.includes(REPLACED) || dirname(path) === path) return path
  const folder = await meantPath(dirname(path))
  const name = basename(path)
  if (!name.includes(REPLACED)) return join(folder, name)
  try {
    const names = await readdir(systemPath(folder), { encoding: 'buffer' })
    const [meant, ...others] = names.filter((bytes) => bytes.toString('utf8') === name)
    return join(folder, meant === undefined || others.length > 0 ? name : pathOfBytes(meant))
  } catch {
    return join(folder, name)
  }
}

/** The path with all links followed, or a refusal when it leads nowhere. */
export async function realPath(path: string): Promise<Result<string>> {
  try {
    const meant = await meantPath(path)
    return { ok: true, value: pathOfBytes(await realpath(systemPath(meant), { encoding: 'buffer' })) }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const reason = isMissing
      ? 'There is no such file or folder, or a link that leads nowhere.'
      : 'The path cannot be followed.'
    return refuse(isMissing ? 'not-found' : 'file-unreadable', reason, { path, next: 'Check the path.' })
  }
}

/** True when `path` is `root` or lies below it; both with links followed. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && !isAbsolute(way))
}

/** The root that a path lies in, or null. */
export const rootOf = (roots: readonly string[], path: string): string | null =>
  roots.find((root) => isInside(root, path)) ?? null

/** How a file is named to the user: relative to its root, with the root's own name before it where several are open. */
export function displayPath(roots: readonly string[], root: string, path: string): string {
  const way = shownName(relative(root, path))
  if (way === '') return shownName(basename(path))
  return roots.length > 1 ? `${shownName(basename(root))}${sep}${way}` : way
}
