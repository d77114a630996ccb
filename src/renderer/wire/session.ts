import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { type Refusal, SessionState } from '../../contract'
import { forgetVisit, keepForVisit, keptForVisit } from '../browser/kept'
import { askAs, getJson, postJson } from './http'

/** Who reads here, and where the work is kept. */
export const useSession = defineStore('session', () => {
  const state = shallowRef<SessionState | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const isSigning = ref(false)
  const rater = computed(() => state.value?.rater ?? null)
  /** Nobody may look at anything before signing in. */
  const isLocked = computed(() => state.value !== null && state.value.accounts && rater.value === null)
  const isOwner = computed(() => rater.value?.role === 'owner')
  const trouble = computed(() => state.value?.workspace.trouble ?? null)
  let lastRaterId: string | null = null

  function keep(next: SessionState): void {
    const raterId = next.rater?.raterId ?? null
    // What one rater was shown must not stay in the page for the next one, nor what outlives a reload.
    const before = lastRaterId ?? keptForVisit('rater')
    if (raterId !== null && before !== null && raterId !== before) {
      forgetVisit()
      window.location.reload()
    }
    lastRaterId = raterId ?? lastRaterId
    askAs(lastRaterId)
    if (raterId !== null) keepForVisit('rater', raterId)
    state.value = next
  }

  async function load(): Promise<void> {
    const answer = await getJson('session', SessionState)
    if (answer.ok) keep(answer.value)
    else refusal.value = answer.refusal
  }

  /** True: signed in. A wrong name and a wrong password are answered alike. */
  async function signIn(name: string, password: string): Promise<boolean> {
    isSigning.value = true
    const answer = await postJson('session', { name, password }, SessionState)
    isSigning.value = false
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) keep(answer.value)
    return answer.ok
  }

  /** Ends the session and forgets everything that this page was given. */
  async function signOut(): Promise<void> {
    const answer = await postJson('session/end', {}, SessionState)
    if (!answer.ok) {
      refusal.value = answer.refusal
      return
    }
    forgetVisit()
    window.location.hash = '#/library'
    window.location.reload()
  }

  return { state, rater, refusal, isSigning, isLocked, isOwner, trouble, load, signIn, signOut }
})
