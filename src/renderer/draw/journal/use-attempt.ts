import {
  computed,
  onUnmounted,
  ref,
  shallowRef,
  watch,
  type ComputedRef,
  type Ref,
  type ShallowRef,
} from 'vue'
import type { Attempt, CommitAttempt, DocumentEdit, OpenAttempt, Refusal, Result } from '../../../contract'
import { useProblems } from '../../wire/problems'
import { usePictures } from '../../picture/pictures'
import { saveText } from '../../browser/save-text'
import { AttemptJournal, attemptJournalId, type JournalState } from './attempt-journal'
import { troubleWords } from '../../../core/words/attempt-words'
import { commitAttempt, openAttempt } from './attempt-wire'
import { useSession } from '../../wire/session'
import { useUnsentJournals } from '../../wire/unsent-journals'

const NOT_COMMITTED = 'The reading was not committed'
const NOT_SAVED: Refusal = {
  code: 'workspace-failed',
  reason: 'Not committed: what you drew last is not on disk yet.',
  next: 'Margin tries again by itself; commit when it is saved.',
}

/** What was looked at, how long, and under which words of the panel. */
type Seen = Omit<CommitAttempt, 'expectedRevision'>

export interface OpenedAttempt {
  readonly attempt: ShallowRef<Attempt | null>
  readonly state: ShallowRef<JournalState | null>
  readonly refusal: ShallowRef<Refusal | null>
  readonly isCommitting: Ref<boolean>
  /** Why the last commit was refused; null: it was not, or something was done since. */
  readonly commitRefusal: ShallowRef<Refusal | null>
  readonly isDraft: ComputedRef<boolean>
  /** A finished gesture; false where it was refused (the reason is in the list of problems). */
  readonly add: (edit: DocumentEdit) => boolean
  readonly undo: () => void
  readonly redo: () => void
  readonly tryAgain: () => void
  /** Everything of the attempt as a file for the reader to keep. */
  readonly saveCopy: () => void
  readonly commit: (seen: Seen) => Promise<boolean>
  /** Begins the next attempt after a committed one: not blind, since the commit has shown the others. */
  readonly another: () => void
}

/** Opens the draft of the rater at a subject, or the next attempt, and shows its journal as long as the view lives. */
export function useAttempt(request: OpenAttempt): OpenedAttempt {
  const problems = useProblems()
  const journals = useUnsentJournals()
  const pictures = usePictures()
  const attempt = shallowRef<Attempt | null>(null)
  const state = shallowRef<JournalState | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const held: { journal: AttemptJournal | null; gone: boolean } = { journal: null, gone: false }

  const isDraft = computed(() => attempt.value?.state === 'draft')
  const openJournal = (): AttemptJournal | undefined =>
    isDraft.value ? (held.journal ?? undefined) : undefined
  const { isCommitting, commitRefusal, commit } = committing(attempt, openJournal)

  const tell = (attemptId: string, changed: JournalState): void => {
    const isSaved = changed.unsent === 0 && commitRefusal.value === NOT_SAVED
    if (isSaved || changed.history.length !== state.value?.history.length) commitRefusal.value = null
    state.value = changed
    journals.note(attemptJournalId(attemptId), changed)
    tellTrouble(problems, changed.trouble)
  }

  async function open(asked: OpenAttempt, next: boolean): Promise<void> {
    const opened = await openAttempt(asked, next, pictures.slicesOf, takeBackFrom(journals), tell)
    if (held.gone) {
      if (opened.ok) journals.leave(opened.value.journal)
      return
    }
    refusal.value = opened.ok ? null : opened.refusal
    if (!opened.ok) return
    if (held.journal !== null && held.journal !== opened.value.journal) journals.leave(held.journal)
    held.journal = opened.value.journal
    attempt.value = opened.value.attempt
    state.value = opened.value.journal.state()
  }

  onUnmounted(() => {
    held.gone = true
    if (held.journal !== null) journals.leave(held.journal)
    // Neither is a trouble of the next case.
    for (const key of ['attempt', 'attempt/commit']) problems.settle(key)
  })
  void open(request, false)
  const session = useSession()
  watch(
    () => session.returns,
    () => held.journal?.tryAgain(),
  )

  return {
    attempt,
    state,
    refusal,
    isCommitting,
    commitRefusal,
    isDraft,
    ...gesturesOn(openJournal, problems),
    tryAgain: () => held.journal?.tryAgain(),
    saveCopy: saveCopyOf(held),
    commit,
    another: () => void open({ ...request, blind: false }, true),
  }
}

