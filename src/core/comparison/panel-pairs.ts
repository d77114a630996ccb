import type { Figure } from '../../contract'
import { percentAgreement } from '../measures/ratings'
import type { Steps } from '../measures/steps'
import {
  meanOverPatients,
  measureOverPatients,
  presenceRatings,
  type PanelCaseFigures,
} from './panel-agreement'

/** Two raters of a panel against each other; `first` and `second` are their columns. */
export interface PairOfRaters {
  readonly first: number
  readonly second: number
  /** Share of the cases that both answered where both said the same of whether it is there. */
  readonly sameAnswer: Figure
  /** Mean over the cases that both outlined. */
  readonly dice: Figure
}

/** All pairs of the raters of a panel, the first before the second in the order of its columns. */
export function* panelPairs(cases: readonly PanelCaseFigures[]): Steps<PairOfRaters[]> {
  const presence = presenceRatings(cases)
  const patients = cases.map(({ patientId }) => patientId)
  const raters = presence[0]?.length ?? 0
  const pairs: PairOfRaters[] = []
  for (let first = 0; first < raters; first += 1)
    for (let second = first + 1; second < raters; second += 1) {
      const both = presence.map((row) => [row[first] ?? null, row[second] ?? null])
      const overlap = cases.map(({ dice }) => dice[first * raters + second] ?? null)
      pairs.push({
        ...{ first, second },
        sameAnswer: yield* measureOverPatients(cases, 'share', (times) => percentAgreement(both, times)),
        dice: yield* meanOverPatients(overlap, patients, 'share'),
      })
    }
  return pairs
}
