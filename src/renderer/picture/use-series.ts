import { computed, onMounted, ref, type ComputedRef, type Ref, shallowRef, watch } from 'vue'
import type { Refusal, SeriesDetail } from '../../contract'
import type { CommandAnswer, CommandAnswers } from '../keys/dispatch'
import { usePictures } from './pictures'
import { useProblems } from '../wire/problems'
import type { ViewportPicture } from '../viewer/viewport-types'

/** What of a series is shown: the index belongs to the picture, so that nothing of another slice lies over it. */
export interface ShownSlice {
  readonly index: number
  readonly picture: ViewportPicture
}

export interface SeriesReading {
  readonly detail: Ref<SeriesDetail | null>
  readonly shown: Ref<ShownSlice | null>
  /** The slice asked for: ahead of the shown one while its pixels are on their way. */
  readonly wanted: Ref<number>
  readonly refusal: Ref<Refusal | null>
  readonly count: ComputedRef<number>
  readonly goTo: (index: number) => void
  readonly commands: CommandAnswers
}

/** Opens a series, on its middle slice unless another was asked for meanwhile, and turns its pages. */
export function useSeries(seriesUid: string): SeriesReading {
  const pictures = usePictures()
  const problems = useProblems()
  const detail = shallowRef<SeriesDetail | null>(null)
  const shown = shallowRef<ShownSlice | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const wanted = ref(0)
  const count = computed(() => detail.value?.slices.length ?? 0)
  /** A slice asked for before the series is known: it opens there. */
  let early: number | null = null

  function goTo(index: number): void {
    if (count.value > 0) wanted.value = Math.min(count.value - 1, Math.max(0, index))
    else early = index
  }

  async function show(series: SeriesDetail, index: number): Promise<void> {
    const loaded = await pictures.loadSlice(series, index)
    if (wanted.value !== index) return
    if (loaded.ok) {
      shown.value = { index, picture: loaded.value }
      refusal.value = null
      await pictures.loadNeighbours(series, index, () => wanted.value === index)
    } else {
      // The picture of another slice must not stay where this one is asked for.
      shown.value = null
      refusal.value = loaded.refusal
      problems.addRefusal(`slice/${seriesUid}/${index}`, `Slice ${index + 1} cannot be shown`, loaded.refusal)
    }
  }

  async function open(): Promise<void> {
    const answer = await pictures.detailOf(seriesUid)
    if (!answer.ok) {
      refusal.value = answer.refusal
      problems.addRefusal(`series/${seriesUid}`, 'The series cannot be opened', answer.refusal)
      return
    }
    detail.value = answer.value
    problems.addWarnings(`series/${seriesUid}`, 'this series', answer.value.summary.warnings)
    goTo(early ?? Math.floor(answer.value.slices.length / 2))
  }

  onMounted(() => void open())
  watch([detail, wanted], ([series, index]) => {
    if (series !== null) void show(series, index)
  })

  return { detail, shown, wanted, refusal, count, goTo, commands: pageCommands(wanted, count, goTo) }
}

function pageCommands(
  wanted: Ref<number>,
  count: ComputedRef<number>,
  goTo: (index: number) => void,
): CommandAnswers {
  const to = (index: () => number): CommandAnswer => ({
    run: () => {
      goTo(index())
    },
    lockedBecause: () => (count.value === 0 ? 'the series is not open yet' : null),
  })
  return {
    'slice-back': to(() => wanted.value - 1),
    'slice-on': to(() => wanted.value + 1),
    'slice-first': to(() => 0),
    'slice-last': to(() => count.value - 1),
  }
}
