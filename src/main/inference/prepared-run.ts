import { isDeepStrictEqual } from 'node:util'
import { accept, refuse } from '../../contract'
import type { DeviceReport, InstalledModel, Manifest, Result, RunRequest, Warning } from '../../contract'
import { refuseBlack } from '../../core/image/almost-black'
import { readersOfRun } from '../../core/measures/readers-of-run'
import type { SliceReading } from '../../core/measures/readers-on-grid'
import type { NoiseSource } from '../../core/sampling/latent-draw'
import { drawsOneOutline } from '../../core/sampling/one-outline'
import type { LibraryService, ReadingService } from '../library/library-service'
import type { ModelService } from '../registry/model-service'
import { readPackage } from '../registry/package'
import type { ModelPackage } from '../registry/package'
import type { Inference } from './process/host'
import type { SampleJob } from './process/remote-engine'
import { chooseModel, findTarget, prepareInput } from './run-target'
import type { FieldOfViewOf, FoundTarget, PreparedInput } from './run-target'
import { commandOf } from './run-record'
import { scopeWarnings, standingWarnings } from './scope-warnings'

export interface RunsOptions {
  readonly library: LibraryService
  readonly readings: ReadingService & { readonly fieldOfViewOf: FieldOfViewOf }
  readonly models: ModelService
  readonly inference: Inference
  /** Version of the program. */
  readonly version: string
  readonly nowMs: () => number
}

/** All that a run needs, before the first sample is drawn. */
export interface PreparedRun extends PreparedInput {
  readonly request: RunRequest
  readonly target: FoundTarget
  readonly job: SampleJob
  readonly manifest: Manifest
  readonly readers: readonly SliceReading[]
  readonly warnings: readonly Warning[]
  readonly device: DeviceReport
}

/** Finds and reads what a request names. Refused: what is not open, what no model here reads, an almost black picture. */
export type PrepareRun = (request: RunRequest) => Promise<Result<PreparedRun>>

/** Packages are read once, whoever asks. */
export function createPrepareRun(options: RunsOptions): PrepareRun {
  const packageOf = packagesRead()
  return (request) => prepare(options, packageOf, request)
}

/** Reads each package once, and again where the registry has another manifest of that name since. */
function packagesRead(): (directory: string, manifest: Manifest) => Promise<Result<ModelPackage>> {
  const read = new Map<string, ModelPackage>()
  return async (directory, manifest) => {
    const known = read.get(directory)
    if (known !== undefined && isDeepStrictEqual(known.manifest, manifest)) return { ok: true, value: known }
    const found = (await readPackage(directory)).package
    if (found.ok) read.set(directory, found.value)
    return found
  }
}

/** What a run would be drawn from: which package, which pixels, how. */
interface FoundRun {
  readonly request: RunRequest
  readonly target: FoundTarget
  readonly installed: InstalledModel
  readonly model: ModelPackage
  readonly noise: NoiseSource
  readonly prepared: PreparedInput
}

async function findRun(
  { library, readings, models, inference }: RunsOptions,
  packageOf: ReturnType<typeof packagesRead>,
  asked: RunRequest,
): Promise<Result<FoundRun>> {
  const target = findTarget(library, asked.target)
  if (!target.ok) return target
  const black = refuseBlack(target.value.warnings, asked.evenBlack)
  if (!black.ok) return black
  const installed = chooseModel(await models.list(), target.value.modality, asked.modelId)
  if (!installed.ok) return installed
  const read = await packageOf(installed.value.path, installed.value.manifest)
  if (!read.ok) return read
  const { manifest } = read.value
  const noise = noiseOf(manifest, asked)
  if (!noise.ok) return noise
  // A model without a latent has one answer: a second draw of it would be the same outline again.
  const request: RunRequest = {
    ...asked,
    target: target.value.place ?? asked.target,
    samples: drawsOneOutline(manifest) ? 1 : asked.samples,
  }
  const { fieldOfViewOf } = readings
  const { preparePhotograph } = inference
  const prepared = await prepareInput({ library, fieldOfViewOf, preparePhotograph }, target.value, manifest)
  if (!prepared.ok) return prepared
  return accept({
    ...{ request, target: target.value, installed: installed.value, model: read.value },
    ...{ noise: noise.value, prepared: prepared.value },
  })
}

async function prepare(
  options: RunsOptions,
  packageOf: ReturnType<typeof packagesRead>,
  asked: RunRequest,
): Promise<Result<PreparedRun>> {
  const found = await findRun(options, packageOf, asked)
  if (!found.ok) return found
  const { request, target, installed, model, noise, prepared } = found.value
  const device = await options.inference.chooseDevice(model)
  if (!device.ok) return device
  const { input, inputKey } = prepared
  const { manifest } = model
  return accept({
    ...prepared,
    ...{ request, target, manifest, device: device.value },
    job: { model, input, inputKey, noise },
    readers: readersOfRun(options.readings.of(target.subject), request.target, input.grid),
    warnings: [...standingWarnings(installed), ...input.warnings, ...scopeWarnings(manifest, target)],
  })
}

/** All that decides what a run draws, and what makes it again from where its picture is open now. */
export interface RunIdentity {
  readonly modelId: string
  readonly modelSha256: string
  /** Names the pixels as the network reads them. */
  readonly inputKey: string
  /** Of the slice in the series as it is open; null: there is one picture. */
  readonly sliceIndex: number | null
  /** Version of the program. */
  readonly version: string
  readonly command: string | null
}

/** What a request would be drawn from now; nothing is drawn. Refused as its run would be. */
export function createIdentify(options: RunsOptions): (request: RunRequest) => Promise<Result<RunIdentity>> {
  const packageOf = packagesRead()
  return async (asked) => {
    const found = await findRun(options, packageOf, asked)
    if (!found.ok) return found
    const { request, target, model, noise, prepared } = found.value
    const openedPath = options.library.openedPath(request.target)
    return accept({
      ...{ modelId: model.manifest.id, modelSha256: model.sha256, inputKey: prepared.inputKey },
      sliceIndex: target.place?.sliceIndex ?? null,
      version: options.version,
      command: commandOf({ request, target, model, noise, openedPath }),
    })
  }
}

/** Evenly where the package can and nothing else is asked. Refused: even draws that are asked of a package that has none. */
function noiseOf({ id, draws }: Manifest, { seed, draws: asked }: RunRequest): Result<NoiseSource> {
  const directions = draws?.kind === 'even' ? draws.directions : null
  if (asked === 'even' && directions === null) {
    return refuse('request-invalid', `The model "${id}" cannot draw evenly: its package has no directions.`, {
      next: 'Draw independently, or have its owner add them (trainer/README.md, "directions").',
    })
  }
  return accept({ seed, directions: asked === 'independent' ? null : directions })
}
