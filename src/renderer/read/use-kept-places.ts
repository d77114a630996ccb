import { type ClickedPlace, PlaceEntry, PlaceJournal, type Subject } from '../../contract'
import { nameOfPlace, placeSteps } from '../../core/subject/clicked-places'
import { formatPlural } from '../../core/words/numbers'
import { getJson, postJson } from '../wire/http'
import { queryOfSubject } from '../wire/subject-query'
import { type Steps, useSteps } from '../wire/use-steps'

/** The places that whoever reads here clicked in one series. */
export type KeptPlaces = Steps<ClickedPlace>

/** A click counts before it is known what was clicked earlier: what is drawn there does not wait for that. */
export const useKeptPlaces = (subject: Subject): KeptPlaces =>
  useSteps<ClickedPlace, PlaceEntry>(subject, {
    words: {
      journalId: `places/${queryOfSubject(subject)}`,
      leftWords: (unsent) =>
        `${formatPlural(unsent, 'step')} with places in a series that you left ${unsent === 1 ? 'is' : 'are'} not on disk yet`,
      backWords: 'Go back to the series to see them.',
    },
    wire: {
      entries: (of) => getJson(`places?${queryOfSubject(of)}`, PlaceJournal),
      append: (entry) => postJson('places', entry, PlaceEntry),
    },
    rules: placeSteps,
    idOf: ({ placeId }) => placeId,
    nameOf: nameOfPlace,
    idOfEntry: ({ placeId }) => placeId,
    stepOf: (placeId, state, undoes) => ({ placeId, state, undoes }),
    takesUnread: true,
    notKept: 'A place is not kept',
    copyName: 'margin-places.json',
  })
