import { readFile, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { InstalledModel, Result } from '../../contract'
import type { ModelService } from '../services'
import { readPackage } from './package'
import type { ModelPackage } from './package'

export interface ModelsOptions {
  /** Each folder in it is a package. */
  readonly modelsDir: string
  /** Runs a package: graph inputs and outputs against the manifest, and its golden run on the CPU. */
  readonly verify: (model: ModelPackage) => Promise<Result<null>>
}

/** The packages of a folder, each checked once, on first use; one that fails is listed with its refusal. */
export function createModels(options: ModelsOptions): ModelService {
  let installed: Promise<readonly InstalledModel[]> | null = null
  return { list: () => (installed ??= listPackages(options)) }
}

async function listPackages({ modelsDir, verify }: ModelsOptions): Promise<InstalledModel[]> {
  const models: InstalledModel[] = []
  for (const directory of await packageFolders(modelsDir)) models.push(await examine(directory, verify))
  return models
}

async function packageFolders(modelsDir: string): Promise<string[]> {
  try {
    const entries = await readdir(modelsDir, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => join(modelsDir, entry.name))
      .sort()
  } catch {
    // No folder is no packages: the program says that none is installed.
    return []
  }
}

async function examine(directory: string, verify: ModelsOptions['verify']): Promise<InstalledModel> {
  const read = await readPackage(directory)
  const checked = read.package.ok ? await verify(read.package.value) : read.package
  return {
    id: read.manifest?.id ?? basename(directory),
    path: directory,
    manifest: read.manifest,
    card: await cardOf(directory),
    refusal: checked.ok ? null : checked.refusal,
  }
}

async function cardOf(directory: string): Promise<string> {
  try {
    return await readFile(join(directory, 'card.md'), 'utf8')
  } catch {
    return ''
  }
}
