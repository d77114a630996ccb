import type { LesionLine, LesionReport, LesionRequest, LesionSliceNote, Refusal } from '../../../contract'
import { runKey } from '../run-snapshot'

/** A lesion as far as it was followed. Never changed in place: every line gives a new one. */
export interface LesionSnapshot {
  readonly key: string
  readonly request: LesionRequest
  readonly phase: 'running' | 'done' | 'stopped' | 'failed'
  /** Keys of the runs of its slices, by the slice's index. */
  readonly runKeys: ReadonlyMap<number, string>
  /** Slices that were looked at, in the order in which they were. */
  readonly notes: readonly LesionSliceNote[]
  readonly report: LesionReport | null
  readonly refusal: Refusal | null
}

/** Which lesion it is: its place apart from the slice that is looked at, and everything that changes an answer. */
export const lesionKey = ({ target, ...rest }: LesionRequest): string =>
  runKey({ ...rest, target: { ...target, sliceIndex: 0 } })

export const newLesion = (request: LesionRequest): LesionSnapshot => ({
  ...{ key: lesionKey(request), request, phase: 'running', runKeys: new Map(), notes: [] },
  ...{ report: null, refusal: null },
})

/** The lesion after one more line. */
export function afterLesionLine(lesion: LesionSnapshot, line: LesionLine): LesionSnapshot {
  switch (line.kind) {
    case 'kept':
      // Its slices are still to come, and all that is said of it is known.
      return { ...lesion, phase: 'done', notes: line.report.slices, report: line.report }
    case 'slice': {
      const run = { ...lesion.request, target: line.target }
      return { ...lesion, runKeys: new Map(lesion.runKeys).set(line.target.sliceIndex, runKey(run)) }
    }
    case 'followed':
      return lesion.report === null ? { ...lesion, notes: [...lesion.notes, line.slice] } : lesion
    case 'done':
      return { ...lesion, phase: 'done', notes: line.report.slices, report: line.report }
    case 'refused':
      return line.refusal.code === 'cancelled'
        ? { ...lesion, phase: 'stopped' }
        : { ...lesion, phase: 'failed', refusal: line.refusal }
  }
}
