import { onMounted, onUnmounted, shallowRef, type ShallowRef } from 'vue'
import { PythonLine, PythonPlan, type PythonProgress, type Refusal } from '../../contract'
import { getJson, postLines } from '../wire/http'

/** The trainer's Python as it is set up: what would be done, how far it is, why it was not. */
export interface PythonSetUp {
  readonly plan: ShallowRef<PythonPlan | null>
  readonly progress: ShallowRef<PythonProgress | null>
  readonly refusal: ShallowRef<Refusal | null>
  readonly start: () => Promise<void>
  readonly stop: () => void
}

/** Leaving the page stops it: nothing half made stays. */
export function usePython(onReady: () => void): PythonSetUp {
  const plan = shallowRef<PythonPlan | null>(null)
  const progress = shallowRef<PythonProgress | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  let under: AbortController | null = null

  async function look(): Promise<void> {
    const found = await getJson('training/python', PythonPlan)
    if (found.ok) plan.value = found.value
    else refusal.value = found.refusal
  }

  async function start(): Promise<void> {
    const stop = new AbortController()
    under = stop
    refusal.value = null
    progress.value = { step: 'environment', words: 'Looking for a Python', done: 0 }
    for await (const line of postLines('training/python', {}, PythonLine, stop.signal)) {
      if (!line.ok) refusal.value = line.refusal
      else if (line.value.kind === 'refused') refusal.value = line.value.refusal
      else if (line.value.kind === 'done') onReady()
      else progress.value = line.value
    }
    progress.value = null
    await look()
  }

  onMounted(() => void look())
  onUnmounted(() => under?.abort())
  return { plan, progress, refusal, start, stop: () => under?.abort() }
}
