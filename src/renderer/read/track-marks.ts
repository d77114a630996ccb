import { computed, type ComputedRef } from 'vue'
import type { RunTarget, Structure, Subject } from '../../contract'
import { keyOfSubject, sliceOfTarget, subjectOfTarget } from '../../core/subject/subject'
import { useRuns } from '../run/runs'
import type { SliceMark } from '../viewer/viewport-types'

/** Slices of a series that readers outlined, and those with a run, for the slice track. */
export function useTrackMarks(
  subject: Subject,
  structures: Readonly<ComputedRef<readonly Structure[]>>,
): ComputedRef<readonly SliceMark[]> {
  const runs = useRuns()
  const isHere = (target: RunTarget): boolean =>
    target.kind === 'series' && keyOfSubject(subjectOfTarget(target)) === keyOfSubject(subject)
  return computed(() => [
    ...structures.value.map(({ firstSlice: first, lastSlice: last }): SliceMark => ({
      first,
      last,
      kind: 'reading',
    })),
    ...[...runs.runs.values()].flatMap(({ request: { target } }): SliceMark[] =>
      isHere(target) ? [{ first: sliceOfTarget(target), last: sliceOfTarget(target), kind: 'run' }] : [],
    ),
  ])
}
