import { accept, type PlaceJournal } from '../../contract'
import type { NewPlaceEntry, PlaceEntry, Rater, Result, Subject } from '../../contract'
import type { StoreCalls } from '../workspace/store-calls'
import { keyOfOwn, type OwnStepParts } from './own-steps'

/** The places that a rater clicked in a series: their own, and nobody else's. */
export interface ClickedPlaces {
  readonly own: (rater: Rater, subject: Subject) => Promise<Result<PlaceJournal>>
  readonly append: (rater: Rater, entry: NewPlaceEntry) => Promise<Result<PlaceEntry>>
}

interface ClickedPlaceParts extends OwnStepParts {
  readonly store: Pick<StoreCalls, 'markPlace' | 'places'>
}

export const createClickedPlaces = ({ store, ...parts }: ClickedPlaceParts): ClickedPlaces => ({
  own: async (rater, subject) => {
    const key = await keyOfOwn(parts, rater, subject, 'Places')
    if (!key.ok) return key
    const entries = await store.places(rater.raterId, key.value)
    return entries.ok ? accept({ entries: [...entries.value] }) : entries
  },
  append: async (rater, { subject, ...entry }) => {
    const key = await keyOfOwn(parts, rater, subject, 'Places')
    return key.ok ? store.markPlace(rater.raterId, key.value, entry) : key
  },
})
