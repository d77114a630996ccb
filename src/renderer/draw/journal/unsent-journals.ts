import { defineStore } from 'pinia'
import { computed, shallowReactive, watch } from 'vue'
import { useProblems } from '../../wire/problems'
import { formatPlural } from '../../../core/words/numbers'
import type { AttemptJournal, JournalState } from './attempt-journal'
import { troubleWords } from '../../../core/words/attempt-words'

const keyOf = (attemptId: string): string => `attempt/left/${attemptId}`

/**
 * Gestures of this page that are not on disk yet, whichever view they were made in. A journal outlives the view that
 * opened it: it goes on sending until the store has acknowledged everything, the view that comes back goes on with it,
 * and the browser asks before the page goes while anything is left.
 */
export const useUnsentJournals = defineStore('unsent-journals', () => {
  const problems = useProblems()
  /** Gestures not acknowledged, by attempt; none where it is 0. */
  const unsent = shallowReactive(new Map<string, number>())
  const left = new Map<string, AttemptJournal>()
  const count = computed(() => [...unsent.values()].reduce((sum, one) => sum + one, 0))

  /** What a journal said of itself, in a view or after it. */
  function note(attemptId: string, state: JournalState): void {
    if (state.unsent > 0) unsent.set(attemptId, state.unsent)
    else unsent.delete(attemptId)
  }

  function noteLeft(journal: AttemptJournal, state: JournalState): void {
    const { attemptId } = journal
    note(attemptId, state)
    if (state.unsent === 0) {
      left.delete(attemptId)
      journal.close()
      problems.settle(keyOf(attemptId))
      return
    }
    if (state.trouble === null) return
    const title = `${formatPlural(state.unsent, 'gesture')} of a reading that you left ${state.unsent === 1 ? 'is' : 'are'} not on disk yet`
    const next =
      'Leave this page open: they are kept here and tried again. Go back to the reading to save a copy.'
    problems.addRefusal(keyOf(attemptId), title, { ...troubleWords(state.trouble), next })
  }

  /** The view of a journal goes: what it has not sent is sent from here. */
  function leave(journal: AttemptJournal): void {
    left.set(journal.attemptId, journal)
    journal.tellTo((state) => {
      noteLeft(journal, state)
    })
  }

  /** The journal of an attempt whose view comes back, with all that it still holds; null: nothing was left. */
  function takeBack(attemptId: string): AttemptJournal | null {
    const journal = left.get(attemptId) ?? null
    left.delete(attemptId)
    problems.settle(keyOf(attemptId))
    return journal
  }

  // The window asks with the number; a browser has only its own words.
  watch(count, (now) => window.margin?.tellUnsent(now))
  window.addEventListener('beforeunload', (event) => {
    if (count.value > 0) event.preventDefault()
  })

  return { count, note, leave, takeBack }
})
