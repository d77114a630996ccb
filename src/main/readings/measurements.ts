import { accept, type MeasurementJournal } from '../../contract'
import type { MeasurementEntry, NewMeasurementEntry, Rater, Result, Subject } from '../../contract'
import type { StoreCalls } from '../workspace/store-calls'
import { keyOfOwn, type OwnStepParts } from './own-steps'

/** What a rater measured on an image: their own, and nobody else's. */
export interface Measurements {
  readonly own: (rater: Rater, subject: Subject) => Promise<Result<MeasurementJournal>>
  readonly append: (rater: Rater, entry: NewMeasurementEntry) => Promise<Result<MeasurementEntry>>
}

export interface MeasurementParts extends OwnStepParts {
  readonly store: Pick<StoreCalls, 'measure' | 'measurements'>
}

export const createMeasurements = ({ store, ...parts }: MeasurementParts): Measurements => ({
  own: async (rater, subject) => {
    const key = await keyOfOwn(parts, rater, subject, 'Measurements')
    if (!key.ok) return key
    const entries = await store.measurements(rater.raterId, key.value)
    return entries.ok ? accept({ entries: [...entries.value] }) : entries
  },
  append: async (rater, { subject, ...entry }) => {
    const key = await keyOfOwn(parts, rater, subject, 'Measurements')
    return key.ok ? store.measure(rater.raterId, key.value, entry) : key
  },
})
