import type { Times } from './case-bootstrap'
import { measured, notMeasured, type Measured } from './figure'

/**
 * Answers [case][rater]: a category counted from 0 (its order, where it has one), or a number such as a size; null
 * where a rater gave none. Two attempts of one rater are two columns.
 */
export type Ratings = readonly (readonly (number | null)[])[]

/** How much a disagreement weighs: all alike, by steps, by steps squared. Cohen 1968. */
export type KappaWeights = 'unweighted' | 'linear' | 'quadratic'

const weightOf = (difference: number, weights: KappaWeights): number =>
  weights === 'unweighted'
    ? difference === 0
      ? 0
      : 1
    : weights === 'linear'
      ? Math.abs(difference)
      : difference ** 2

/** Share of pairs of answers to the same case that agree, averaged over the cases with at least two. */
export function percentAgreement(ratings: Ratings, times?: Times): Measured {
  let sum = 0
  let n = 0
  for (const [index, answers] of ratings.entries()) {
    const given = answers.filter((answer) => answer !== null)
    if (given.length < 2) continue
    const weight = times === undefined ? 1 : (times[index] ?? 0)
    const pairs = given.flatMap((a, i) => given.slice(i + 1).map((b): number => (a === b ? 1 : 0)))
    sum += (weight * pairs.reduce((total, agrees) => total + agrees, 0)) / pairs.length
    n += weight
  }
  return n === 0 ? notMeasured('no case that two readers answered') : measured(sum / n, n)
}

/**
 * Cohen's kappa of the first two raters over the cases both answered (n): 1 - observed / expected disagreement, the
 * expected one from each rater's own frequencies (Cohen 1960, 1968). Undefined where both gave one and the same answer
 * throughout: chance then explains everything.
 */
export function cohenKappa(ratings: Ratings, weights: KappaWeights = 'unweighted', times?: Times): Measured {
  const first = new Map<number, number>()
  const second = new Map<number, number>()
  let observed = 0
  let n = 0
  for (const [index, [a, b]] of ratings.entries()) {
    if (a == null || b == null) continue
    const weight = times === undefined ? 1 : (times[index] ?? 0)
    if (weight === 0) continue
    first.set(a, (first.get(a) ?? 0) + weight)
    second.set(b, (second.get(b) ?? 0) + weight)
    observed += weight * weightOf(a - b, weights)
    n += weight
  }
  if (n === 0) return notMeasured('no case that two readers answered')
  let expected = 0
  for (const [a, countA] of first) {
    for (const [b, countB] of second) expected += countA * countB * weightOf(a - b, weights)
  }
  return expected === 0
    ? notMeasured('all answers are the same, nothing to set chance against', n)
    : measured(1 - (observed * n) / expected, n)
}

/**
 * Fleiss' kappa: the answers of a case are counted, not who gave them, so raters may differ from case to case, but not
 * their number (Fleiss 1971); where it does, `krippendorffAlpha` is the measure. Cases without any answer are left out.
 */
export function fleissKappa(ratings: Ratings, times?: Times): Measured {
  const totals = new Map<number, number>()
  let raters: number | null = null
  let agreement = 0
  let n = 0
  for (const [index, answers] of ratings.entries()) {
    const counts = countsOf(answers)
    const given = [...counts.values()].reduce((sum, count) => sum + count, 0)
    if (given === 0) continue
    raters ??= given
    if (given !== raters) return notMeasured('the number of readers differs between cases')
    const weight = times === undefined ? 1 : (times[index] ?? 0)
    if (weight === 0) continue
    n += weight
    for (const [answer, count] of counts) {
      totals.set(answer, (totals.get(answer) ?? 0) + weight * count)
      agreement += weight * count * (count - 1)
    }
  }
  if (n === 0 || raters === null) return notMeasured('no case that two readers answered')
  if (raters < 2) return notMeasured('fewer than two readers')
  if (totals.size === 1) return notMeasured('all answers are the same, nothing to set chance against', n)
  const observed = agreement / (n * raters * (raters - 1))
  const expected = [...totals.values()].reduce((sum, total) => sum + (total / (n * raters)) ** 2, 0)
  return measured((observed - expected) / (1 - expected), n)
}

function countsOf(answers: readonly (number | null)[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const answer of answers) {
    if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  }
  return counts
}
