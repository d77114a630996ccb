/** A whole lesion from its first line to its last: the runs of its slices and what they say together. */
import { accept, refuse, type LesionReport, type LesionRequest, type Result } from '../../contract'
import { sliceOfLesion } from '../../core/lesion/no-nodule'
import { type CollectedRun, fieldsOf } from '../figures/collect-run'
import type { WholeLesion } from '../figures/infer-report'
import { createRunCollector, type RunCollector } from '../inference/run-collector'
import type { RunService } from '../inference/run-service'
import type { LesionRuns } from './lesion-runs'

export interface CollectedLesion {
  /** Runs of the slices that belong to the lesion, by ascending index; of the clicked slice at least. */
  readonly runs: readonly CollectedRun[]
  readonly whole: WholeLesion
}

/** Follows the lesion to its end. `onSlice` hears of each slice that is done. */
export async function collectLesion(
  { lesions, runs }: { readonly lesions: LesionRuns; readonly runs: RunService },
  request: LesionRequest,
  signal: AbortSignal,
  onSlice: (sliceIndex: number, isInLesion: boolean) => void = () => undefined,
): Promise<Result<CollectedLesion>> {
  const collectors = new Map<number, RunCollector>()
  const done = new Map<number, CollectedRun>()
  const lines = lesions.follow(request, signal)
  let report: LesionReport | null = null
  for (let next = await lines.next(); ; next = await lines.next()) {
    if (next.done === true) {
      return report === null
        ? refuse('inference-failed', 'The lesion was not followed to its end.')
        : accept({ runs: ownRuns(done, report), whole: { report, slices: next.value } })
    }
    const line = next.value
    if (line.kind === 'refused') return { ok: false, refusal: line.refusal }
    if (line.kind === 'slice') {
      const { sliceIndex } = line.target
      const collector = collectors.get(sliceIndex) ?? createRunCollector()
      collectors.set(sliceIndex, collector)
      collector.add(line.line)
      const collected = collector.collected()
      if (collected !== null && line.line.kind === 'done')
        done.set(sliceIndex, { ...collected, fields: fieldsOf(runs, collected) })
    } else if (line.kind === 'followed') onSlice(line.slice.sliceIndex, line.slice.isInLesion)
    else report = line.report
  }
}

function ownRuns(done: ReadonlyMap<number, CollectedRun>, lesion: LesionReport): CollectedRun[] {
  const { slices, place } = lesion
  const own = slices.filter(({ isInLesion }) => isInLesion).map(({ sliceIndex }) => sliceIndex)
  return (own.length === 0 ? [place.sliceIndex] : own).flatMap((sliceIndex) => {
    const run = done.get(sliceIndex)
    return run === undefined ? [] : [{ ...run, report: sliceOfLesion(run.report, lesion) }]
  })
}
