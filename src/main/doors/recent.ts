import { dirname } from 'node:path'
import { app } from 'electron'
import { z } from 'zod'
import { keptAs } from './kept'

/** What was opened last, newest first: the menu's list, and where the dialog of folders starts. */

const Recent = z.strictObject({ paths: z.array(z.string()), folder: z.string().nullable() })
const file = keptAs('recent.json', Recent, { paths: [], folder: null })

/** As many as a menu shows without scrolling. */
const MAX_RECENT = 10

export const recentPaths = (): readonly string[] => file.read().paths

export function noteRecent(path: string): void {
  const { paths, folder } = file.read()
  file.write({ paths: [path, ...paths.filter((each) => each !== path)].slice(0, MAX_RECENT), folder })
  // The system's own list, where it has one: the dock, the task bar.
  app.addRecentDocument(path)
}

export function clearRecent(): void {
  file.write({ ...file.read(), paths: [] })
  app.clearRecentDocuments()
}

/** Where the dialog of folders was last: studies lie beside each other. */
export const lastFolder = (): string | null => file.read().folder

export function noteFolder(picked: string): void {
  file.write({ ...file.read(), folder: dirname(picked) })
}
