import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ModelVersion, accept, refuse } from '../../contract'
import type { Result } from '../../contract'

/** What is known of packages that were made here. The packages lie in one folder, each with `<id>.json` beside it. */
export interface Versions {
  /** Where the packages lie. */
  readonly directory: string
  readonly list: () => Promise<readonly ModelVersion[]>
  readonly of: (modelId: string) => Promise<Result<ModelVersion>>
  readonly keep: (version: ModelVersion) => Promise<void>
  readonly remove: (modelId: string) => Promise<void>
}

const NAME = /^([a-z0-9-]+)\.json$/

/** `write`: puts a file down whole or not at all. */
export function createVersions(
  directory: string,
  write: (path: string, content: string) => Promise<void>,
): Versions {
  const read = async (modelId: string): Promise<ModelVersion | null> => {
    try {
      const kept = ModelVersion.safeParse(
        JSON.parse(await readFile(join(directory, `${modelId}.json`), 'utf8')),
      )
      return kept.success && kept.data.model.id === modelId ? kept.data : null
    } catch {
      return null
    }
  }
  return {
    directory,
    list: async () => {
      const names = (await readdir(directory).catch(() => [])).sort()
      const ids = names.flatMap((name) => NAME.exec(name)?.[1] ?? [])
      const found = await Promise.all(ids.map(read))
      return found.filter((one) => one !== null)
    },
    of: async (modelId) => {
      const found = /^[a-z0-9-]+$/.test(modelId) ? await read(modelId) : null
      return found === null
        ? refuse('not-found', `There is no model "${modelId}" that was made here.`, {
            next: 'margin models lists them.',
          })
        : accept(found)
    },
    keep: (version) =>
      write(join(directory, `${version.model.id}.json`), `${JSON.stringify(version, null, 2)}\n`),
    remove: async (modelId) => {
      await rm(join(directory, `${modelId}.json`), { force: true })
      await rm(join(directory, modelId), { recursive: true, force: true })
    },
  }
}
