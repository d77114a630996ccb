import { setImmediate as turn } from 'node:timers/promises'
import type { Steps } from '../../core/measures/steps'

/** At a stretch of long work; what one step and the collection of garbage take comes on top, and 50 ms are not passed. */
export const STRETCH_MS = 8

/** Runs long work step by step and lets others have their turn in between. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  let began = performance.now()
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (performance.now() - began < STRETCH_MS) continue
    await turn()
    began = performance.now()
  }
}

/** To be awaited in long loops: lets others have their turn where this one has taken long. */
export function givingWay(): () => Promise<void> {
  let began = performance.now()
  return async () => {
    if (performance.now() - began < STRETCH_MS) return
    await turn()
    began = performance.now()
  }
}
