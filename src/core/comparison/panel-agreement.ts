import type { AnswerCounts, Figure, Verdict } from '../../contract'
import {
  drawCases,
  figureOverCases,
  weightedMean,
  type CaseDraws,
  type Times,
} from '../measures/case-bootstrap'
import { dice } from '../measures/dice'
import type { Measured } from '../measures/figure'
import { intraclassOver } from '../measures/intraclass'
import { alphaOver } from '../measures/krippendorff-alpha'
import { intersections, packMasks } from '../measures/packed-masks'
import type { Ratings } from '../measures/ratings'
import type { Steps } from '../measures/steps'

/**
 * What one case adds to the figures of a panel, one entry a rater throughout: small, so that a thousand cases are kept
 * while their masks come and go. Attempts of one rater take the place of raters for figures within a rater.
 */
export interface PanelCaseFigures {
  /** What is drawn whole for intervals: the patient. Cases of one patient share it. */
  readonly patientId: string
  /** null: not read. */
  readonly verdicts: readonly (Verdict | null)[]
  /** In one unit; null where nothing was outlined. */
  readonly sizes: readonly (number | null)[]
  /** Dice of raters i and k at [i * raters + k]; null unless both outlined: whether it is there is alpha's business. */
  readonly dice: readonly (number | null)[]
}

/** The denominators of a figure. */
export function countAnswers(verdicts: readonly (Verdict | null)[]): AnswerCounts {
  const count = (verdict: Verdict | null): number => verdicts.filter((given) => given === verdict).length
  return {
    outlined: count('outlined'),
    nothing: count('nothing'),
    cannotJudge: count('cannot-judge'),
    notRead: count(null),
  }
}

/** Brings one case's masks (one a rater, of one block) down to what the panel's figures need. A few steps a mask. */
export function* panelCaseFigures(
  masks: readonly Uint8Array[],
  about: Omit<PanelCaseFigures, 'dice'>,
): Steps<PanelCaseFigures> {
  const packed = yield* packMasks(masks, masks[0]?.length ?? 0)
  const shared = yield* intersections(packed, packed)
  const outlined = (rater: number): boolean => about.verdicts[rater] === 'outlined'
  return {
    ...about,
    dice: Array.from(shared, (pixels, at) => {
      const [i, k] = [Math.floor(at / masks.length), at % masks.length]
      return outlined(i) && outlined(k)
        ? dice(pixels, packed.pixelCounts[i] ?? 0, packed.pixelCounts[k] ?? 0)
        : null
    }),
  }
}

/** One measure of the rater who asks against the others, and of the whole panel. */
export interface OwnAndPanel {
  /** null: nobody asks. */
  readonly own: Figure | null
  readonly panel: Figure
}

/** Agreement of a panel: each figure with its interval over patients, and the denominators. */
export interface PanelFigures {
  readonly caseCount: number
  readonly patientCount: number
  /** Over all cases and raters. */
  readonly counts: AnswerCounts
  /** Krippendorff's alpha, nominal, outlined or nothing. Own: against the others' majority, ties left out. */
  readonly presence: OwnAndPanel
  /** ICC(2,1), over the cases that all sized. Own: against the mean of the others. */
  readonly size: OwnAndPanel
  /** Mean over cases of the mean Dice of pairs who both outlined. Own: of the pairs with own. */
  readonly meanDice: OwnAndPanel
  /** Own size less the others' mean, in percent of the mean of both; null when nobody asks. */
  readonly sizeDifferencePercent: Figure | null
}

/** The figures of a panel; `own`: the column of the rater who asks, null for nobody. A step a resample. */
export function* panelFigures(cases: readonly PanelCaseFigures[], own: number | null): Steps<PanelFigures> {
  const patients = patientsOf(cases.map(({ patientId }) => patientId))
  const draws = yield* drawCases(patients.count, 'patients')
  const over = (unit: Figure['unit'], measure: (times: Times) => Measured): Steps<Figure> =>
    figureOverPatients(draws, patients, unit, measure)
  const presence = presenceRatings(cases)
  const sizes = cases.map((each) => each.sizes)
  const alphaOf = (ratings: Ratings): Steps<Figure> => over('none', alphaOver(ratings, 'nominal'))
  const iccOf = (ratings: Ratings): Steps<Figure> => over('none', intraclassOver(ratings, 'ICC(2,1)'))
  const diceOf = (rater: number | null): Steps<Figure> => {
    const values = cases.map((each) => meanDiceOf(each, rater))
    return over('share', (times) => weightedMean(values, times))
  }
  return {
    caseCount: cases.length,
    patientCount: patients.count,
    counts: countAnswers(cases.flatMap(({ verdicts }) => verdicts)),
    presence: {
      own: own === null ? null : yield* alphaOf(presence.map((row) => againstMajority(row, own))),
      panel: yield* alphaOf(presence),
    },
    size: {
      own: own === null ? null : yield* iccOf(sizes.map((row) => againstMean(row, own))),
      panel: yield* iccOf(sizes),
    },
    meanDice: { own: own === null ? null : yield* diceOf(own), panel: yield* diceOf(null) },
    sizeDifferencePercent: own === null ? null : yield* sizeDifference(sizes, own, over),
  }
}

