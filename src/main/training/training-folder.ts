import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import { FILE_MODE, FOLDER_MODE } from '../workspace/folder-upkeep'

/** Where training lays things down: in the workspace where that is a folder, else beside the user's own. */
export interface TrainingFolder {
  readonly sets: string
  readonly jobs: string
  /** Packages that were made here, with a record beside each. */
  readonly models: string
}

/** `location`: of the workspace; `ownData`: the folder that stands in for one that is an address. */
export function trainingFolder(location: string, ownData: string): TrainingFolder {
  const isAddress = /^postgres(?:ql)?:\/\//i.test(location)
  const root = join(isAddress ? ownData : resolve(location), 'training')
  return { sets: join(root, 'sets'), jobs: join(root, 'jobs'), models: join(root, 'models') }
}

let written = 0

/** Whole or not at all: written beside, synced and renamed. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
  written += 1
  const beside = `${path}.${process.pid}-${written}.unfinished`
  try {
    const file = await open(beside, 'w', FILE_MODE)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

/** What a file holds; null where it is not there or was not written by this program. */
export async function readKept<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S> | null> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** Names in a folder, in order; none where it is not there. */
export const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).sort()
