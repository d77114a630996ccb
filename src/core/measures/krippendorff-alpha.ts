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
export const krippendorffAlpha = (ratings: Ratings, level: AlphaLevel): Measured =>
  alphaOver(ratings, level)(new Uint8Array(ratings.length).fill(1))

/** The same with the answers sorted out once, for resamples: times[i] is how often case i counts. */
export function alphaOver(ratings: Ratings, level: AlphaLevel): (times: Times) => Measured {
  const answered = ratings.map((row) => row.filter((answer) => answer !== null))
  const values = [...new Set(answered.filter((row) => row.length > 1).flat())].sort((a, b) => a - b)
  const placeOf = new Map(values.map((value, place) => [value, place]))
  const cases = answered.flatMap((row, index) =>
    row.length < 2 ? [] : [{ index, answers: Uint32Array.from(row, (answer) => placeOf.get(answer) ?? 0) }],
  )
  return (times) => alphaOf(cases, values, level, times)
}

interface AnsweredCase {
  readonly index: number
  /** Places in the list of values. */
  readonly answers: Uint32Array
}

function alphaOf(
  cases: readonly AnsweredCase[],
  values: readonly number[],
  level: AlphaLevel,
  times: Times,
): Measured {
  const totals = new Float64Array(values.length)
  let n = 0
  let count = 0
  for (const { index, answers } of cases) {
    const weight = times[index] ?? 0
    n += weight
    count += weight * answers.length
    for (let at = 0; at < answers.length; at += 1) {
      const place = answers[at] ?? 0
      totals[place] = (totals[place] ?? 0) + weight
    }
  }
  if (n === 0) return notMeasured('no case that two readers answered')
  const scale =
    level === 'nominal' ? null : scaleOf(level === 'ordinal' ? ranksOf(totals) : values, totals, count)
  const expected = scale === null ? unequalPairs(totals, count) : squaredPairs(totals, scale)
  if (!totals.some((total) => total > 0 && total < count)) {
    return notMeasured('all answers are the same, nothing to set chance against', n)
  }
  let observed = 0
  for (const { index, answers } of cases) {
    const weight = times[index] ?? 0
    if (weight === 0) continue
    const apart = scale === null ? unequalAnswers(answers) : squaredAnswers(answers, scale)
    observed += (weight * apart) / (answers.length - 1)
  }
  return measured(1 - ((count - 1) * observed) / expected, n)
}

/** Values about their mean, so that little cancels in the sums of squares. */
function scaleOf(values: ArrayLike<number>, totals: Float64Array, count: number): Float64Array {
  let sum = 0
  for (let place = 0; place < totals.length; place += 1) sum += (totals[place] ?? 0) * (values[place] ?? 0)
  return Float64Array.from(values, (value) => value - sum / count)
}

/** Middle rank of each value among all answers: those below, and half of its own. */
function ranksOf(totals: Float64Array): Float64Array {
  let below = 0
  return totals.map((total) => {
    below += total
    return below - total / 2
  })
}

/** Ordered pairs of unequal answers among all. */
const unequalPairs = (totals: Float64Array, count: number): number =>
  count * count - totals.reduce((sum, total) => sum + total * total, 0)

/** Sum over all ordered pairs of (x - y)^2 = 2 (m sum x^2 - (sum x)^2). */
function squaredPairs(totals: Float64Array, scale: Float64Array): number {
  let [m, first, second] = [0, 0, 0]
  for (let place = 0; place < totals.length; place += 1) {
    const total = totals[place] ?? 0
    const x = scale[place] ?? 0
    m += total
    first += total * x
    second += total * x * x
  }
  return 2 * (m * second - first * first)
}

/** The same two sums within one case. */
function unequalAnswers(answers: Uint32Array): number {
  let unequal = 0
  for (let i = 1; i < answers.length; i += 1) {
    for (let k = 0; k < i; k += 1) unequal += answers[i] === answers[k] ? 0 : 2
  }
  return unequal
}

function squaredAnswers(answers: Uint32Array, scale: Float64Array): number {
  let [first, second] = [0, 0]
  for (let at = 0; at < answers.length; at += 1) {
    const x = scale[answers[at] ?? 0] ?? 0
    first += x
    second += x * x
  }
  return 2 * (answers.length * second - first * first)
}
