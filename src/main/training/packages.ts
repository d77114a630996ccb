import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accept, refuse } from '../../contract'
import type { ImportedPackage, InstalledModel, ModelVersion, Rater, Result } from '../../contract'
import { ownerOnly } from '../accounts/owner-only'
import type { ExportedFile } from '../exchange/exported-file'
import { MOST_PACKAGE_BYTES, packPackage, unpackPackage } from '../exchange/package-zip'
import type { Unpacked } from '../exchange/package-zip'
import type { ModelPackage } from '../registry/package'
import { faultOfNames, filesOf, sha256Of, sumsOf, sumsText } from '../registry/package-files'
import { shippedSha256 } from '../registry/shipped-packages'
import { FILE_MODE, FOLDER_MODE, isRunning } from '../workspace/folder-upkeep'
import { createJobFiles, trainingOf } from './job-files'
import { namesIn } from './training-folder'
import type { TrainingOptions } from './training-options'

/** Model packages as files, out and in, by the owner of the workspace. */
export interface Packages {
  /** Refused: no such model, one that is refused, one whose checkpoint is not the manifest's. */
  readonly exportPackage: (rater: Rater, modelId: string) => Promise<Result<ExportedFile>>
  /** `archive`: the path of a ZIP file, or its bytes. What comes in is experimental. */
  readonly importPackage: (rater: Rater, archive: string | Uint8Array) => Promise<Result<ImportedPackage>>
}

export interface PackagesOptions extends Pick<
  TrainingOptions,
  'folder' | 'models' | 'versions' | 'store' | 'clock' | 'pid'
> {
  readonly writeWorkerPath: string | null
}

const STAGING = /^\.importing-(\d+)$/

export function createPackages(options: PackagesOptions): Packages {
  let last: Promise<unknown> = Promise.resolve()
  return {
    exportPackage: async (rater, modelId) => {
      const allowed = ownerOnly(rater, 'Handing a model on')
      return allowed.ok ? exportPackage(options, rater, modelId) : allowed
    },
    // One after another: two of the same name are told apart.
    importPackage: async (rater, archive) => {
      const allowed = ownerOnly(rater, 'Bringing a model in')
      if (!allowed.ok) return allowed
      const done = last.then(() => importPackage(options, rater, archive))
      last = done.catch(() => undefined)
      return done
    },
  }
}

async function exportPackage(
  { models, store, writeWorkerPath }: PackagesOptions,
  rater: Rater,
  modelId: string,
): Promise<Result<ExportedFile>> {
  const found = (await models.list()).find(({ id }) => id === modelId)
  if (found === undefined)
    return refuse('not-found', `There is no model "${modelId}".`, { next: 'margin models lists them.' })
  if (found.refusal !== null) return { ok: false, refusal: found.refusal }
  const { manifest, path } = found
  if (manifest === null) return refuse('model-refused', `${modelId} has no manifest.`)
  const fault = faultOfNames(manifest) || (await faultOfCheckpoint(found))
  if (fault !== '') return refuse('model-refused', `${modelId} cannot be handed on: ${fault}.`)
  const packed = await packPackage(path, manifest, writeWorkerPath)
  if (!packed.ok) return packed
  const about = { model: modelId, version: manifest.version, sha256: sha256Of(packed.value) }
  const noted = await store.audit({ raterId: rater.raterId, act: 'handed-out-model', about })
  return noted.ok ? accept({ name: `${modelId}-${manifest.version}.zip`, bytes: packed.value }) : noted
}

/** The program does not read a checkpoint: it is compared before it leaves. */
async function faultOfCheckpoint({
  manifest,
  path,
}: Pick<InstalledModel, 'manifest' | 'path'>): Promise<string> {
  const checkpoint = manifest?.checkpoint
  if (checkpoint === undefined) return ''
  try {
    const sums = await sumsOf(path, [checkpoint.file], MOST_PACKAGE_BYTES)
    return sums.get(checkpoint.file) === checkpoint.sha256
      ? ''
      : `${checkpoint.file} is not the file of the manifest`
  } catch {
    return `${checkpoint.file} is missing or cannot be read`
  }
}

