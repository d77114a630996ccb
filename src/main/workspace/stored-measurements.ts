import { MeasurementEntry } from '../../contract'
import type { SqlDriver } from './database/sql-driver'
import type { WorkspaceStore } from './store'
import { stepsIn, type StepTable } from './stored-steps'

/** More steps than a person takes at one image; beyond it something else writes. */
const MOST_STEPS = 10_000
/** Of one person on one image: as many as are drawn, reckoned and handed out without keeping others waiting. */
const MOST_STANDING = 200
/** Characters of all their steps: three thousand of rulers, or two dozen of polygons of a thousand corners. */
const MOST_CHARACTERS = 1_000_000

const TABLE: StepTable<MeasurementEntry> = {
  ...{ table: 'measurement', idColumn: 'measurement_id', act: 'measure', idName: 'measurementId' },
  entryOf: ({ id, ...row }) => MeasurementEntry.safeParse({ ...row, measurementId: id }).data ?? null,
  ...{ mostSteps: MOST_STEPS, mostStanding: MOST_STANDING, mostCharacters: MOST_CHARACTERS },
  tooMany: {
    steps: {
      reason: `There are ${MOST_STEPS} steps of measurements on this image.`,
      next: 'Export what is there.',
    },
    characters: {
      reason: `Your measurements of this image and their changes fill ${MOST_CHARACTERS / 1e6} MB, which is the most of one image.`,
      next: 'Export them; outline large areas as a reading.',
    },
    standing: {
      reason: `One person lays ${MOST_STANDING} measurements on one image at most.`,
      next: 'Export them, then delete those that are done with.',
    },
  },
}

type MeasurementActs = Pick<WorkspaceStore, 'measure' | 'measurements'>

export function measurementsIn(driver: SqlDriver, clock: () => number): MeasurementActs {
  const { append, all } = stepsIn(driver, clock, TABLE)
  return {
    measure: (raterId, subject, { measurementId, ...step }) =>
      append(raterId, subject, { ...step, id: measurementId }),
    measurements: all,
  }
}
