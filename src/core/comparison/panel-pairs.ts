import type { Figure } from '../../contract'
import type { Steps } from '../measures/steps'
import { meansOverPatients, presenceRatings, type PanelCaseFigures } from './panel-agreement'

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
  const columns = Array.from({ length: raters }, (_, column) => column)
  const pairs = columns.flatMap((first) => columns.slice(first + 1).map((second) => ({ first, second })))
  const same = yield* meansOverPatients(
    pairs.map(({ first, second }) => presence.map((row) => sameAnswer(row[first], row[second]))),
    patients,
    'share',
  )
  const overlap = yield* meansOverPatients(
    pairs.map(({ first, second }) => cases.map(({ dice }) => dice[first * raters + second] ?? null)),
    patients,
    'share',
  )
  return pairs.flatMap((pair, at) => {
    const [answer, dice] = [same[at], overlap[at]]
    return answer === undefined || dice === undefined ? [] : [{ ...pair, sameAnswer: answer, dice }]
  })
}

/** null: one of them gave no answer. */
const sameAnswer = (a: number | null | undefined, b: number | null | undefined): number | null =>
  a == null || b == null ? null : a === b ? 1 : 0
