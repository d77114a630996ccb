/** Which files may be read: those below the opened roots, after every link was followed. */
import { realpath } from 'node:fs/promises'
import { basename, isAbsolute, relative, sep } from 'node:path'
import { refuse } from '../../contract'
import type { Result } from '../../contract'

/** The path with all links followed, or a refusal when it leads nowhere. */
export async function realPath(path: string): Promise<Result<string>> {
  try {
    return { ok: true, value: await realpath(path) }
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
  const way = relative(root, path)
  if (way === '') return basename(path)
  return roots.length > 1 ? `${basename(root)}${sep}${way}` : way
}
