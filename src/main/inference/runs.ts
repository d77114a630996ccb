import { clickedPlace } from '../../core/subject/subject'
import type { DeviceReport, Refusal, Result, RunLine, RunRequest, SliceReport, Warning } from '../../contract'
import { toBase64 } from '../../core/image/base64'
import { packMask, packedSizeBytes } from '../../core/image/mask'
import { withCalibration } from '../../core/uncertainty/calibration-scope'
import { withoutSpread } from '../../core/uncertainty/one-outline'
import { drawsOneOutline } from '../../core/sampling/one-outline'
import { FieldStore } from './field-store'
import { createLatentExplorer } from './latent-explorer'
import { createPrepareRun, type PreparedRun, type RunsOptions } from './prepared-run'
import type { Inference, SampledChunk } from './process/host'
import { drawsOf, recordRun } from './run-record'
import type { RunService } from './run-service'
import { withSizeScope } from './scope-warnings'

/** A thousand samples of a photograph at 512 px take 272 MiB. */
const FIELDS_LIMIT_BYTES = 320 * 2 ** 20

/** What a run ends with when the device gave way: the samples drawn so far are let go, and it begins again. */
interface NextDevice {
  readonly device: DeviceReport
}

const CANCELLED: Refusal = { code: 'cancelled', reason: 'The run was cancelled.' }

/** Fields of a run that was drawn before, held as if it was drawn now. */
export interface HeldFields {
  /** One grid a sample, one after another. */
  readonly hold: (runId: string, gridPixels: number, fields: Int8Array) => void
}

/** Runs models on what is open; the fields of the last runs are kept for sub-pixel outlines. */
export function createRuns(options: RunsOptions): RunService & HeldFields {
  const prepare = createPrepareRun(options)
  const store = new FieldStore(FIELDS_LIMIT_BYTES)
  let runCount = 0
  async function* start(request: RunRequest, signal: AbortSignal): AsyncGenerator<RunLine> {
    const prepared = await unlessAborted(prepare(request), signal)
    if (prepared === null) yield { kind: 'refused', refusal: CANCELLED }
    else if (!prepared.ok) yield { kind: 'refused', refusal: prepared.refusal }
    else {
      let run: PreparedRun | null = prepared.value
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
    hold: (runId, gridPixels, fields) => {
      store.open(runId, gridPixels, fields.length / gridPixels)
      store.append(runId, fields)
    },
    latent: createLatentExplorer(prepare, options.inference),
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

/**
 * Draws the samples of a run in chunks; gives the next device when the one it began with gave way. What was drawn
 * before a cancel or a refusal may still be looked at.
 */
async function* drawAll(
  { inference, library, version, nowMs }: RunsOptions,
  store: FieldStore,
  prepared: PreparedRun,
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
  prepared: PreparedRun,
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
