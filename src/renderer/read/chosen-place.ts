import { defineStore } from 'pinia'
import { effectScope, ref, type Ref, watch } from 'vue'
import { z } from 'zod'
import { keepForVisit, keptForVisit } from '../browser/kept'

const Kept = z.object({ chosenKey: z.string().nullable() })

function keptKey(subjectKey: string): string | null {
  try {
    return Kept.safeParse(JSON.parse(keptForVisit(`places.${subjectKey}`) ?? 'null')).data?.chosenKey ?? null
  } catch {
    return null
  }
}

/** What is chosen of structures and places, by subject: it stays while the case is left, and when the page is loaded anew. */
export const useChosenPlace = defineStore('chosen-place', () => {
  const known = new Map<string, Ref<string | null>>()

  function of(subjectKey: string): Ref<string | null> {
    const before = known.get(subjectKey)
    if (before !== undefined) return before
    const chosenKey = ref(keptKey(subjectKey))
    known.set(subjectKey, chosenKey)
    // Beyond the view that asked first.
    effectScope(true).run(() => {
      watch(chosenKey, (key) => {
        keepForVisit(`places.${subjectKey}`, JSON.stringify({ chosenKey: key }))
      })
    })
    return chosenKey
  }

  return { of }
})
