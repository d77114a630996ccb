import { defineStore } from 'pinia'
import { ref } from 'vue'
import { MAX_SAMPLES } from '../../contract'

/** How many samples the next run draws, from which seed, by which model. */
export const useRunSettings = defineStore('run-settings', () => {
  const samples = ref(100)
  const seed = ref(1)
  /** Null: the program picks the package that fits the picture. */
  const modelId = ref<string | null>(null)

  /** A count is kept within what the program draws at most. */
  function setSamples(count: number): void {
    if (Number.isFinite(count)) samples.value = Math.min(MAX_SAMPLES, Math.max(1, Math.round(count)))
  }

  function setSeed(next: number): void {
    if (Number.isSafeInteger(next) && next >= 0) seed.value = next
  }

  return { samples, seed, modelId, setSamples, setSeed }
})
