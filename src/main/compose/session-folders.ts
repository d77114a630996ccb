import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning } from '../workspace/folder-upkeep'

/** What a program lays down for one session (uploads, the built-in case) stands under the number of its process. */
export const sessionPrefix = (pid: number): string => `margin-session-${pid}-`
const SESSION = /^margin-session-(\d+)-[A-Za-z0-9]+$/

/** Takes away what killed programs of this user left in the temporary folder: pictures of patients among it. */
export async function sweepSessions(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = SESSION.exec(name)?.[1]
    if (pid === undefined || isRunning(Number(pid))) continue
    const path = join(folder, name)
    const found = await stat(path).catch(() => null)
    const isOurs = found !== null && (process.getuid === undefined || found.uid === process.getuid())
    if (isOurs) await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}
