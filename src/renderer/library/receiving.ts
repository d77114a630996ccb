import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { type Delivery, type Refusal, ReceiverStatus } from '../../contract'
import { getJson, postJson } from '../wire/http'
import { useSession } from '../wire/session'
import { useLibrary } from './library'

const LOOK_AGAIN_MS = 2_000
/** Where nothing listens, or nothing is answered: receiving may begin after the page did. */
const LOOK_LATER_MS = 30_000

/** Images that other programs send here: whether anything listens, what came, and who was turned away. */
export const useReceiving = defineStore('receiving', () => {
  const library = useLibrary()
  const session = useSession()
  const status = shallowRef<ReceiverStatus | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  /** Which deliveries, at which counts, are in the list of cases. */
  let listed = ''
  /** Up to this number they were put aside. */
  const putAside = ref(0)
  const fresh = computed<readonly Delivery[]>(
    () => status.value?.deliveries.filter(({ number }) => number > putAside.value) ?? [],
  )

  async function load(): Promise<void> {
    const answer = await getJson('archives/receiver', ReceiverStatus)
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) status.value = answer.value
  }

  /** Reads the settings again: starts, ends or moves what listens. */
  async function restart(): Promise<void> {
    const answer = await postJson('archives/receiver/restart', {}, ReceiverStatus)
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) status.value = answer.value
    wake()
  }

  /** What was opened since the last look is listed. */
  async function listWhatCame(): Promise<void> {
    const opened = status.value?.deliveries.filter(({ isOpen }) => isOpen) ?? []
    const counts = opened.map(({ number, objects, hereBefore }) => [number, objects, hereBefore].join(' '))
    const now = [...counts, status.value?.earlier.objectsRead ?? 0].join()
    if (now === listed || library.isBusy) return
    listed = now
    await library.load()
  }

  /** Ends a longer wait of `follow`. */
  let wake: () => void = () => undefined

  /** Looks again and again until the signal says so, less often where nothing listens. */
  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && session.mayOpen) {
      await load()
      await listWhatCame()
      const isOn = refusal.value === null && status.value !== null && status.value.state !== 'off'
      await new Promise<void>((passed) => {
        wake = passed
        setTimeout(passed, isOn ? LOOK_AGAIN_MS : LOOK_LATER_MS)
      })
    }
  }

  function putAsideAll(): void {
    putAside.value = Math.max(0, ...fresh.value.map(({ number }) => number))
  }

  return { status, refusal, fresh, load, restart, follow, putAsideAll }
})
