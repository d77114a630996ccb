import { type ComputedRef, type Ref, watch } from 'vue'
import type { InstalledModel, SeriesDetail, Subject } from '../../contract'
import { useKeptRuns } from '../run/kept-runs'
import { useLesions } from '../run/lesion/lesions'
import { useRuns } from '../run/runs'
import { runTargetOn } from '../run/targets'
import type { RunOfTarget } from '../run/use-run-target'
import type { Places } from './use-places'

/**
 * Shows what was drawn at the chosen place in an earlier visit, as soon as the case is open: the lesion with all its
 * slices, else the slice. Nothing is drawn for it: only what the program has kept, and would draw the same again, is
 * asked for.
 */
export function useKeptResults(
  subject: Subject,
  detail: Readonly<Ref<SeriesDetail | null>>,
  model: ComputedRef<InstalledModel | null>,
  { chosen }: Pick<Places, 'chosen'>,
  { run, lesion, lockedBecause }: Pick<RunOfTarget, 'run' | 'lesion' | 'lockedBecause'>,
): void {
  const kept = useKeptRuns()
  const runs = useRuns()
  const lesions = useLesions()
  const asked = new Set<string>()

  /** Until a place is chosen by hand the one of the last visit is shown, once. */
  function show(): void {
    const [target, modelId] = [chosen.value, model.value?.id]
    if (target === null || modelId === undefined || detail.value === null || lockedBecause.value !== null)
      return
    if (run.value !== null || lesion.value !== null || asked.has(target.key)) return
    const place = runTargetOn(subject, target.homeSlice, target, detail.value.slices)
    if (place === null) return
    const fresh = kept.at(subject, { target: place, modelId }).filter(({ stale }) => stale === null)
    const newest = fresh.findLast(({ figures }) => figures.lesion !== null) ?? fresh.at(-1)
    if (newest === undefined) return
    asked.add(target.key)
    const { request, figures } = newest
    if (figures.lesion !== null && request.target.kind === 'series')
      void lesions.follow({ ...request, target: request.target })
    else void runs.start(request)
  }
  watch(
    lockedBecause,
    async (because) => {
      if (because !== null) return
      await kept.load(subject)
      show()
    },
    { immediate: true },
  )
  watch([() => chosen.value?.key, () => model.value?.id, detail], show)
}
