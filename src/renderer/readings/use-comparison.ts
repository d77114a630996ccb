import { computed, type ComputedRef, ref, type Ref, shallowRef, watch } from 'vue'
import type { Comparison, ConsensusMethod, Difference, Refusal, Subject } from '../../contract'
import { getComparison } from './comparison-wire'

export type ConsensusChoice = 'none' | ConsensusMethod

export interface ShownComparison {
  readonly comparison: Ref<Comparison | null>
  readonly refusal: Ref<Refusal | null>
  readonly isLoading: Ref<boolean>
  readonly lesionId: Ref<string | null>
  readonly consensus: Ref<ConsensusChoice>
  /** Place of the difference that is looked at; null: none yet. */
  readonly at: Ref<number | null>
  readonly difference: ComputedRef<Difference | null>
  /** Goes on by so many differences, round at the ends. */
  readonly step: (by: number) => void
  readonly load: () => Promise<void>
}

/** The comparison of one subject as the server gives it after the reveal, and stepping through what differs. */
export function useComparison(subject: Subject): ShownComparison {
  const comparison = shallowRef<Comparison | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const isLoading = ref(false)
  const lesionId = ref<string | null>(null)
  const consensus = ref<ConsensusChoice>('none')
  const at = ref<number | null>(null)
  let asked = 0

  async function load(): Promise<void> {
    const question = (asked += 1)
    isLoading.value = true
    const method = consensus.value === 'none' ? null : consensus.value
    const answer = await getComparison(subject, { lesion: lesionId.value, consensus: method })
    if (question !== asked) return
    isLoading.value = false
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) comparison.value = answer.value
    else if (answer.refusal.code === 'blind') comparison.value = null
  }

  watch(lesionId, () => {
    at.value = null
    void load()
  })
  watch(consensus, () => void load())
  void load()

  const differences = computed(() => comparison.value?.differences ?? [])
  function step(by: number): void {
    const count = differences.value.length
    if (count === 0) return
    const from = at.value ?? (by > 0 ? -1 : 0)
    at.value = (from + by + count) % count
  }

  return {
    ...{ comparison, refusal, isLoading, lesionId, consensus, at, step, load },
    difference: computed(() => (at.value === null ? null : (differences.value[at.value] ?? null))),
  }
}
