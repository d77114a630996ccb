import { computed, type ComputedRef, onBeforeUnmount, onMounted, shallowRef } from 'vue'
import type { Refusal, Subject } from '../../contract'
import type { Step, StepRules } from '../../core/subject/step-journal'
import { saveText } from '../browser/save-text'
import { useProblems } from './problems'
import {
  type KeptStep,
  type Sent,
  StepJournal,
  type StepState,
  type StepWire,
  type StepWords,
  type Taken,
} from './step-journal'
import { useUnsentJournals } from './unsent-journals'

/** What whoever reads here laid on one subject: measurements, or places. */
export interface Steps<State> {
  readonly list: ComputedRef<readonly State[]>
  /** Why there are none to see and none are kept, or those that are new do not reach the disk; null: they are kept. */
  readonly refusal: ComputedRef<Refusal | null>
  readonly isLoaded: ComputedRef<boolean>
  /** Steps that are not on disk yet. */
  readonly unsent: ComputedRef<number>
  readonly put: (state: State) => void
  readonly remove: (id: string) => void
  readonly undo: () => void
  readonly redo: () => void
  /** What undo and redo would take back, in words: `deleted Ruler 2`; null: nothing. */
  readonly undoWords: ComputedRef<string | null>
  readonly redoWords: ComputedRef<string | null>
  readonly tryAgain: () => void
  /** Everything laid here as a file for the reader to keep. */
  readonly saveCopy: () => void
}

/** What is laid, and how its steps are made and sent. */
interface Laid<State, Entry extends KeptStep> {
  readonly words: StepWords
  readonly wire: StepWire<Entry>
  readonly rules: StepRules<State, Entry & Step<State>>
  readonly idOf: (state: State) => string
  readonly nameOf: (state: State) => string
  readonly stepOf: (id: string, state: State | null, undoes: number | null) => Taken<Entry>
  readonly idOfEntry: (entry: Entry) => string
  /** Something may be laid before it is known what was laid before. */
  readonly takesUnread: boolean
  /** Title of the refusal of one step. */
  readonly notKept: string
  /** Name of the file that a copy is saved as. */
  readonly copyName: string
}

/** Opens a journal of a subject, and shows it as long as the view lives: what is not on disk then outlives it. */
export function useSteps<State, Entry extends KeptStep & Step<State>>(
  subject: Subject,
  laid: Laid<State, Entry>,
): Steps<State> {
  const problems = useProblems()
  const journals = useUnsentJournals()
  const { words, wire, rules } = laid
  const sent = (entry: Entry): Sent<Entry> => {
    const { entryId, state: now, undoes } = entry
    return { ...laid.stepOf(laid.idOfEntry(entry), now, undoes), entryId }
  }
  const journal: StepJournal<Entry> =
    journals.takeBack<StepJournal<Entry>>(StepJournal, words.journalId) ??
    new StepJournal<Entry>(subject, words, wire, sent, (entryId, refusal) => {
      problems.addRefusal(`${words.journalId}/${entryId}`, laid.notKept, refusal)
    })
  const state = shallowRef<StepState<Entry>>(journal.state())
  journal.tellTo((now) => {
    state.value = now
    journals.note(journal.journalId, now)
  })
  whenLookedAt(() => {
    journal.load()
  })
  // Before, not after: the view that comes in its place takes it back.
  onBeforeUnmount(() => {
    journals.leave(journal)
  })

  function take(step: Taken<Entry>): void {
    if (state.value.isLoaded || laid.takesUnread) journal.take(step)
  }
  const entries = (): readonly Entry[] => state.value.entries
  const undo = takingBack(laid, entries, rules.lastToUndo, take)
  const redo = takingBack(laid, entries, rules.lastToRedo, take)
  return {
    refusal: computed(() => state.value.trouble),
    isLoaded: computed(() => state.value.isLoaded),
    unsent: computed(() => state.value.unsent),
    list: computed(() => rules.standing(state.value.entries)),
    put: (one) => {
      take(laid.stepOf(laid.idOf(one), one, null))
    },
    remove: (id) => {
      take(laid.stepOf(id, null, null))
    },
    ...{ undo: undo.run, undoWords: undo.words, redo: redo.run, redoWords: redo.words },
    tryAgain: () => {
      journal.tryAgain()
    },
    saveCopy: () => {
      saveText(journal.copy(), laid.copyName)
    },
  }
}

/** As the view comes, and when its window is looked at again: another one of the same reader may have laid something. */
function whenLookedAt(act: () => void): void {
  onMounted(() => {
    act()
    window.addEventListener('focus', act)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('focus', act)
  })
}

interface TakingBack {
  readonly words: ComputedRef<string | null>
  readonly run: () => void
}

/** What takes back the step that `lastOf` finds. */
function takingBack<State, Entry extends KeptStep & Step<State>>(
  laid: Laid<State, Entry>,
  entries: () => readonly Entry[],
  lastOf: (entries: readonly Entry[]) => Entry | null,
  take: (step: Taken<Entry>) => void,
): TakingBack {
  const last = computed(() => lastOf(entries()))
  const before = (step: Entry): State | null => laid.rules.before(entries(), step)
  return {
    words: computed(() => (last.value === null ? null : stepWords(last.value, before(last.value), laid))),
    run: () => {
      const step = last.value
      if (step !== null) take(laid.stepOf(laid.idOfEntry(step), before(step), step.number))
    },
  }
}

/** What a step did; of a taking back, what it would bring back. */
function stepWords<State>(
  { state, undoes }: Step<State>,
  before: State | null,
  { nameOf }: { readonly nameOf: (state: State) => string },
): string | null {
  const [from, to] = undoes === null ? [before, state] : [state, before]
  if (to === null) return from === null ? null : `deleted ${nameOf(from)}`
  return `${from === null ? 'laid' : 'changed'} ${nameOf(to)}`
}
