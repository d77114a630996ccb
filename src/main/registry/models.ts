import { readFile, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { InstalledModel, Manifest, Result } from '../../contract'
import type { ModelService } from './model-service'
import { readPackage } from './package'
import type { ModelPackage } from './package'

export interface ModelsOptions {
  /** Each folder in it is a package. */
  readonly modelsDir: string
  /** Runs a package: graph inputs and outputs against the manifest, and its golden run on the CPU. */
  readonly verify: (model: ModelPackage) => Promise<Result<null>>
}

/**
 * The packages of a folder, each checked once, on first use; one that fails is listed with its refusal. The order is
 * that of preference: where no model is named, the first sound one for the picture is used (decision 0014).
 */
export function createModels(options: ModelsOptions): ModelService {
  let installed: Promise<readonly InstalledModel[]> | null = null
  return { list: () => (installed ??= listPackages(options)) }
}

async function listPackages({ modelsDir, verify }: ModelsOptions): Promise<InstalledModel[]> {
  const models: InstalledModel[] = []
  for (const directory of await packageFolders(modelsDir)) models.push(await examine(directory, verify))
  return models.sort((a, b) => preference(a) - preference(b))
}

/** The paper's model first, the one that knows nothing of its uncertainty last; of one kind in the order of names. */
const KINDS: readonly Manifest['kind'][] = ['cflow-planar', 'cflow-glow', 'probunet', 'unet']

const preference = ({ manifest }: InstalledModel): number =>
  manifest === null ? KINDS.length : KINDS.indexOf(manifest.kind)

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
    sizeBytes: await sizeOf(directory),
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

async function sizeOf(directory: string): Promise<number> {
  try {
    const names = await readdir(directory)
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size))
    return sizes.reduce((sum, size) => sum + size, 0)
  } catch {
    return 0
  }
}
