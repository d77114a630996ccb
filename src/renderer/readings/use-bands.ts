import { computed, type ComputedRef, onUnmounted, ref, watch } from 'vue'
import type { Lesion, RunTarget, Subject } from '../../contract'
import type { RunOverlay } from '../viewer/worker/overlay-types'
import type { SubjectPicture } from '../picture/use-picture'
import type { ViewSettings } from '../picture/view-settings'
import { useRuns } from '../run/runs'
import { runTargetOn } from '../run/targets'
import { useRunTarget } from '../run/use-run-target'
import { drawnWords, hasNoUncertainty } from '../run/run-words'

/** A slice is read, not passed, once it has been shown for this long. */
const REST_MS = 600

export interface Bands {
  readonly row: ComputedRef<{
    readonly shown: boolean
    readonly words: string
    readonly lockedBecause: string | null
  }>
  readonly overlay: ComputedRef<RunOverlay | null>
  readonly toggle: () => void
}

/** Median and bands of the model in use on the slice that is compared: off until asked for, then drawn where one rests. */
export function useBands(
  subject: Subject,
  slice: Pick<SubjectPicture, 'wanted' | 'index' | 'detail'>,
  { lesion, modality }: { lesion: ComputedRef<Lesion | null>; modality: ComputedRef<string> },
  view: ViewSettings,
  isAsked: boolean,
): Bands {
  const runs = useRuns()
  const shown = ref(isAsked)
  const target = computed<RunTarget | null>(() => {
    const at = lesion.value
    return runTargetOn(
      subject,
      slice.wanted.value,
      at === null ? null : { ...at, askedAs: null },
      slice.detail.value?.slices ?? null,
    )
  })
  const { run, draw, lockedBecause } = useRunTarget(target, modality, view, () => null)
  let rest: ReturnType<typeof setTimeout> | null = null
  const drawOnceAtRest = (): void => {
    if (rest !== null) clearTimeout(rest)
    if (!shown.value || target.value === null || run.value !== null) return
    rest = setTimeout(() => {
      draw(null)
    }, REST_MS)
  }
  watch([shown, target], drawOnceAtRest, { immediate: true })
  onUnmounted(() => {
    if (rest !== null) clearTimeout(rest)
    runs.stop()
  })
  return {
    row: computed(() => ({
      shown: shown.value,
      words: bandWords(shown.value, run.value),
      lockedBecause: lockedBecause.value ?? (target.value === null ? 'nothing was outlined' : null),
    })),
    overlay: computed(() =>
      shown.value && slice.index.value === slice.wanted.value && !hasNoUncertainty(run.value)
        ? (run.value?.overlay ?? null)
        : null,
    ),
    toggle: () => {
      shown.value = !shown.value
    },
  }
}

function bandWords(isShown: boolean, run: Parameters<typeof hasNoUncertainty>[0]): string {
  if (!isShown) return 'bands of 50 and 90 % of samples, off'
  if (run === null) return 'drawing on this slice'
  return hasNoUncertainty(run) ? 'this model has no bands' : drawnWords(run)
}
