import { type ComputedRef, watch } from 'vue'
import type { InstalledModel, Subject } from '../../../contract'
import { useWithheld } from '../../wire/withheld'
import { runKey, type RunSnapshot } from '../run-snapshot'
import { useRuns } from '../runs'
import { unpackedLines } from './packed-lines'
import { useVesselQueue } from './vessel-queue'

/** Shows what the queue drew of this photograph, as soon as it is opened or drawn, unless it is withheld by now. */
export function useDrawnBefore(
  subject: Subject,
  run: ComputedRef<RunSnapshot | null>,
  model: ComputedRef<InstalledModel | null>,
): void {
  if (subject.kind !== 'image') return
  const queue = useVesselQueue()
  const runs = useRuns()
  const withheld = useWithheld()
  watch(
    // Which model is in use is known some time after the photograph was opened.
    [() => queue.keptOf(subject.imageId), () => model.value?.id] as const,
    async ([kept, modelId]) => {
      if (kept === null || kept.request.modelId !== modelId) return
      const isShown = (): boolean =>
        run.value !== null && (run.value.phase !== 'stopped' || run.value.key !== runKey(kept.request))
      if (isShown()) return
      await withheld.load(subject)
      if (!withheld.isKnown(subject) || withheld.of(subject) !== null || isShown()) return
      runs.show(kept.request, () => unpackedLines(kept.packed))
    },
    { immediate: true },
  )
}
