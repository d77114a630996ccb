import { computed, onUnmounted, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import {
  accept,
  Acknowledged,
  Attempt,
  AttemptDetail,
  type DocumentEdit,
  JournalPage,
  type OpenAttempt,
  type Refusal,
  type Result,
} from '../../contract'
import { getJson, postJson } from '../state/http'
import { useProblems } from '../state/problems'
import { type AttemptJournal, type JournalState, type JournalWire, openJournal } from './attempt-journal'

const path = (attemptId: string, rest: string): string => `attempts/${encodeURIComponent(attemptId)}/${rest}`

const wire: JournalWire = {
  append: (attemptId, entry) => postJson(path(attemptId, 'entries'), entry, Acknowledged),
  entries: (attemptId, after) => getJson(path(attemptId, `entries?after=${after}`), JournalPage),
}

export interface OpenedAttempt {
  readonly attempt: ShallowRef<Attempt | null>
  readonly state: ShallowRef<JournalState | null>
  readonly refusal: ShallowRef<Refusal | null>
  readonly isCommitting: Ref<boolean>
  readonly isDraft: ComputedRef<boolean>
  /** A finished gesture; false where it was refused (the reason is in the list of problems). */
  readonly add: (edit: DocumentEdit) => boolean
  readonly undo: () => void
  readonly redo: () => void
  readonly tryAgain: () => void
  /** Everything of the attempt as a file for the reader to keep. */
  readonly saveCopy: () => void
  readonly commit: (readingMs: number, slicesSeen: number) => Promise<boolean>
}

/** Opens the draft of the rater at a subject, or the next attempt, and keeps its journal as long as the view lives. */
export function useAttempt(request: OpenAttempt): OpenedAttempt {
  const problems = useProblems()
  const attempt = shallowRef<Attempt | null>(null)
  const state = shallowRef<JournalState | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const isCommitting = ref(false)
  let journal: AttemptJournal | null = null
  let gone = false

  function tell(changed: JournalState): void {
    state.value = changed
    if (changed.trouble === null) problems.settle('attempt')
    else problems.addRefusal('attempt', 'Your last gestures are not on disk yet', changed.trouble)
  }

  async function open(): Promise<void> {
    const opened = await openAttempt(request, tell)
    if (gone) return
    if (!opened.ok) {
      refusal.value = opened.refusal
      return
    }
    journal = opened.value.journal
    attempt.value = opened.value.attempt
    state.value = journal.state()
  }

  function done(result: Result<null> | undefined): boolean {
    if (result === undefined) return false
    if (!result.ok) problems.addRefusal('attempt/gesture', 'The gesture does not fit', result.refusal)
    return result.ok
  }

  async function commit(readingMs: number, slicesSeen: number): Promise<boolean> {
    const open = attempt.value
    if (journal === null || open === null || isCommitting.value) return false
    isCommitting.value = true
    const saved = await journal.settled()
    const expectedRevision = state.value?.history.length ?? 0
    const commitment = { expectedRevision, readingMs, slicesSeen }
    const answer = saved ? await postJson(path(open.attemptId, 'commit'), commitment, Attempt) : null
    isCommitting.value = false
    if (answer === null) return false
    if (answer.ok) attempt.value = answer.value
    else problems.addRefusal('attempt/commit', 'The reading was not committed', answer.refusal)
    return answer.ok
  }

  const guard = (event: BeforeUnloadEvent): void => {
    if ((state.value?.unsent ?? 0) > 0) event.preventDefault()
  }
  window.addEventListener('beforeunload', guard)
  onUnmounted(() => {
    gone = true
    window.removeEventListener('beforeunload', guard)
    journal?.close()
  })
  void open()

  return {
    attempt,
    state,
    refusal,
    isCommitting,
    isDraft: computed(() => attempt.value?.state === 'draft'),
    add: (edit) => done(journal?.add(edit)),
    undo: () => done(journal?.undo()),
    redo: () => done(journal?.redo()),
    tryAgain: () => journal?.tryAgain(),
    saveCopy: () => {
      if (journal !== null) download(journal.copy(), `margin-attempt-${journal.attemptId}.json`)
    },
    commit,
  }
}

async function openAttempt(
  request: OpenAttempt,
  changed: (state: JournalState) => void,
): Promise<Result<{ readonly attempt: Attempt; readonly journal: AttemptJournal }>> {
  const detail = await postJson('attempts', request, AttemptDetail)
  if (!detail.ok) return detail
  const journal = await openJournal(detail.value, wire, changed)
  return journal.ok ? accept({ attempt: detail.value.attempt, journal: journal.value }) : journal
}

function download(text: string, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
