import { isDeepStrictEqual } from 'node:util'
import { accept, refuse } from '../../contract'
import type { DeviceReport, Manifest, Result, RunRequest, Warning } from '../../contract'
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

async function prepare(
  options: RunsOptions,
  packageOf: ReturnType<typeof packagesRead>,
  asked: RunRequest,
): Promise<Result<PreparedRun>> {
  const { library, readings, models, inference } = options
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
  const device = await inference.chooseDevice(read.value)
  if (!device.ok) return device
  const { input, inputKey } = prepared.value
  const set = readings.of(target.value.subject)
  return {
    ok: true,
    value: {
      ...prepared.value,
      request,
      target: target.value,
      manifest,
      job: { model: read.value, input, inputKey, noise: noise.value },
      readers: readersOfRun(set, request.target, input.grid),
      warnings: [
        ...standingWarnings(installed.value),
        ...input.warnings,
        ...scopeWarnings(manifest, target.value),
      ],
      device: device.value,
    },
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
