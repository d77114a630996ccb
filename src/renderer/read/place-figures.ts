import type { ComputedRef, Ref } from 'vue'
import type { InstalledModel, SeriesDetail, Subject } from '../../contract'
import { placeFigures } from '../../core/words/place-figures'
import { useLesions } from '../run/lesion/lesions'
import { runKey } from '../run/run-snapshot'
import { useRuns } from '../run/runs'
import { runTargetOn, type Target } from '../run/targets'

/** What a list says of a place by what was drawn there with the model in use, without its being drawn again. */
export function usePlaceFigures(
  subject: Subject,
  model: ComputedRef<InstalledModel | null>,
  detail: Readonly<Ref<SeriesDetail | null>>,
): (target: Target) => readonly string[] {
  const runs = useRuns()
  const lesions = useLesions()
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
    return placeFigures(lesion?.report ?? null, run?.report ?? null)
  }
}
