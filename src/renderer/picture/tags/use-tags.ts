import { computed, ref } from 'vue'
import type { CommandAnswers } from '../../keys/dispatch'
import type { SubjectPicture } from '../use-picture'

/**
 * The sheet of a slice's tags and the command that opens it. Of a case of a panel it stays shut: the file names the patient,
 * and a repeat would be known again.
 */
export function useTags({ detail, index, numberOf, scroll, kind }: SubjectPicture, panelId: string | null) {
  const isOpen = ref(false)
  const commands: CommandAnswers = {
    tags: {
      run: () => {
        isOpen.value = true
      },
      lockedBecause: () => {
        if (panelId !== null) return 'a case of a panel keeps its patient to itself'
        if (!kind.hasSlices) return 'a photograph is no slice of a series'
        return detail.value === null ? 'no series is open' : null
      },
    },
  }
  const sheet = computed(() => ({
    detail: detail.value,
    index: index.value,
    number: numberOf(index.value),
    onScroll: scroll,
  }))
  return { isOpen, commands, sheet }
}
