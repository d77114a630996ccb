import { ref, type Ref, shallowRef, type ShallowRef } from 'vue'
import { type Refusal, type SendRequest, SentObjects } from '../../contract'
import { postJson } from '../wire/http'
import { pathOfArchive } from './archives'

/** Objects that are written and stored in an archive, and what it said of each. */
export interface Sending {
  readonly isSending: Ref<boolean>
  readonly sent: ShallowRef<SentObjects | null>
  /** Why nothing was sent. */
  readonly refusal: ShallowRef<Refusal | null>
  readonly send: (archive: string, request: SendRequest) => Promise<void>
  readonly cancel: () => void
}

export function useSending(): Sending {
  const isSending = ref(false)
  const sent = shallowRef<SentObjects | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  let control = new AbortController()

  async function send(archive: string, request: SendRequest): Promise<void> {
    control = new AbortController()
    isSending.value = true
    sent.value = null
    refusal.value = null
    const answer = await postJson(pathOfArchive(archive, 'send'), request, SentObjects, control.signal)
    isSending.value = false
    if (answer.ok) sent.value = answer.value
    else refusal.value = answer.refusal.code === 'cancelled' ? stopped(archive) : answer.refusal
  }

  const cancel = (): void => {
    control.abort()
  }

  return { isSending, sent, refusal, send, cancel }
}

/** What went out before it was stopped is not known here. */
const stopped = (archive: string): Refusal => ({
  code: 'cancelled',
  reason: `Stopped. What ${archive} took before stays there.`,
  next: 'Send again: the same object is stored once.',
})
