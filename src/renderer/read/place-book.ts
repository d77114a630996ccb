import { defineStore } from 'pinia'
import { effectScope, ref, type Ref, shallowRef, watch } from 'vue'
import { z } from 'zod'
import { keepForVisit, keptForVisit } from '../browser/kept'
import type { Target } from '../run/targets'

/** The places clicked in one case, and what is chosen of them and of its structures. */
export interface ClickedPlaces {
  readonly clicks: Ref<readonly Target[]>
  readonly chosenKey: Ref<string | null>
  /** Places that turned out to lie on a structure, by its id: their samples go on under its name. */
  readonly joined: Ref<{ readonly [structureId: string]: Target }>
}

const Click = z.object({
  key: z.string(),
  label: z.string(),
  structureId: z.null(),
  askedAs: z.null(),
  centre: z.object({ column: z.number(), row: z.number() }),
  firstSlice: z.number(),
  lastSlice: z.number(),
  homeSlice: z.number(),
})
const Kept = z.object({
  clicks: z.array(Click),
  chosenKey: z.string().nullable(),
  joined: z.record(z.string(), Click),
})

function keptPlaces(subjectKey: string): z.infer<typeof Kept> | null {
  try {
    return Kept.safeParse(JSON.parse(keptForVisit(`places.${subjectKey}`) ?? 'null')).data ?? null
  } catch {
    return null
  }
}

/** Clicked places by subject: they stay while the case is left, and when the page is loaded anew. */
export const usePlaceBook = defineStore('place-book', () => {
  const known = new Map<string, ClickedPlaces>()

  function of(subjectKey: string): ClickedPlaces {
    const before = known.get(subjectKey)
    if (before !== undefined) return before
    const kept = keptPlaces(subjectKey)
    const places: ClickedPlaces = {
      clicks: shallowRef(kept?.clicks ?? []),
      chosenKey: ref(kept?.chosenKey ?? null),
      joined: shallowRef(kept?.joined ?? {}),
    }
    known.set(subjectKey, places)
    // Beyond the view that asked first.
    effectScope(true).run(() => {
      watch([places.clicks, places.chosenKey, places.joined], ([clicks, chosenKey, joined]) => {
        keepForVisit(`places.${subjectKey}`, JSON.stringify({ clicks, chosenKey, joined }))
      })
    })
    return places
  }

  return { of }
})
