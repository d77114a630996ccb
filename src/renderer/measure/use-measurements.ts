import { computed, type ComputedRef, onBeforeUnmount, onMounted, shallowRef } from 'vue'
import {
  type Measurement,
  MeasurementEntry,
  MeasurementJournal,
  type Refusal,
  type Subject,
} from '../../contract'
import { lastToUndo, standing, undoing } from '../../core/measurement/journal'
import { saveText } from '../browser/save-text'
import { getJson, postJson } from '../wire/http'
import { useProblems } from '../wire/problems'
import { queryOfSubject } from '../wire/subject-query'
import { useUnsentJournals } from '../wire/unsent-journals'
import { MeasuredJournal, measuredJournalId, type MeasuredState, type MeasuredWire } from './measured-journal'

/** The measurements of whoever reads here, on one subject. */
export interface Measurements {
  readonly list: ComputedRef<readonly Measurement[]>
  /** Why there are none to see and none are taken, or those that are new do not reach the disk; null: they are kept. */
  readonly refusal: ComputedRef<Refusal | null>
  readonly isLoaded: ComputedRef<boolean>
  /** Steps that are not on disk yet. */
  readonly unsent: ComputedRef<number>
  readonly put: (measurement: Measurement) => void
  readonly remove: (measurementId: string) => void
  readonly undo: () => void
  readonly canUndo: ComputedRef<boolean>
  readonly tryAgain: () => void
  /** Everything measured here as a file for the reader to keep. */
  readonly saveCopy: () => void
}

const WIRE: MeasuredWire = {
  entries: (subject) => getJson(`measurements?${queryOfSubject(subject)}`, MeasurementJournal),
  append: (entry) => postJson('measurements', entry, MeasurementEntry),
}

/** Opens the measurements of a subject, and shows them as long as the view lives: what is not on disk then outlives it. */
export function useMeasurements(subject: Subject): Measurements {
  const problems = useProblems()
  const journals = useUnsentJournals()
  const journal =
    journals.takeBack(MeasuredJournal, measuredJournalId(subject)) ??
    new MeasuredJournal(subject, WIRE, (entryId, refusal) => {
      problems.addRefusal(`measurement/${entryId}`, 'A measurement is not kept', refusal)
    })
  const state = shallowRef<MeasuredState>(journal.state())
  journal.tellTo((now) => {
    state.value = now
    journals.note(journal.journalId, now)
  })
  onMounted(() => {
    journal.load()
  })
  // Before, not after: the view that comes in its place takes it back.
  onBeforeUnmount(() => {
    journals.leave(journal)
  })

  const last = computed(() => lastToUndo(state.value.entries))
  return {
    refusal: computed(() => state.value.trouble),
    isLoaded: computed(() => state.value.isLoaded),
    unsent: computed(() => state.value.unsent),
    list: computed(() => standing(state.value.entries)),
    put: (measurement) => {
      journal.take({ measurementId: measurement.measurementId, state: measurement, undoes: null })
    },
    remove: (measurementId) => {
      journal.take({ measurementId, state: null, undoes: null })
    },
    undo: () => {
      if (last.value !== null) journal.take(undoing(state.value.entries, last.value))
    },
    canUndo: computed(() => last.value !== null),
    tryAgain: () => {
      journal.tryAgain()
    },
    saveCopy: () => {
      saveText(journal.copy(), 'margin-measurements.json')
    },
  }
}
