import type { Times } from './case-bootstrap'
import { measured, notMeasured, type Measured } from './figure'
import type { Ratings } from './ratings'

/** What a difference between two answers means: any is as good as any other; their order; their distance. */
export type AlphaLevel = 'nominal' | 'ordinal' | 'interval'

/**
 * Krippendorff's alpha, 1 - D_o / D_e, over the cases that at least two raters answered (n); answers may be missing
 * (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"). D_o: mean difference of two answers to one case; D_e: of any two.
 *
 * The ordinal difference of c < k is (sum of the counts from c to k, less half of both ends)^2, which is the squared
 * difference of the middle ranks of c and k: so it is the interval difference of ranks, and both follow from sums of
 * x and x^2 without a table of pairs.
 */
export function krippendorffAlpha(ratings: Ratings, level: AlphaLevel, times?: Times): Measured {
  const totals = new Map<number, number>()
  const cases: { readonly answers: readonly number[]; readonly weight: number }[] = []
  let n = 0
  for (const [index, row] of ratings.entries()) {
    const answers = row.filter((answer) => answer !== null)
    const weight = times === undefined ? 1 : (times[index] ?? 0)
    if (answers.length < 2 || weight === 0) continue
    n += weight
    cases.push({ answers, weight })
    for (const answer of answers) totals.set(answer, (totals.get(answer) ?? 0) + weight)
  }
  if (n === 0) return notMeasured('no case that two readers answered')
  if (totals.size === 1) return notMeasured('all answers are the same, nothing to set chance against', n)
  const differences =
    level === 'nominal' ? unequalPairs : squaredPairs(level === 'ordinal' ? ranksOf(totals) : null, totals)
  const count = [...totals.values()].reduce((sum, total) => sum + total, 0)
  let observed = 0
  for (const { answers, weight } of cases) {
    const given = new Map<number, number>()
    for (const answer of answers) given.set(answer, (given.get(answer) ?? 0) + 1)
    observed += (weight * differences(given)) / (answers.length - 1)
  }
  return measured(1 - ((count - 1) * observed) / differences(totals), n)
}

/** Sum of the differences over all ordered pairs of values that occur so many times. */
type PairSum = (counts: ReadonlyMap<number, number>) => number

const unequalPairs: PairSum = (counts) => {
  let all = 0
  let same = 0
  for (const count of counts.values()) {
    all += count
    same += count * count
  }
  return all * all - same
}

/** Sum over ordered pairs of (x - y)^2 = 2 (m sum x^2 - (sum x)^2), about the overall mean, so that little cancels. */
function squaredPairs(
  places: ReadonlyMap<number, number> | null,
  totals: ReadonlyMap<number, number>,
): PairSum {
  const placeOf = (value: number): number => places?.get(value) ?? value
  let all = 0
  let sum = 0
  for (const [value, count] of totals) {
    all += count
    sum += count * placeOf(value)
  }
  const middle = sum / all
  return (counts) => {
    let [m, first, second] = [0, 0, 0]
    for (const [value, count] of counts) {
      const x = placeOf(value) - middle
      m += count
      first += count * x
      second += count * x * x
    }
    return 2 * (m * second - first * first)
  }
}

/** Middle rank of each value among all answers: those below, and half of its own. */
function ranksOf(totals: ReadonlyMap<number, number>): Map<number, number> {
  const ranks = new Map<number, number>()
  let below = 0
  for (const [value, count] of [...totals].sort(([a], [b]) => a - b)) {
    ranks.set(value, below + count / 2)
    below += count
  }
  return ranks
}
