import { keyOfSubject, placeOfTarget, subjectOfTarget } from '../../core/subject/subject'
import type { Grid, Refusal, RunLine, RunRecord, RunRequest, SliceReport, Warning } from '../../contract'
import { fromBase64 } from '../../core/image/base64'
import { packedSizeBytes } from '../../core/image/mask'
import { kindOf } from '../../core/subject/subject-kinds'
import type { RunOverlay } from '../viewer/worker/overlay-types'

export type RunPhase = 'running' | 'done' | 'stopped' | 'failed'

/** A run as far as it has come. Never changed in place: every line gives a new one. */
export interface RunSnapshot {
  readonly key: string
  readonly request: RunRequest
  readonly phase: RunPhase
  readonly record: RunRecord | null
  readonly grid: Grid | null
  /** Packed bits on the grid, base64, as they came; null: everything counts. */
  readonly fieldOfView: string | null
  readonly warnings: readonly Warning[]
  /** Packed masks on the grid, one a sample, in sample order: those that arrived. */
  readonly masks: readonly Uint8Array[]
  readonly elapsedMs: number
  readonly overlay: RunOverlay | null
  readonly report: SliceReport | null
  readonly refusal: Refusal | null
}

/**
 * Which request gives the same samples: centres are rounded because the crop is (its origin is a whole pixel), and
 * everything that changes an answer is part of the key.
 */
export function runKey({ target, modelId, samples, seed, draws }: RunRequest): string {
  const place = placeOfTarget(target)
  const around =
    place === null
      ? []
      : [place.sliceIndex, Math.round(place.column), Math.round(place.row), place.structureId]
  return JSON.stringify([
    keyOfSubject(subjectOfTarget(target)),
    ...around,
    modelId,
    samples,
    seed,
    draws ?? null,
  ])
}

/** A run that is about to start. What an earlier attempt kept stays in sight until the new samples overtake it. */
export function newRun(request: RunRequest, kept: RunSnapshot | null): RunSnapshot {
  return {
    key: runKey(request),
    request,
    phase: 'running',
    record: kept?.record ?? null,
    grid: kept?.grid ?? null,
    fieldOfView: kept?.fieldOfView ?? null,
    warnings: kept?.warnings ?? [],
    masks: kept?.masks ?? [],
    elapsedMs: 0,
    overlay: kept?.overlay ?? null,
    report: null,
    refusal: null,
  }
}

/** The run after one more line. */
export function afterLine(run: RunSnapshot, line: RunLine): RunSnapshot {
  switch (line.kind) {
    case 'started':
      return {
        ...run,
        record: line.run,
        grid: line.grid,
        fieldOfView: line.fieldOfView,
        warnings: line.warnings,
      }
    case 'samples':
      return {
        ...run,
        elapsedMs: line.elapsedMs,
        masks: withMasks(run, line.firstIndex, line.count, line.masks),
      }
    case 'done':
      return {
        ...run,
        phase: 'done',
        elapsedMs: line.elapsedMs,
        report: line.report,
        warnings: line.report.warnings,
      }
    case 'refused':
      return afterRefusal(run, line.refusal)
  }
}

/** A refusal ends a run; a cancel keeps what had come. */
export function afterRefusal(run: RunSnapshot, refusal: Refusal): RunSnapshot {
  return refusal.code === 'cancelled' ? { ...run, phase: 'stopped' } : { ...run, phase: 'failed', refusal }
}

function withMasks(
  run: RunSnapshot,
  firstIndex: number,
  count: number,
  base64: string,
): readonly Uint8Array[] {
  if (run.grid === null) return run.masks
  const bytes = fromBase64(base64)
  const sizeBytes = packedSizeBytes(run.grid.widthPx * run.grid.heightPx)
  const arrived = Array.from({ length: count }, (_, at) =>
    bytes.subarray(at * sizeBytes, (at + 1) * sizeBytes),
  )
  const masks = [...run.masks]
  for (const [at, mask] of arrived.entries()) masks[firstIndex + at] = mask
  return masks
}

/**
 * Runs that may stay: the newest, those of photographs fewer because their outlines are large. The running one and
 * those that are held always stay, and are not counted.
 */
export function keepNewest(
  runs: ReadonlyMap<string, RunSnapshot>,
  held: ReadonlySet<string>,
  most: { readonly ofSeries: number; readonly ofPhotographs: number },
): ReadonlyMap<string, RunSnapshot> {
  let series = 0
  let photographs = 0
  const kept = [...runs].reverse().filter(([key, run]) => {
    if (run.phase === 'running' || held.has(key)) return true
    if (!kindOf(run.request.target).hasSlices) return (photographs += 1) <= most.ofPhotographs
    return (series += 1) <= most.ofSeries
  })
  return new Map(kept.reverse())
}

/** The runs with this one last, whether it was among them or not. */
export function asNewest(
  runs: ReadonlyMap<string, RunSnapshot>,
  run: RunSnapshot,
): ReadonlyMap<string, RunSnapshot> {
  const next = new Map(runs)
  next.delete(run.key)
  return next.set(run.key, run)
}