/** The commit of the attempt that is open, and why the last one was refused. */
function committing(
  attempt: ShallowRef<Attempt | null>,
  openJournal: () => AttemptJournal | undefined,
): Pick<OpenedAttempt, 'isCommitting' | 'commitRefusal' | 'commit'> {
  const problems = useProblems()
  const isCommitting = ref(false)
  const commitRefusal = shallowRef<Refusal | null>(null)

  async function commit(seen: Seen): Promise<boolean> {
    const journal = openJournal()
    if (journal === undefined || isCommitting.value) return false
    isCommitting.value = true
    const answer = await commitWhenSaved(journal, seen)
    isCommitting.value = false
    problems.settle('attempt/commit')
    // Its trouble stands in the list of problems already; beside the button it is said that nothing was committed.
    commitRefusal.value = answer === null ? NOT_SAVED : null
    if (answer?.ok === true) attempt.value = answer.value
    else if (answer !== null) {
      // Gestures clear what was refused, so what another window drew is there first.
      if (answer.refusal.code === 'revision-conflict') await journal.catchUp()
      commitRefusal.value = toTheReader(answer.refusal)
      problems.addRefusal('attempt/commit', NOT_COMMITTED, commitRefusal.value)
    }
    return answer?.ok === true
  }

  return { isCommitting, commitRefusal, commit }
}

/** What the store says of revisions means to a reader that there are two windows. */
const toTheReader = (refusal: Refusal): Refusal =>
  refusal.code === 'revision-conflict'
    ? {
        ...refusal,
        reason: 'This reading went on in another window.',
        next: 'What was drawn there is shown now: look at it, then commit.',
      }
    : refusal

function gesturesOn(
  journal: () => AttemptJournal | undefined,
  problems: ReturnType<typeof useProblems>,
): Pick<OpenedAttempt, 'add' | 'undo' | 'redo'> {
  const done = (result: Result<null> | undefined): boolean => fits(problems, result)
  return {
    add: (edit) => done(journal()?.add(edit)),
    undo: () => done(journal()?.undo()),
    redo: () => done(journal()?.redo()),
  }
}

const takeBackFrom =
  (journals: ReturnType<typeof useUnsentJournals>) =>
  (attemptId: string): AttemptJournal | null =>
    journals.takeBack(AttemptJournal, attemptJournalId(attemptId))

function tellTrouble(problems: ReturnType<typeof useProblems>, trouble: Refusal | null): void {
  if (trouble === null) problems.settle('attempt')
  else problems.addRefusal('attempt', 'Your last gestures are not on disk yet', troubleWords(trouble))
}

function fits(problems: ReturnType<typeof useProblems>, result: Result<null> | undefined): boolean {
  if (result?.ok === false) problems.addRefusal('attempt/gesture', 'The gesture does not fit', result.refusal)
  return result?.ok === true
}

const saveCopyOf = (held: { readonly journal: AttemptJournal | null }) => (): void => {
  const { journal } = held
  if (journal !== null) saveText(journal.copy(), `margin-attempt-${journal.attemptId}.json`)
}

/** Null where gestures could not be saved first: the trouble is already told. */
async function commitWhenSaved(journal: AttemptJournal, seen: Seen): Promise<Result<Attempt> | null> {
  if (!(await journal.settled())) return null
  const expectedRevision = journal.state().history.length
  return commitAttempt(journal.attemptId, { expectedRevision, ...seen })
}
