import { defineStore } from 'pinia'
import { computed, ref, type Ref, shallowRef, watch } from 'vue'
import { type ChangePassword, type Refusal, SessionState, type SignIn } from '../../contract'
import { forgetVisit, keepForVisit, keptForVisit } from '../browser/kept'
import { connection } from './connection'
import { askAs, getJson, postJson } from './http'
import { useProblems } from './problems'

/** How soon a page whose program does not answer asks again. */
const ASK_AGAIN_MS = 2_000

/** Who reads here, and where the work is kept. */
export const useSession = defineStore('session', () => {
  const state = shallowRef<SessionState | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const isSigning = ref(false)
  const rater = computed(() => state.value?.rater ?? null)
  const mustChangePassword = computed(() => state.value?.mustChangePassword ?? false)
  /** Nobody may look at anything before signing in. */
  const isLocked = computed(
    () => state.value !== null && state.value.accounts && (rater.value === null || mustChangePassword.value),
  )
  const isOwner = computed(() => rater.value?.role === 'owner')
  /** Where raters sign in, files are opened by the owner alone. */
  const mayOpen = computed(() => state.value?.accounts !== true || isOwner.value)
  const trouble = computed(() => state.value?.workspace.trouble ?? null)
  const { signedInAgain, lastName, keep } = keptRater(state, isLocked)
  const answered = useAnswers(load)
  /** Grows when what was refused meanwhile is to be asked anew: the program answers, or the same rater is in, again. */
  const returns = computed(() => answered.value + signedInAgain.value)

  async function load(): Promise<void> {
    const answer = await getJson('session', SessionState)
    if (answer.ok && refusal.value?.code === 'no-answer') refusal.value = null
    if (answer.ok) keep(answer.value)
    else refusal.value = answer.refusal
  }

  async function enter(path: string, body: SignIn | ChangePassword): Promise<boolean> {
    isSigning.value = true
    const answer = await postJson(path, body, SessionState)
    isSigning.value = false
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) keep(answer.value)
    return answer.ok
  }
  /** True: signed in. A wrong name and a wrong password are answered alike. */
  const signIn = (name: string, password: string): Promise<boolean> => enter('session', { name, password })
  /** True: the new password holds, here and from now on. */
  const changePassword = (current: string, next: string): Promise<boolean> =>
    enter('session/password', { current, next })

  /** What was wrong with the last try is over once another is typed. */
  function forgetRefusal(): void {
    refusal.value = null
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

  return {
    ...{ state, rater, refusal, isSigning, isLocked, isOwner, mayOpen, mustChangePassword, trouble },
    ...{ signedInAgain, lastName, returns, load, signIn, changePassword, forgetRefusal, signOut },
  }
})

/** One page, one person: nothing of what one rater was shown stays for another; the same one may come back. */
function keptRater(
  state: Ref<SessionState | null>,
  isLocked: Readonly<Ref<boolean>>,
): {
  readonly signedInAgain: Ref<number>
  /** Who read in this page last, signed in still or not; null: nobody did. */
  readonly lastName: Ref<string | null>
  readonly keep: (next: SessionState) => void
} {
  const problems = useProblems()
  const signedInAgain = ref(0)
  const lastName = ref<string | null>(null)
  let lastRaterId: string | null = null
  let keptCount = 0

  function keep(next: SessionState): void {
    const raterId = next.rater?.raterId ?? null
    const before = lastRaterId ?? keptForVisit('rater')
    if (raterId !== null && before !== null && raterId !== before) {
      forgetVisit()
      window.location.reload()
    }
    // A password that was given out lets in to choose another one alone: what asked anew now would be refused again.
    const isIn = raterId !== null && !next.mustChangePassword
    const isAgain = isLocked.value && isIn && raterId === lastRaterId
    keptCount += 1
    lastRaterId = raterId ?? lastRaterId
    lastName.value = next.rater?.name ?? lastName.value
    askAs(lastRaterId)
    if (raterId !== null) {
      keepForVisit('rater', raterId)
      problems.settleCode('signed-out')
    }
    state.value = next
    if (isAgain) signedInAgain.value += 1
  }

  /** The session has ended, by a restart say: it is signed in to again in this page, and nothing is thrown away. */
  async function lookWhoIsIn(): Promise<void> {
    const before = keptCount
    const answer = await getJson('session', SessionState)
    // Who signed in meanwhile is in: the answer is of the session before.
    if (!answer.ok || keptCount !== before) return
    const isOther = lastRaterId !== null && answer.value.rater?.raterId !== lastRaterId
    keep(isOther ? { ...answer.value, rater: null } : answer.value)
  }
  watch(
    () => connection.signedOut,
    () => void lookWhoIsIn(),
  )
  return { signedInAgain, lastName, keep }
}

/** Asks until the program answers again, and how often it did. */
function useAnswers(ask: () => Promise<void>): Ref<number> {
  const problems = useProblems()
  const answered = ref(0)
  let waiting = false
  async function askAgain(): Promise<void> {
    waiting = true
    while (!connection.answers) {
      await new Promise((passed) => setTimeout(passed, ASK_AGAIN_MS))
      await ask()
    }
    waiting = false
  }
  watch(
    () => connection.answers,
    (answers) => {
      if (answers) {
        problems.settleCode('no-answer')
        answered.value += 1
      } else if (!waiting) void askAgain()
    },
  )
  return answered
}
