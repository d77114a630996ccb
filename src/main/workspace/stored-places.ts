import { PlaceEntry } from '../../contract'
import type { SqlDriver } from './database/sql-driver'
import type { WorkspaceStore } from './store'
import { stepsIn, type StepTable } from './stored-steps'

/** More steps than a person takes in one series; beyond it something else writes. */
const MOST_STEPS = 10_000
/** Of one person in one series: more than a list is read through. */
const MOST_STANDING = 200

const TABLE: StepTable<PlaceEntry> = {
  ...{ table: 'place', idColumn: 'place_id', act: 'mark-place', idName: 'placeId' },
  entryOf: ({ id, ...row }) => PlaceEntry.safeParse({ ...row, placeId: id }).data ?? null,
  ...{ mostSteps: MOST_STEPS, mostStanding: MOST_STANDING, mostCharacters: 4_000_000 },
  tooMany: {
    steps: {
      reason: `There are ${MOST_STEPS} steps of places in this series.`,
      next: 'Go on with the places that are there: they still draw.',
    },
    characters: {
      reason: 'Your places in this series and their changes fill 4 MB, which is the most of one series.',
      next: 'Go on with the places that are there: they still draw.',
    },
    standing: {
      reason: `One person keeps ${MOST_STANDING} places in one series at most.`,
      next: 'Delete those that are done with.',
    },
  },
}

type PlaceActs = Pick<WorkspaceStore, 'markPlace' | 'places'>

export function placesIn(driver: SqlDriver, clock: () => number): PlaceActs {
  const { append, all } = stepsIn(driver, clock, TABLE)
  return {
    markPlace: (raterId, subject, { placeId, ...step }) => append(raterId, subject, { ...step, id: placeId }),
    places: all,
  }
}
