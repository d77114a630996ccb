import { computed, type ComputedRef, ref, type Ref, shallowRef, watch } from 'vue'
import type { SeriesDetail } from '../../contract'
import type { Camera } from '../viewer/camera'
import {
  type InStep,
  inStepOf,
  runsAgainst,
  sameSight,
  sliceAsFar,
  sliceAtPlace,
  type SliceOf,
} from '../../core/volume/in-step'
import { formatNumber, NO_BREAK } from '../../core/words/numbers'
import type { SubjectPicture } from '../picture/use-picture'

type Turned = Pick<SubjectPicture, 'detail' | 'wanted' | 'goTo'>

/** Two series that are turned together. */
export interface SeriesInStep {
  readonly isOn: Ref<boolean>
  /** `in step by position`, or by slice and why; empty while either is on its way. */
  readonly words: ComputedRef<string>
  /** A hand turns the other series: the first follows while they are in step. */
  readonly byHand: (turn: () => void) => void
  /** What of the one series shows what is in sight of the other; null: they are not in step, or no size is stated. */
  readonly sightOf: (which: 'first' | 'other', inSight: Camera) => Camera | null
}

/** Farther off than this, a slice of the same place is not meant: it is said how far. */
const FAR_MM = 10

/**
 * Keeps another series at the place of the first. By slice they go on from how they stood when they were put in step: turned
 * apart and put in step again, they keep that distance.
 */
export function useInStep(first: Turned, other: Turned): SeriesInStep {
  const isOn = ref(true)
  /** Slices of the other beyond those of the first, counted as the first runs, where they go by slice. */
  const offset = shallowRef<number | null>(null)
  /** Where the first was sent by the other: it must not send it back. */
  let sentTo: number | null = null
  const step = computed((): InStep | null =>
    first.detail.value === null || other.detail.value === null
      ? null
      : inStepOf(first.detail.value, other.detail.value),
  )

  const turn = computed(() => turnOf(first, other))
  const offsetNow = (): number => other.wanted.value - turn.value * first.wanted.value

  function counterpart(from: Turned, to: Turned): number | null {
    if (step.value === null || from.detail.value === null || to.detail.value === null) return null
    const index = from.wanted.value
    if (step.value.by === 'position')
      return sliceAtPlace(from.detail.value, index, to.detail.value)?.index ?? null
    if (offset.value === null) return asFarInto(to.detail.value, index, from.detail.value, turn.value)
    return from === first ? turn.value * index + offset.value : turn.value * (index - offset.value)
  }
  function follow(): void {
    const index = counterpart(first, other)
    if (!isOn.value || index === null) return
    other.goTo(index)
    offset.value ??= offsetNow()
  }

  watch(step, () => {
    offset.value = null
    follow()
  })
  watch(isOn, () => {
    // As a hand left them: whoever found the same anatomy in both keeps it.
    if (isOn.value && step.value?.by === 'slice') offset.value = offsetNow()
    follow()
  })
  watch(first.wanted, (index) => {
    const isOwn = index === sentTo
    sentTo = null
    if (!isOwn) follow()
  })

  return {
    isOn,
    sightOf: (which, inSight) => {
      const [from, to] = (which === 'other' ? [first, other] : [other, first]).map(standsAt)
      if (!isOn.value || step.value === null || from == null || to == null) return null
      return sameSight(inSight, from, to, step.value.by)
    },
    byHand: (turn) => {
      turn()
      const index = isOn.value ? counterpart(other, first) : null
      const before = first.wanted.value
      if (index !== null) first.goTo(index)
      if (first.wanted.value !== before) sentTo = first.wanted.value
    },
    words: computed(() => {
      if (step.value === null) return ''
      return isOn.value ? stepWords(step.value, first, other, counterpart(first, other)) : 'not in step'
    }),
  }
}

/** -1 where one of them goes from the head and the other from the feet. */
const turnOf = ({ detail: one }: Turned, { detail: other }: Turned): 1 | -1 =>
  one.value !== null && other.value !== null && runsAgainst(one.value, other.value) ? -1 : 1

function asFarInto(to: SeriesDetail, index: number, from: SeriesDetail, turn: 1 | -1): number {
  const asFar = sliceAsFar(index, from.slices.length, to.slices.length)
  return turn > 0 ? asFar : to.slices.length - 1 - asFar
}

/** `wanted`: the slice of the other that would stand for that of the first; it may lie beyond its ends. */
function stepWords(step: InStep, first: Turned, other: Turned, wanted: number | null): string {
  if (step.by === 'slice') {
    const beyond = slicesBeyond(wanted ?? 0, other.detail.value?.slices.length ?? 1)
    return beyond === 0
      ? `in step by slice: ${step.why}`
      : `not in step here: this series ends ${beyond} ${beyond === 1 ? 'slice' : 'slices'} before`
  }
  const off = offWords(first, other)
  return off === '' ? 'in step by position' : `in step by position: ${off}`
}

/** How far beyond its first or last an index lies. */
const slicesBeyond = (index: number, slices: number): number => Math.max(-index, index - (slices - 1), 0)

const standsAt = ({ detail, wanted }: Turned): SliceOf | null =>
  detail.value === null ? null : { detail: detail.value, index: wanted.value }

/** What is to be known of the slice that stands for the place of the first. */
function offWords(first: Turned, other: Turned): string {
  if (first.detail.value === null || other.detail.value === null) return ''
  const found = sliceAtPlace(first.detail.value, first.wanted.value, other.detail.value)
  if (found === null || found.offMm < FAR_MM) return ''
  return `its nearest slice lies ${formatNumber(found.offMm, 0)}${NO_BREAK}mm away`
}
