/** One run from its first line to its last: everything that reports and figures are made of. */
import {
  accept,
  refuse,
  type Grid,
  type Result,
  type RunLine,
  type RunRecord,
  type RunRequest,
  type SliceReport,
} from '../../contract'
import { fromBase64 } from '../../core/image/base64'
import { type Mask, packedSizeBytes, unpackMask } from '../../core/image/mask'
import type { RunService } from '../inference/run-service'

export interface CollectedRun {
  readonly run: RunRecord
  readonly grid: Grid
  /** On the grid; null: everything counts. */
  readonly fieldOfView: Mask | null
  /** One a sample, in sample order. */
  readonly masks: readonly Mask[]
  /** Sub-pixel fields of the samples, [row][column], above 0 inside; null when they are no longer held. */
  readonly fields: readonly Int8Array[] | null
  readonly report: SliceReport
}

type Started = Extract<RunLine, { readonly kind: 'started' }>

function masksOf(line: Extract<RunLine, { readonly kind: 'samples' }>, grid: Grid): readonly Mask[] {
  const packed = fromBase64(line.masks)
  const sizeBytes = packedSizeBytes(grid.widthPx * grid.heightPx)
  return Array.from({ length: line.count }, (_unused, index) =>
    unpackMask(packed, grid.widthPx, grid.heightPx, index * sizeBytes),
  )
}

function fieldsOf(runs: RunService, started: Started, count: number): readonly Int8Array[] | null {
  const held = runs.fields(started.run.runId, 0, count)
  if (!held.ok) return null
  const { buffer, byteOffset } = held.value
  const gridPixels = started.grid.widthPx * started.grid.heightPx
  // Copied: the store lets runs go.
  return Array.from({ length: count }, (_unused, index) =>
    new Int8Array(buffer, byteOffset + index * gridPixels, gridPixels).slice(),
  )
}

/** Runs the request to its end. `onSamples` hears how many samples are drawn. */
export async function collectRun(
  runs: RunService,
  request: RunRequest,
  signal: AbortSignal,
  onSamples: (drawn: number) => void = () => undefined,
): Promise<Result<CollectedRun>> {
  let started: Started | null = null
  let masks: Mask[] = []
  for await (const line of runs.start(request, signal)) {
    if (line.kind === 'refused') return { ok: false, refusal: line.refusal }
    if (line.kind === 'started') {
      // A device that gave way begins the run again.
      started = line
      masks = []
    } else if (started !== null && line.kind === 'samples') {
      masks.push(...masksOf(line, started.grid))
      onSamples(masks.length)
    } else if (started !== null && line.kind === 'done') {
      const { run, grid, fieldOfView } = started
      const field =
        fieldOfView === null ? null : unpackMask(fromBase64(fieldOfView), grid.widthPx, grid.heightPx)
      const fields = fieldsOf(runs, started, masks.length)
      return accept({ run, grid, fieldOfView: field, masks, fields, report: line.report })
    }
  }
  return refuse('inference-failed', 'The run ended without a report.')
}
