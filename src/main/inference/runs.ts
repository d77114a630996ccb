import { clickedPlace } from '../../core/subject/subject'
import { isDeepStrictEqual } from 'node:util'
import { accept, ALMOST_BLACK, refuse } from '../../contract'
import type {
  DeviceReport,
  Manifest,
  Refusal,
  Result,
  RunLine,
  RunRequest,
  SliceReport,
  Warning,
} from '../../contract'
import { toBase64 } from '../../core/image/base64'
import { packMask, packedSizeBytes } from '../../core/image/mask'
import { readersOfRun } from '../../core/measures/readers-of-run'
import type { SliceReading } from '../../core/measures/readers-on-grid'
import { withCalibration } from '../../core/uncertainty/calibration-scope'
import { withoutSpread } from '../../core/uncertainty/one-outline'
import type { NoiseSource } from '../../core/sampling/latent-draw'
import { drawsOneOutline } from '../../core/sampling/one-outline'
import { readPackage } from '../registry/package'
import type { ModelPackage } from '../registry/package'
import type { LibraryService, ReadingService } from '../library/library-service'
import type { ModelService } from '../registry/model-service'
import type { RunService } from './run-service'
import { FieldStore } from './field-store'
import type { Inference, SampledChunk } from './process/host'
import { drawsOf, recordRun } from './run-record'
import type { SampleJob } from './process/remote-engine'
import { chooseModel, findTarget, prepareInput } from './run-target'
import type { FieldOfViewOf, FoundTarget, PreparedInput } from './run-target'
import { scopeWarnings, standingWarnings, withSizeScope } from './scope-warnings'

export interface RunsOptions {
  readonly library: LibraryService
  readonly readings: ReadingService & { readonly fieldOfViewOf: FieldOfViewOf }
  readonly models: ModelService
  readonly inference: Inference
  /** Version of the program. */
  readonly version: string
  readonly nowMs: () => number
}

/** A thousand samples of a photograph at 512 px take 272 MiB. */
const FIELDS_LIMIT_BYTES = 320 * 2 ** 20

/** All that a run needs, before the first sample is drawn. */
interface Prepared extends PreparedInput {
  readonly request: RunRequest
  readonly target: FoundTarget
  readonly job: SampleJob
  readonly manifest: Manifest
  readonly readers: readonly SliceReading[]
  readonly warnings: readonly Warning[]
  readonly device: DeviceReport
}

/** What a run ends with when the device gave way: the samples drawn so far are let go, and it begins again. */
interface NextDevice {
  readonly device: DeviceReport
}

const CANCELLED: Refusal = { code: 'cancelled', reason: 'The run was cancelled.' }

/** Runs models on what is open; the fields of the last runs are kept for sub-pixel outlines. */
export function createRuns(options: RunsOptions): RunService {
  const store = new FieldStore(FIELDS_LIMIT_BYTES)
  const packageOf = packagesRead()
  let runCount = 0
  async function* start(request: RunRequest, signal: AbortSignal): AsyncGenerator<RunLine> {
    const prepared = await unlessAborted(prepare(options, packageOf, request), signal)
    if (prepared === null) yield { kind: 'refused', refusal: CANCELLED }
    else if (!prepared.ok) yield { kind: 'refused', refusal: prepared.refusal }
    else {
      let run: Prepared | null = prepared.value
      while (run !== null) {
        runCount += 1
        const next: NextDevice | null = yield* drawAll(options, store, run, runCount, signal)
        run =
          next === null
            ? null
            : { ...run, ...next, warnings: [...run.warnings, changed(run.device, next.device)] }
      }
    }
  }
  return {
    start,
    fields: (runId, first, count) => store.read(runId, first, count),
    device: () => options.inference.device(),
    close: () => {
      options.inference.close()
      return Promise.resolve()
    },
  }
}

