import { computed, type ComputedRef, shallowRef } from 'vue'
import { copyText } from '../browser/platform'
import { comparisonText } from './models/comparison-rows'
import { copiedWords, runAgainText } from './run-again'
import type { RunSnapshot } from './run-snapshot'

/** Copies what makes the shown run again, or both runs that are compared, and says what was copied while it is shown. */
export function useCopiedRun(
  run: ComputedRef<RunSnapshot | null>,
  other: ComputedRef<RunSnapshot | null>,
): { readonly copied: ComputedRef<string | null>; readonly copy: () => Promise<void> } {
  const last = shallowRef<{ readonly key: string; readonly words: string } | null>(null)
  return {
    copied: computed(() => (last.value?.key === run.value?.key ? (last.value?.words ?? null) : null)),
    copy: async () => {
      const asked = run.value
      if (asked === null) return
      const both = comparisonText(asked, other.value)
      const isCopied = await copyText(both ?? runAgainText(asked))
      const ofBoth = both !== null && isCopied ? 'Both runs and what differs are copied.' : null
      last.value = { key: asked.key, words: ofBoth ?? copiedWords(asked, isCopied) }
    },
  }
}
