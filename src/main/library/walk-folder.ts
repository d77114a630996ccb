/** The files below some paths. Links are followed inside the roots only, every folder is entered once, nothing is dropped silently. */
import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Refusal } from '../../contract'
import { escapedName, pathOfBytes, shownName, systemPath } from './raw-path'
import { displayPath, isInside, realPath, rootOf } from './roots'

export interface FoundFile {
  /** With all links followed. */
  readonly file: string
  /** How it is named to the user. */
  readonly path: string
}

export interface Walk {
  readonly files: readonly FoundFile[]
  readonly refused: readonly Refusal[]
}

/** Folders in which a computer keeps its own notes about other files. */
const SKIPPED_FOLDERS = new Set(['__MACOSX'])
/** Deeper than any archive tree; a path longer than the system's limit fails earlier. */
const DEEPEST_FOLDER = 64

interface State {
  readonly roots: readonly string[]
  readonly files: Map<string, FoundFile>
  readonly refused: Refusal[]
  readonly entered: Set<string>
  readonly signal: AbortSignal
}

interface Named {
  readonly name: string
  /** As people read it; no two of one folder are the same. */
  readonly shown: string
  readonly isFile: boolean
}

/** What a folder holds, in the order of names; null where it cannot be read. */
async function entriesOf(folder: string): Promise<readonly Named[] | null> {
  let entries: readonly Dirent<Buffer>[]
  try {
    entries = await readdir(systemPath(folder), { withFileTypes: true, encoding: 'buffer' })
  } catch {
    return null
  }
  const named = entries.map((entry) => ({ name: pathOfBytes(entry.name), isFile: entry.isFile() }))
  const names = new Set(named.map(({ name }) => name))
  const shownOf = (name: string): string => {
    const shown = shownName(name)
    return shown !== name && names.has(shown) ? escapedName(name) : shown
  }
  return named
    .map(({ name, isFile }) => ({ name, isFile, shown: shownOf(name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function enter(state: State, folder: string, shown: string, depth: number): Promise<void> {
  if (state.entered.has(folder) || state.signal.aborted) return
  state.entered.add(folder)
  if (depth > DEEPEST_FOLDER) {
    state.refused.push({
      code: 'limit-reached',
      reason: `Folders nested more than ${DEEPEST_FOLDER} deep are not entered.`,
      path: shown,
    })
    return
  }
  const entries = await entriesOf(folder)
  if (entries === null) {
    state.refused.push({
      code: 'file-unreadable',
      reason: 'The folder cannot be read.',
      path: shown,
      next: 'Check its permissions.',
    })
    return
  }
  for (const entry of entries) {
    const path = join(folder, entry.name)
    const named = shown === '' ? entry.shown : join(shown, entry.shown)
    // An ordinary file in a folder whose links were followed needs no second look.
    if (entry.isFile) keep(state, path, named)
    else if (!SKIPPED_FOLDERS.has(entry.name)) await visit(state, path, named, depth + 1)
  }
}

function keep(state: State, file: string, path: string): void {
  if (!state.files.has(file)) state.files.set(file, { file, path })
}

/** One path: a file is kept, a folder entered, anything else refused by name. */
async function visit(state: State, path: string, shown: string, depth: number): Promise<void> {
  if (state.signal.aborted) return
  const real = await realPath(path)
  if (!real.ok) {
    state.refused.push({ ...real.refusal, path: shown })
    return
  }
  if (!state.roots.some((root) => isInside(root, real.value))) {
    state.refused.push({
      code: 'path-outside-roots',
      reason: 'A link leads out of the opened folder; it was not followed.',
      path: shown,
    })
    return
  }
  try {
    const found = await stat(systemPath(real.value))
    if (found.isDirectory()) await enter(state, real.value, shown, depth)
    else if (found.isFile()) keep(state, real.value, shown)
    else
      state.refused.push({
        code: 'file-unreadable',
        reason: 'It is a device, a pipe or a socket, not a file.',
        path: shown,
      })
  } catch {
    state.refused.push({ code: 'file-unreadable', reason: 'It cannot be looked at.', path: shown })
  }
}

/** Every ordinary file below `paths`, in the order of names. Paths lie in `roots` (both with links followed); others are passed over. */
export async function walkFiles(
  roots: readonly string[],
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Walk> {
  const state: State = { roots, files: new Map(), refused: [], entered: new Set(), signal }
  for (const path of paths) {
    const root = rootOf(roots, path)
    if (root === null) continue
    const shown =
      path === root && !(await isFile(path))
        ? roots.length > 1
          ? displayPath(roots, root, join(path, '.'))
          : ''
        : displayPath(roots, root, path)
    await visit(state, path, shown, 0)
  }
  return { files: [...state.files.values()], refused: state.refused }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(systemPath(path))).isFile()
  } catch {
    return false
  }
}
