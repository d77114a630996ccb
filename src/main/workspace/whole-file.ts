import { link, open, rename, rm, stat } from 'node:fs/promises'

export interface WholeFileOptions {
  /** Rights of the file; not given: what the system gives a new one. */
  readonly mode?: number
  /** Never over a file that is there: `EEXIST` then. */
  readonly isNew?: boolean
}

/** Disks that know no second name of a file (FAT, some network shares). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

let written = 0

/**
 * Puts a file down whole or not at all, whatever ends the program meanwhile: written beside under a name that says so,
 * synced, and only then given its own. Throws what the file system throws; nothing is left then.
 */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array,
  { mode, isNew = false }: WholeFileOptions = {},
): Promise<void> {
  written += 1
  const beside = `${path}.${process.pid}-${written}.unfinished`
  try {
    const file = await open(beside, 'w', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await (isNew ? nameAnew(beside, path) : rename(beside, path))
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

/** A second name is refused where there is one, in one step; where the disk has none, it is looked for first. */
async function nameAnew(beside: string, path: string): Promise<void> {
  try {
    await link(beside, path)
    await rm(beside)
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error))) throw error
    if ((await stat(path).catch(() => null)) !== null)
      throw Object.assign(new Error(`EEXIST: file already exists, ${path}`), { code: 'EEXIST' })
    await rename(beside, path)
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
