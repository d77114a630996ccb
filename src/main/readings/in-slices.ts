import { setImmediate as turn } from 'node:timers/promises'
import type { Steps } from '../../core/measures/steps'

/** The thread that serves is never held longer than this at a stretch. */
const STRETCH_MS = 15

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
