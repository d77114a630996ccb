import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @param {readonly string[]} names
 * @returns {string | null} the first of these programs that is on PATH
 */
export function onPath(names) {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return paths.find((path) => existsSync(path)) ?? null
}
