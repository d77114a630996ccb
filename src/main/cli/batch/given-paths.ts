/** Files as whoever gave the paths would name them, so that a line with them can be run again. */
import { dirname, join, relative } from 'node:path'
import { isInside } from '../../library/roots'

/** A path as it was given, and where it leads. */
export interface GivenPath {
  readonly given: string
  readonly real: string
}

/** Null: it lies in none of them. */
export function namedBy(paths: readonly GivenPath[], file: string): string | null {
  const inside = paths.filter(({ real }) => isInside(real, file))
  const [nearest] = inside.toSorted((a, b) => b.real.length - a.real.length)
  if (nearest === undefined) return null
  const way = relative(nearest.real, file)
  return way === '' ? nearest.given : join(nearest.given, way)
}

/** The one file, or the folder that all of them lie in. */
export function placeOfFiles(files: readonly string[]): string | null {
  const [first, ...others] = files
  if (first === undefined || others.length === 0) return first ?? null
  let folder = dirname(first)
  while (!others.every((file) => isInside(folder, file)) && dirname(folder) !== folder)
    folder = dirname(folder)
  return folder
}
