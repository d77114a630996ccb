import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { InstalledModel, ModelVersion, Result } from '../../contract'
import { inOrder } from './model-order'
import type { ModelService } from './model-service'
import { readPackage } from './package'
import { readOrdinaryFile } from './package-file'
import type { ModelPackage } from './package'
import { shippedSha256 } from './shipped-packages'
import type { Versions } from './versions'

export interface ModelsOptions {
  /** Each folder in it is a package. */
  readonly modelsDir: string
  /** Packages that were made here; not given: none. */
  readonly versions?: Versions
  /**
   * Runs a package: graph inputs and outputs against the manifest, and its golden run on the CPU. Refused with
   * `model-refused` where it is the package that fails, with another code where it could not be run.
   */
  readonly verify: (model: ModelPackage) => Promise<Result<null>>
}

/** A package as it was found, and the state of its files then. */
interface Examined {
  readonly state: string
  readonly model: InstalledModel
}

/**
 * The packages that the folder holds when they are asked for; each is checked once, and again when one of its files
 * changed. One that fails is listed with its refusal, in the order of preference. What was made here is experimental: who
 * was promoted is the log's to say, not a file's.
 */
export function createModels(options: ModelsOptions): ModelService {
  let known: ReadonlyMap<string, Examined> = new Map()
  let last: Promise<unknown> = Promise.resolve()
  const list = async (): Promise<readonly InstalledModel[]> => {
    const versions = (await options.versions?.list()) ?? []
    known = await examineFolders(options, known)
    return inOrder([...known.values()].map(({ model }) => withStanding(model, options.versions, versions)))
  }
  return {
    // One after another: who asks while packages are checked waits for that check and repeats none of it.
    list: () => {
      const listed = last.then(list)
      last = listed.catch(() => undefined)
      return listed
    },
    check: async (directory) => {
      const read = (await readPackage(directory)).package
      const run = read.ok ? await options.verify(read.value) : read
      return run.ok ? read : run
    },
  }
}

function withStanding(
  model: InstalledModel,
  made: Versions | undefined,
  versions: readonly ModelVersion[],
): InstalledModel {
  if (made === undefined || dirname(model.path) !== made.directory) return model
  // What comes with the program is known by its manifest, wherever it lies.
  if (shippedSha256(model.id) !== null) return model
  const version = versions.find((one) => one.model.id === model.id)
  return {
    ...model,
    standing: {
      parentId: version?.parent?.id ?? model.manifest?.parent ?? null,
      experimental: true,
      promotedAt: null,
      doubt: null,
    },
  }
}

async function examineFolders(
  { modelsDir, versions, verify }: ModelsOptions,
  known: ReadonlyMap<string, Examined>,
): Promise<ReadonlyMap<string, Examined>> {
  const found = new Map<string, Examined>()
  const made = versions === undefined ? [] : await packageFolders(versions.directory)
  for (const directory of [...(await packageFolders(modelsDir)), ...made]) {
    const state = await stateOf(directory)
    const before = known.get(directory)
    found.set(
      directory,
      before?.state === state && isSettled(before.model)
        ? before
        : { state, model: await examine(directory, verify) },
    )
  }
  return found
}

/** A check that could not be made says nothing of the package: it is made again when the packages are asked for. */
const isSettled = ({ refusal }: InstalledModel): boolean =>
  refusal === null || refusal.code === 'model-refused'

/** Names, sizes and times of the files: what changes when a package is put in another's place. */
async function stateOf(directory: string): Promise<string> {
  try {
    const names = (await readdir(directory)).sort()
    const files = names.map(async (name) => {
      const { size, mtimeMs, ino } = await stat(join(directory, name))
      return [name, size, mtimeMs, ino].join(' ')
    })
    return (await Promise.all(files)).join('\n')
  } catch {
    return ''
  }
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
    sizeBytes: await sizeOf(directory),
    sha256: read.package.ok ? read.package.value.sha256 : null,
    refusal: checked.ok ? null : checked.refusal,
    standing: null,
  }
}

/** A card is a page of words. */
const MAX_CARD_BYTES = 2 ** 20

async function cardOf(directory: string): Promise<string> {
  try {
    return (await readOrdinaryFile(join(directory, 'card.md'), MAX_CARD_BYTES)).toString('utf8')
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
