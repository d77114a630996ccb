import { accept, type MeasurementJournal, refuse } from '../../contract'
import type { MeasurementEntry, NewMeasurementEntry, Rater, Result, Subject } from '../../contract'
import type { StoreCalls } from '../workspace/store-calls'
import type { SubjectKey } from '../workspace/store'
import type { Disclosure } from './disclosure'
import type { Subjects } from './subjects'

/** What a rater measured on an image: their own, and nobody else's. */
export interface Measurements {
  readonly own: (rater: Rater, subject: Subject) => Promise<Result<MeasurementJournal>>
  readonly append: (rater: Rater, entry: NewMeasurementEntry) => Promise<Result<MeasurementEntry>>
}

export interface MeasurementParts {
  readonly store: Pick<StoreCalls, 'measure' | 'measurements'>
  readonly subjects: Pick<Subjects, 'keyOf'>
  readonly disclosure: Pick<Disclosure, 'ownWithheld'>
}

/**
 * The rule of readings holds: what a rater measured before is no part of a blind reading of the same image, so that it is
 * neither given nor added to until that is committed.
 */
export function createMeasurements({ store, subjects, disclosure }: MeasurementParts): Measurements {
  async function keyFor(rater: Rater, subject: Subject): Promise<Result<SubjectKey>> {
    const key = await subjects.keyOf(subject)
    if (!key.ok) return key
    const isWithheld = await disclosure.ownWithheld(rater, key.value)
    if (!isWithheld.ok) return isWithheld
    if (!isWithheld.value) return key
    return refuse('blind', 'Measurements of this image are kept back while it is read blind.', {
      next: 'Commit the reading first; they are kept.',
    })
  }
  return {
    own: async (rater, subject) => {
      const key = await keyFor(rater, subject)
      if (!key.ok) return key
      const entries = await store.measurements(rater.raterId, key.value)
      return entries.ok ? accept({ entries: [...entries.value] }) : entries
    },
    append: async (rater, { subject, ...entry }) => {
      const key = await keyFor(rater, subject)
      return key.ok ? store.measure(rater.raterId, key.value, entry) : key
    },
  }
}
