import { mkdir, readFile, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { z } from 'zod'
import { FILE_MODE, FOLDER_MODE } from '../workspace/folder-upkeep'
import { writeWholeFile } from '../workspace/whole-file'

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

/** `writeWholeFile`, for nobody else on this computer, in a folder that is made where it is missing. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
  await writeWholeFile(path, content, { mode: FILE_MODE })
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
