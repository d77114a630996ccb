import { computed, onMounted, onUnmounted, ref, type ComputedRef, type Ref, shallowRef, watch } from 'vue'
import { BITS_DOUBTED } from '../../contract'
import type { PatientPoint, Refusal, SeriesDetail } from '../../contract'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import { directionLetters, planeNormal } from '../../core/geometry/orientation'
import { type CommandAnswer, type CommandAnswers, useCommands } from '../keys/dispatch'
import { usePictures } from './pictures'
import { useProblems } from '../wire/problems'
import { datedSeries } from '../../core/words/case-words'
import { formatPlural } from '../../core/words/numbers'
import { findSlices } from './find-slice'
import { useSliceOrder } from './slice-order'
import type { SliceMark, SlicePosition, ViewportPicture } from '../viewer/viewport-types'

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
  /** Goes so many slices down the track. */
  readonly scroll: (by: number) => void
  /** The index of the slice so many down the track from one. */
  readonly below: (index: number, by: number) => number
  /** The number of a slice as people count. */
  readonly numberOf: (index: number) => number
  readonly position: (index: number, marks: readonly SliceMark[]) => SlicePosition
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
  const { numberOf, below, position, turn } = sliceOrder(detail)
  /** A slice asked for before the series is known: it opens there. */
  let early: number | null = null

  function goTo(index: number): void {
    if (count.value > 0) wanted.value = Math.min(count.value - 1, Math.max(0, index))
    else early = index
  }

  const scroll = (by: number): void => {
    goTo(below(wanted.value, by))
  }

  async function show(series: SeriesDetail, index: number): Promise<void> {
    const loaded = await pictures.loadSlice(series, index)
    if (wanted.value !== index) return
    if (loaded.ok) {
      shown.value = { index, picture: loaded.value }
      refusal.value = null
      const doubts = loaded.value.description.warnings.filter(({ code }) => code === BITS_DOUBTED)
      problems.addWarnings(`series/${seriesUid}`, 'this series', doubts)
      await pictures.loadNeighbours(series, index, () => wanted.value === index)
    } else {
      // The picture of another slice must not stay where this one is asked for.
      shown.value = null
      refusal.value = loaded.refusal
      problems.addRefusal(
        `slice/${seriesUid}/${index}`,
        `Slice ${numberOf(index)} cannot be shown`,
        loaded.refusal,
      )
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
  offerSlices(detail, goTo)
  tellWhatCame(seriesUid, detail)
  watch([detail, wanted], ([series, index]) => {
    if (series !== null) void show(series, index)
  })

  return {
    ...{ detail, shown, wanted, refusal, count, goTo, scroll, below, numberOf, position },
    commands: pageCommands(count, scroll, turn),
  }
}

/** Numbers that are typed lead to the slices of this series for as long as it is shown. */
function offerSlices(detail: Ref<SeriesDetail | null>, goTo: (index: number) => void): void {
  const leave = useCommands().offer(
    (typed) => (detail.value === null ? [] : findSlices(detail.value, typed, goTo)),
    () => (detail.value === null ? '' : datedSeries(detail.value.summary)),
  )
  onUnmounted(leave)
}

/** Says when the library has other slices of an open series than are shown. */
function tellWhatCame(seriesUid: string, detail: Ref<SeriesDetail | null>): void {
  const pictures = usePictures()
  const problems = useProblems()
  watch(
    () => (detail.value === null ? 0 : pictures.slicesCame(seriesUid)),
    (came) => {
      if (came === 0) return
      const words = came > 0 ? `${formatPlural(came, 'more slice')} came` : 'Slices went away'
      const text = `${words} since this series was opened. Leave the case and open it again to see it as it is now.`
      problems.addWarnings(`came/${seriesUid}/${came}`, 'this series', [{ code: 'slices-came', text }])
    },
  )
}

/** The numbers of the slices, and which of them lies at the top of the track. */
function sliceOrder(detail: Ref<SeriesDetail | null>) {
  const order = useSliceOrder()
  const stack = computed(() => (detail.value === null ? null : countedStack(detail.value)))
  const numberOf = (index: number): number =>
    stack.value === null ? index + 1 : sliceNumber(stack.value, index)
  const isLastAtTop = computed(() => (stack.value?.numbering === 'down') !== order.isTurned)
  /** Directions towards the first and the last index. */
  const letters = computed(() => {
    const series = detail.value
    if (series?.orientation == null || series.slices[0]?.alongNormalMm == null) return null
    const normal = planeNormal(series.orientation)
    const back: PatientPoint = [-normal[0], -normal[1], -normal[2]]
    return { first: directionLetters(back).slice(0, 1), last: directionLetters(normal).slice(0, 1) }
  })
  const ends = computed(() => {
    if (letters.value === null) return null
    const { first, last } = letters.value
    return isLastAtTop.value ? { top: last, bottom: first } : { top: first, bottom: last }
  })
  return {
    numberOf,
    turn: order.turn,
    below: (index: number, by: number): number => index + (isLastAtTop.value ? -by : by),
    position: (index: number, marks: readonly SliceMark[]): SlicePosition => ({
      ...{ index, marks, isLastAtTop: isLastAtTop.value, ends: ends.value },
      count: detail.value?.slices.length ?? 0,
      number: numberOf(index),
      instanceNumber: detail.value?.slices[index]?.instanceNumber ?? null,
    }),
  }
}

function pageCommands(
  count: ComputedRef<number>,
  scroll: (by: number) => void,
  turn: () => void,
): CommandAnswers {
  const by = (slices: number): CommandAnswer => ({
    run: () => {
      scroll(slices)
    },
    lockedBecause: () => (count.value === 0 ? 'the series is not open yet' : null),
  })
  return {
    'slice-back': by(-1),
    'slice-on': by(1),
    'slice-first': by(-Infinity),
    'slice-last': by(Infinity),
    'slice-order': { run: turn },
  }
}
