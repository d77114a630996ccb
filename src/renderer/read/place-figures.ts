import type { ComputedRef, Ref } from 'vue'
import type { InstalledModel, KeptRun, SeriesDetail, Subject } from '../../contract'
import { placeFigures } from '../../core/words/place-figures'
import { useKeptRuns } from '../run/kept-runs'
import { useLesions } from '../run/lesion/lesions'
import { runKey } from '../run/run-snapshot'
import { useRuns } from '../run/runs'
import { runTargetOn, type Target } from '../run/targets'

/**
 * What a list says of a place by what was drawn there with the model in use, in this visit or an earlier one, without its
 * being drawn again.
 */
export function usePlaceFigures(
  subject: Subject,
  model: ComputedRef<InstalledModel | null>,
  detail: Readonly<Ref<SeriesDetail | null>>,
): (target: Target) => readonly string[] {
  const runs = useRuns()
  const lesions = useLesions()
  const kept = useKeptRuns()
  return (target) => {
    const modelId = model.value?.id
    if (modelId === undefined) return []
    const asked = runTargetOn(subject, target.homeSlice, target, detail.value?.slices ?? null)
    if (asked === null) return []
    const lesion = lesions.followedAt(asked, modelId).findLast(({ report }) => report !== null)
    const run = [...runs.runs.values()].findLast(
      ({ key, request, report }) =>
        report !== null && request.modelId === modelId && key === runKey({ ...request, target: asked }),
    )
    if (lesion !== undefined || run !== undefined)
      return placeFigures(lesion?.report ?? null, run?.report ?? null)
    return keptFigures(kept.at(subject, { target: asked, modelId }))
  }
}

/** The lesion before its slice, the newest before others; why it would be drawn anew in the place of figures. */
function keptFigures(kept: readonly KeptRun[]): readonly string[] {
  const newest = kept.findLast(({ figures }) => figures.lesion !== null) ?? kept.at(-1)
  if (newest === undefined) return []
  if (newest.stale !== null) return [`Drawn before, and anew when chosen: ${newest.stale}`]
  return placeFigures(newest.figures.lesion, newest.figures.slice)
}