async function importPackage(
  options: PackagesOptions,
  rater: Rater,
  archive: string | Uint8Array,
): Promise<Result<ImportedPackage>> {
  const { folder, pid, writeWorkerPath } = options
  await sweepStaging(folder.models, pid)
  const staging = join(folder.models, `.importing-${pid}`)
  try {
    await mkdir(staging, { recursive: true, mode: FOLDER_MODE })
    const file = await asFile(archive, join(staging, 'package.zip'))
    if (!file.ok) return file
    const unpacked = await unpackPackage(writeWorkerPath, { kind: 'unpack', file: file.value, into: staging })
    return unpacked.ok ? await install(options, rater, staging, unpacked.value) : unpacked
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** What a program that was killed while it brought one in left. */
async function sweepStaging(models: string, pid: number): Promise<void> {
  for (const name of await namesIn(models)) {
    const other = Number(STAGING.exec(name)?.[1] ?? 0)
    if (other === pid || (other > 0 && !isRunning(other)))
      await rm(join(models, name), { recursive: true, force: true })
  }
}

async function asFile(archive: string | Uint8Array, beside: string): Promise<Result<string>> {
  if (typeof archive !== 'string') {
    await writeFile(beside, archive, { mode: FILE_MODE })
    return accept(beside)
  }
  // Links are followed once, here: whoever names the file may name it by one.
  const real = await realpath(archive).catch(() => null)
  return real === null
    ? refuse('file-unreadable', `There is no file ${archive}.`, { next: 'Check the path.' })
    : accept(real)
}

async function install(
  options: PackagesOptions,
  rater: Rater,
  staging: string,
  { id, sums }: Unpacked,
): Promise<Result<ImportedPackage>> {
  const { models, store, versions, folder, clock } = options
  const made = join(staging, id)
  const checked = await models.check(made)
  if (!checked.ok) return checked
  const { manifest, sha256 } = checked.value
  const fault = faultOfNames(manifest) || faultOfSum(manifest.checkpoint?.sha256, sums)
  if (fault !== '') return refuse('model-refused', `${id} cannot be brought in: ${fault}.`)
  const model = { id, version: manifest.version, sha256 }
  const there = (await models.list()).find((one) => one.id === id)
  if (there !== undefined) return alreadyThere(there, checked.value, sums)
  const taken = await nameOfTraining(options, id)
  if (taken !== null) return taken
  const about = { model: id, version: manifest.version, sha256: sha256Of(Buffer.from(sumsText(sums))) }
  const noted = await store.audit({ raterId: rater.raterId, act: 'brought-in-model', about })
  if (!noted.ok) return noted
  const installedAt = new Date(clock()).toISOString()
  const from = { parent: null, setId: null, jobId: null, gate: null }
  const card = await readFile(join(made, 'card.md'), 'utf8')
  const version: ModelVersion = { model, ...from, card, experimental: true, installedAt, promotedAt: null }
  // One that comes with the program is known by its manifest and needs no record.
  const experimental = shippedSha256(id) === null
  // First what says of it where it comes from: a kill between the two leaves a record of nothing.
  if (experimental) await versions.keep(version)
  await rename(made, join(folder.models, id))
  return accept({ model, wasInstalled: false, experimental })
}

const faultOfSum = (told: string | undefined, sums: Unpacked['sums']): string =>
  sums.get('checkpoint.safetensors') === told ? '' : 'checkpoint.safetensors is not the file of the manifest'

/** The same bytes are the model that is here, with the standing that it has here; others are refused. */
async function alreadyThere(
  there: InstalledModel,
  { manifest, sha256 }: ModelPackage,
  sums: Unpacked['sums'],
): Promise<Result<ImportedPackage>> {
  const { id, version } = manifest
  const names = filesOf(manifest)
  const here = await sumsOf(there.path, names, MOST_PACKAGE_BYTES).catch(() => null)
  if (here === null || names.some((name) => here.get(name) !== sums.get(name)))
    return refuse('model-mismatch', `A model ${id} is installed, and the package holds other bytes.`, {
      next: 'Nothing was brought in. Bring it into another workspace, with --workspace.',
    })
  return accept({
    model: { id, version, sha256 },
    wasInstalled: true,
    experimental: there.standing?.experimental ?? false,
  })
}

/** `lidc-cflow-planar-t7` is what training 7 of this workspace calls its candidate, now or when it is done. */
async function nameOfTraining({ folder, pid }: PackagesOptions, id: string): Promise<Result<never> | null> {
  const number = trainingOf(id)
  const job = number === null ? null : await createJobFiles(folder.jobs, pid).read(`job-${number}`)
  return job?.ok === true
    ? refuse(
        'model-mismatch',
        `${id} is what training ${job.value.number} of this workspace calls its model.`,
        {
          next: 'Nothing was brought in. Bring it into another workspace, with --workspace.',
        },
      )
    : null
}
