/** One run from its first line to its last: everything that reports and figures are made of. */
import { accept, refuse, type Result, type RunRequest } from '../../contract'
import { type CollectedSamples, createRunCollector } from '../inference/run-collector'
import type { RunService } from '../inference/run-service'

export interface CollectedRun extends CollectedSamples {
  /** Sub-pixel fields of the samples, [row][column], above 0 inside; null when they are no longer held. */
  readonly fields: readonly Int8Array[] | null
}

/** Fields of all samples of a run, copied: the store lets runs go. null when they are no longer held. */
export function fieldsOf(
  runs: RunService,
  { run, grid, masks }: CollectedSamples,
): readonly Int8Array[] | null {
  const held = runs.fields(run.runId, 0, masks.length)
  if (!held.ok) return null
  const { buffer, byteOffset } = held.value
  const gridPixels = grid.widthPx * grid.heightPx
  return Array.from({ length: masks.length }, (_unused, index) =>
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
  const collector = createRunCollector()
  for await (const line of runs.start(request, signal)) {
    if (line.kind === 'refused') return { ok: false, refusal: line.refusal }
    collector.add(line)
    if (line.kind === 'samples') onSamples(collector.drawnCount())
  }
  const collected = collector.collected()
  if (collected === null) return refuse('inference-failed', 'The run ended without a report.')
  return accept({ ...collected, fields: fieldsOf(runs, collected) })
}
