import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, watch } from 'vue'
import type { Refusal } from '../../contract'
import { troubleWords } from '../../core/words/attempt-words'
import { useProblems } from './problems'
import { useSession } from './session'

/** How far a journal of the page is. */
interface SendingState {
  /** Steps that the store has not acknowledged yet. */
  readonly unsent: number
  /** Why they do not reach the store at the moment. */
  readonly trouble: Refusal | null
}

/** What is done in this page and sent to the store: gestures of a reading, measurements of an image. */
export interface PageJournal {
  readonly journalId: string
  /** What is not on disk yet once its view is left, as a title. */
  readonly leftWords: (unsent: number) => string
  /** Where a copy can be saved. */
  readonly backWords: string
  /** From now on `changed` hears of it, and first how it stands. */
  readonly tellTo: (changed: (state: SendingState) => void) => void
  readonly tryAgain: () => void
  readonly close: () => void
}

/**
 * What was done in this page and is not on disk yet, whichever view it was done in. A journal outlives the view that
 * opened it: it goes on sending until the store has acknowledged everything, the view that comes back goes on with it,
 * and the browser asks before the page goes while anything is left.
 */
export const useUnsentJournals = defineStore('unsent-journals', () => {
  const problems = useProblems()
  const session = useSession()
  /** Steps not acknowledged, by journal; none where it is 0. */
  const unsent = shallowReactive(new Map<string, number>())
  const left = new Map<string, PageJournal>()
  /** A person was told how much is lost with the page, and lets it go. */
  const isGivenUp = ref(false)
  const count = computed(() => [...unsent.values()].reduce((sum, one) => sum + one, 0))
  const keyOf = (journalId: string): string => `left/${journalId}`

  /** What a journal said of itself, in a view or after it. */
  function note(journalId: string, state: SendingState): void {
    if (state.unsent > 0) unsent.set(journalId, state.unsent)
    else unsent.delete(journalId)
  }

  function noteLeft(journal: PageJournal, state: SendingState): void {
    const { journalId } = journal
    note(journalId, state)
    if (state.unsent === 0) {
      left.delete(journalId)
      journal.close()
      problems.settle(keyOf(journalId))
      return
    }
    if (state.trouble === null) return
    const next = `Leave this page open: they are kept here and tried again. ${journal.backWords}`
    problems.addRefusal(keyOf(journalId), journal.leftWords(state.unsent), {
      ...troubleWords(state.trouble),
      next,
    })
  }

  /** The view of a journal goes: what it has not sent is sent from here. */
  function leave(journal: PageJournal): void {
    left.set(journal.journalId, journal)
    journal.tellTo((state) => {
      noteLeft(journal, state)
    })
  }

  /** The journal of this name whose view comes back, with all that it still holds; null: nothing was left. */
  function takeBack<J extends PageJournal>(
    kind: abstract new (...parts: never[]) => J,
    journalId: string,
  ): J | null {
    const journal = left.get(journalId)
    if (!(journal instanceof kind)) return null
    left.delete(journalId)
    problems.settle(keyOf(journalId))
    return journal
  }

  // Its reader is in again: what was refused meanwhile goes now, not at the end of a wait.
  watch(
    () => session.returns,
    () => {
      for (const journal of left.values()) journal.tryAgain()
    },
  )
  // The window asks with the number; a browser has only its own words.
  watch(count, (now) => window.margin?.tellUnsent(now))
  window.addEventListener('beforeunload', (event) => {
    if (count.value > 0 && !isGivenUp.value) event.preventDefault()
  })

  return { count, isGivenUp, note, leave, takeBack }
})
