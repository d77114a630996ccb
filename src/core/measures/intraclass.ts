import type { Figure } from '../../contract'
import type { Times } from './case-bootstrap'
import { fQuantile } from './distributions'
import { figureOf, measured, noInterval, notMeasured, type Interval, type Measured } from './figure'
import type { Ratings } from './ratings'

/**
 * Which intraclass correlation (Shrout and Fleiss 1979). First: 1 raters differ from case to case; 2 the same raters,
 * drawn from many, absolute agreement; 3 these raters only, consistency. Second: of one rater, or of the mean of all k.
 */
export type IntraclassForm = 'ICC(1,1)' | 'ICC(2,1)' | 'ICC(3,1)' | 'ICC(1,k)' | 'ICC(2,k)' | 'ICC(3,k)'

/** Mean squares of cases by raters. */
interface MeanSquares {
  readonly cases: number
  readonly raters: number
  readonly between: number
  readonly betweenRaters: number
  readonly residual: number
  readonly within: number
}

/** Residual mean squares below this share of the total are rounding: raters who differ by a constant, or not at all. */
const ROUNDING = 1e-14
const UPPER = 0.975

/** The intraclass correlation of sizes [case][rater], over the cases that all raters measured (n), with resampling counts. */
export function intraclassMeasure(sizes: Ratings, form: IntraclassForm, times?: Times): Measured {
  const squares = meanSquares(sizes, times)
  return typeof squares === 'object' && 'without' in squares ? squares : correlation(squares, form)
}

/**
 * The same with its 95 % interval from the F distribution (Shrout and Fleiss 1979; McGraw and Wong 1996), which takes cases
 * as independent: with several structures of one patient take `intraclassMeasure` and a bootstrap over patients.
 */
export function intraclassCorrelation(sizes: Ratings, form: IntraclassForm): Figure {
  const squares = meanSquares(sizes)
  if ('without' in squares) return figureOf(squares, noInterval('no case'), 'none')
  return figureOf(correlation(squares, form), intervalOf(squares, form), 'none')
}

function meanSquares(sizes: Ratings, times?: Times): MeanSquares | Measured {
  const raters = sizes[0]?.length ?? 0
  const rows: { readonly values: readonly number[]; readonly weight: number }[] = []
  let cases = 0
  for (const [index, row] of sizes.entries()) {
    const values = row.filter((value) => value !== null)
    const weight = times === undefined ? 1 : (times[index] ?? 0)
    if (weight === 0 || values.length < raters) continue
    cases += weight
    rows.push({ values, weight })
  }
  if (raters < 2) return notMeasured('fewer than two readers', cases)
  if (cases < 2) return notMeasured('fewer than two cases', cases)
  const raterSums = new Float64Array(raters)
  let total = 0
  for (const { values, weight } of rows) {
    for (const [rater, value] of values.entries()) {
      raterSums[rater] = (raterSums[rater] ?? 0) + weight * value
      total += weight * value
    }
  }
  const mean = total / (cases * raters)
  let [all, between] = [0, 0]
  for (const { values, weight } of rows) {
    let sum = 0
    for (const value of values) {
      sum += value - mean
      all += weight * (value - mean) ** 2
    }
    between += (weight * sum ** 2) / raters
  }
  const betweenRaters = raterSums.reduce((sum, part) => sum + cases * (part / cases - mean) ** 2, 0)
  if (all <= ROUNDING * mean * mean)
    return notMeasured('all sizes are the same, nothing to tell cases apart by', cases)
  const clean = (sum: number): number => (sum <= ROUNDING * all ? 0 : sum)
  return {
    cases,
    raters,
    between: clean(between) / (cases - 1),
    betweenRaters: clean(betweenRaters) / (raters - 1),
    residual: clean(all - between - betweenRaters) / ((cases - 1) * (raters - 1)),
    within: clean(all - between) / (cases * (raters - 1)),
  }
}

function correlation({ cases: n, raters: k, ...squares }: MeanSquares, form: IntraclassForm): Measured {
  const { between, betweenRaters, residual, within } = squares
  const parts: Record<IntraclassForm, readonly [number, number]> = {
    'ICC(1,1)': [between - within, between + (k - 1) * within],
    'ICC(2,1)': [between - residual, between + (k - 1) * residual + (k * (betweenRaters - residual)) / n],
    'ICC(3,1)': [between - residual, between + (k - 1) * residual],
    'ICC(1,k)': [between - within, between],
    'ICC(2,k)': [between - residual, between + (betweenRaters - residual) / n],
    'ICC(3,k)': [between - residual, between],
  }
  const [signal, whole] = parts[form]
  return whole > 0
    ? measured(signal / whole, n)
    : notMeasured('all sizes are the same, nothing to tell cases apart by', n)
}

function intervalOf(squares: MeanSquares, form: IntraclassForm): Interval {
  const { cases: n, raters: k, between, residual, within } = squares
  const noise = form.startsWith('ICC(1') ? within : residual
  if (noise === 0) return noInterval('no spread left between the readers')
  if (between === 0) return noInterval('all sizes are the same, nothing to tell cases apart by')
  if (form.startsWith('ICC(2')) {
    const [low, high] = absoluteLimits(squares)
    if (!Number.isFinite(low) || !Number.isFinite(high))
      return noInterval('no spread left between the readers')
    // Spearman and Brown: from one rater to the mean of k.
    const ofMean = (limit: number): number => (k * limit) / (1 + (k - 1) * limit)
    return form === 'ICC(2,1)'
      ? { low95: low, high95: high, without: null }
      : { low95: ofMean(low), high95: ofMean(high), without: null }
  }
  const noiseDf = form.startsWith('ICC(1') ? n * (k - 1) : (n - 1) * (k - 1)
  const ratio = between / noise
  const lowRatio = ratio / fQuantile(UPPER, n - 1, noiseDf)
  const highRatio = ratio * fQuantile(UPPER, noiseDf, n - 1)
  const limit = (at: number): number => (form.endsWith('1)') ? (at - 1) / (at + k - 1) : 1 - 1 / at)
  return { low95: limit(lowRatio), high95: limit(highRatio), without: null }
}

/** Limits of ICC(2,1); the degrees of freedom of its denominator after Satterthwaite (McGraw and Wong 1996, table 7). */
function absoluteLimits({
  cases: n,
  raters: k,
  between,
  betweenRaters,
  residual,
}: MeanSquares): [number, number] {
  const rho = (between - residual) / (between + (k - 1) * residual + (k * (betweenRaters - residual)) / n)
  const a = (k * rho) / (n * (1 - rho))
  const b = 1 + (k * rho * (n - 1)) / (n * (1 - rho))
  const df =
    (a * betweenRaters + b * residual) ** 2 /
    ((a * betweenRaters) ** 2 / (k - 1) + (b * residual) ** 2 / ((n - 1) * (k - 1)))
  const low = fQuantile(UPPER, n - 1, df)
  const high = fQuantile(UPPER, df, n - 1)
  const rest = k * betweenRaters + (k * n - k - n) * residual
  return [
    (n * (between - low * residual)) / (low * rest + n * between),
    (n * (high * between - residual)) / (rest + n * high * between),
  ]
}