const changed = (before: DeviceReport, after: DeviceReport): Warning => ({
  code: 'device-changed',
  text: `${before.used} failed during the run; all samples were drawn again on ${after.used}.`,
})

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
): Promise<Result<Prepared>> {
  const { library, readings, models, inference } = options
  const target = findTarget(library, asked.target)
  if (!target.ok) return target
  const black = refuseBlack(target.value, asked)
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

/** A model sees nothing in a picture that is almost black, and answers all the same: only where that is asked for. */
function refuseBlack(target: FoundTarget, { evenBlack }: RunRequest): Result<null> {
  const isBlack = target.warnings.some(({ code }) => code === ALMOST_BLACK)
  if (!isBlack || evenBlack === true) return accept(null)
  return refuse(ALMOST_BLACK, 'The picture is almost black: no model was run on it.', {
    next: 'Look at it, and save it again with its full range; or draw all the same (--even-black on the command line).',
  })
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

/**
 * Draws the samples of a run in chunks; gives the next device when the one it began with gave way. What was drawn
 * before a cancel or a refusal may still be looked at.
 */
async function* drawAll(
  { inference, library, version, nowMs }: RunsOptions,
  store: FieldStore,
  prepared: Prepared,
  runIndex: number,
  signal: AbortSignal,
): AsyncGenerator<RunLine, NextDevice | null> {
  const { request, job, manifest, input, device, warnings } = prepared
  const { grid, fieldOfView } = input
  const startMs = nowMs()
  const openedPath = library.openedPath(request.target)
  const run = recordRun({ ...prepared, ...job, openedPath, version, runIndex })
  const gridPixels = grid.widthPx * grid.heightPx
  store.open(run.runId, gridPixels, request.samples)
  yield {
    kind: 'started',
    run,
    grid,
    fieldOfView: fieldOfView === null ? null : toBase64(packMask(fieldOfView)),
    warnings: [...warnings],
  }
  const packedBytes = packedSizeBytes(gridPixels)
  const masks = new Uint8Array(request.samples * packedBytes)
  let encoderCached = true
  for (let firstIndex = 0; firstIndex < request.samples; firstIndex += manifest.samplerHint.chunk) {
    const count = Math.min(manifest.samplerHint.chunk, request.samples - firstIndex)
    const chunk: Result<SampledChunk> | null = await unlessAborted(
      inference.sample(job, firstIndex, count),
      signal,
    )
    if (chunk === null || !chunk.ok) {
      yield { kind: 'refused', refusal: chunk === null ? CANCELLED : chunk.refusal }
      return null
    }
    if (chunk.value.device.used !== device.used) {
      store.drop(run.runId)
      return { device: chunk.value.device }
    }
    encoderCached &&= firstIndex > 0 || chunk.value.encoderCached
    store.append(run.runId, chunk.value.fields)
    masks.set(chunk.value.masks, firstIndex * packedBytes)
    yield {
      kind: 'samples',
      firstIndex,
      count,
      masks: toBase64(chunk.value.masks),
      elapsedMs: nowMs() - startMs,
    }
  }
  const report = await unlessAborted(reportOf(inference, prepared, masks), signal)
  if (report?.ok === true) {
    yield { kind: 'done', report: report.value, elapsedMs: nowMs() - startMs, encoderCached }
  } else {
    yield { kind: 'refused', refusal: report === null ? CANCELLED : report.refusal }
  }
  return null
}

async function reportOf(
  inference: Inference,
  prepared: Prepared,
  masks: Uint8Array,
): Promise<Result<SliceReport>> {
  const { request, target, input, pixelSpacingMm, readers, warnings, manifest, job } = prepared
  const { grid, fieldOfView } = input
  const sliceIndex = target.place?.sliceIndex ?? null
  const sopInstanceUid = target.slice?.sopInstanceUid ?? null
  const place = clickedPlace(request.target)
  const slice = { grid, pixelSpacingMm, fieldOfView, readers, sopInstanceUid, sliceIndex, place, warnings }
  const report = await inference.report(masks, request.samples, slice)
  if (!report.ok) return report
  const value = drawsOneOutline(manifest)
    ? withoutSpread(report.value)
    : withCalibration(report.value, manifest, drawsOf(job))
  return { ok: true, value: { ...withSizeScope(value, manifest), frame: target.slice?.frame ?? null } }
}

/** The promise's value, or null as soon as the signal is aborted: what is under way ends by itself and is let go. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const settled = new AbortController()
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener(
      'abort',
      () => {
        resolve(null)
      },
      { once: true, signal: settled.signal },
    )
  })
  try {
    return await Promise.race([aborted, promise])
  } finally {
    settled.abort()
  }
}