/** Mean over cases of a value each, null where a case has none (a GED, a Dice), with its interval over patients. */
export function* meanOverPatients(
  values: readonly (number | null)[],
  patientIds: readonly string[],
  unit: Figure['unit'],
): Steps<Figure> {
  const patients = patientsOf(patientIds)
  const draws = yield* drawCases(patients.count, 'patients')
  return yield* figureOverPatients(draws, patients, unit, (times) => weightedMean(values, times))
}

/** The same of many columns of values over one set of resamples: drawing them takes longer than a mean. */
export function* meansOverPatients(
  columns: readonly (readonly (number | null)[])[],
  patientIds: readonly string[],
  unit: Figure['unit'],
): Steps<Figure[]> {
  const patients = patientsOf(patientIds)
  const draws = yield* drawCases(patients.count, 'patients')
  const figures: Figure[] = []
  for (const values of columns)
    figures.push(yield* figureOverPatients(draws, patients, unit, (times) => weightedMean(values, times)))
  return figures
}

/** Columns of a panel's cases: 1 outlined, 0 nothing, null neither. [case][rater]. */
export const presenceRatings = (cases: readonly PanelCaseFigures[]): Ratings =>
  cases.map(({ verdicts }) => verdicts.map(asPresence))

/** Any measure of a panel's cases (agreement of answers, of sizes) with its interval over patients. */
export function* measureOverPatients(
  cases: readonly PanelCaseFigures[],
  unit: Figure['unit'],
  measure: (times: Times) => Measured,
): Steps<Figure> {
  const patients = patientsOf(cases.map(({ patientId }) => patientId))
  const draws = yield* drawCases(patients.count, 'patients')
  return yield* figureOverPatients(draws, patients, unit, measure)
}

interface Patients {
  readonly count: number
  /** Patient of each case. */
  readonly ofCase: Uint32Array
}

function patientsOf(patientIds: readonly string[]): Patients {
  const known = new Map<string, number>()
  const ofCase = Uint32Array.from(patientIds, (patientId) => {
    const index = known.get(patientId) ?? known.size
    known.set(patientId, index)
    return index
  })
  return { count: known.size, ofCase }
}

function figureOverPatients(
  draws: CaseDraws,
  { ofCase }: Patients,
  unit: Figure['unit'],
  measure: (times: Times) => Measured,
): Steps<Figure> {
  const timesOfCase = new Float64Array(ofCase.length)
  return figureOverCases(draws, unit, (times) => {
    for (let index = 0; index < ofCase.length; index += 1) timesOfCase[index] = times[ofCase[index] ?? 0] ?? 0
    return measure(timesOfCase)
  })
}

const asPresence = (verdict: Verdict | null): number | null =>
  verdict === 'outlined' ? 1 : verdict === 'nothing' ? 0 : null

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

const others = (row: readonly (number | null)[], own: number): number[] =>
  row.filter((value, rater): value is number => rater !== own && value !== null)

function againstMajority(row: readonly (number | null)[], own: number): (number | null)[] {
  const share = mean(others(row, own))
  return [row[own] ?? null, share === null || share === 0.5 ? null : Math.round(share)]
}

const againstMean = (row: readonly (number | null)[], own: number): (number | null)[] => [
  row[own] ?? null,
  mean(others(row, own)),
]

/** Mean Dice of a case over its pairs, or over those with one rater. */
function meanDiceOf({ dice: table, verdicts }: PanelCaseFigures, own: number | null): number | null {
  const raters = verdicts.length
  return mean(
    table.filter((value, at): value is number => {
      const [i, k] = [Math.floor(at / raters), at % raters]
      return value !== null && i < k && (own === null || i === own || k === own)
    }),
  )
}

function sizeDifference(
  sizes: Ratings,
  own: number,
  over: (unit: Figure['unit'], measure: (times: Times) => Measured) => Steps<Figure>,
): Steps<Figure> {
  const differences = sizes.map((row) => {
    const [mine, theirs] = againstMean(row, own)
    return mine == null || theirs == null || mine + theirs === 0
      ? null
      : (200 * (mine - theirs)) / (mine + theirs)
  })
  return over('percent', (times) => weightedMean(differences, times))
}
