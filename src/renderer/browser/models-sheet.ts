import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Whether the list of models stands open, and on which package. */
export const useModelsSheet = defineStore('models-sheet', () => {
  const isOpen = ref(false)
  const shownId = ref<string | null>(null)

  /** Opens the list; null shows the package that is in use. */
  function open(id: string | null = null): void {
    shownId.value = id
    isOpen.value = true
  }

  return { isOpen, shownId, open }
})
