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

/**
 * The intraclass correlation of sizes [case][rater] for resamples, over the cases that all raters measured (n);
 * times[i] is how often case i counts.
 */
export function intraclassOver(sizes: Ratings, form: IntraclassForm): (times: Times) => Measured {
  const complete = completeCases(sizes)
  return (times) => {
    const squares = meanSquares(complete, times)
    return 'without' in squares ? squares : correlation(squares, form)
  }
}

/**
 * The same with its 95 % interval from the F distribution (Shrout and Fleiss 1979; McGraw and Wong 1996), which takes cases
 * as independent: with several structures of one patient take `intraclassOver` and a bootstrap over patients.
 */
export function intraclassCorrelation(sizes: Ratings, form: IntraclassForm): Figure {
  const squares = meanSquares(completeCases(sizes), new Uint8Array(sizes.length).fill(1))
  if ('without' in squares) return figureOf(squares, noInterval('no case'), 'none')
  return figureOf(correlation(squares, form), intervalOf(squares, form), 'none')
}

/** The cases without a gap, values less the mean of all, so that little cancels. */
interface CompleteCases {
  readonly raters: number
  readonly middle: number
  readonly rows: readonly { readonly index: number; readonly values: Float64Array }[]
}

function completeCases(sizes: Ratings): CompleteCases {
  const raters = sizes[0]?.length ?? 0
  const complete = sizes.flatMap((row, index) => {
    const values = row.filter((value) => value !== null)
    return values.length < raters ? [] : [{ index, values }]
  })
  const all = complete.flatMap(({ values }) => values)
  const middle = all.length === 0 ? 0 : all.reduce((sum, value) => sum + value, 0) / all.length
  const rows = complete.map(({ index, values }) => ({
    index,
    values: Float64Array.from(values, (value) => value - middle),
  }))
  return { raters, middle, rows }
}

function meanSquares({ raters, middle, rows }: CompleteCases, times: Times): MeanSquares | Measured {
  const raterSums = new Float64Array(raters)
  let [cases, total, squares, caseSquares] = [0, 0, 0, 0]
  for (const { index, values } of rows) {
    const weight = times[index] ?? 0
    let [sum, square] = [0, 0]
    for (let rater = 0; rater < raters; rater += 1) {
      const value = values[rater] ?? 0
      raterSums[rater] = (raterSums[rater] ?? 0) + weight * value
      sum += value
      square += value * value
    }
    cases += weight
    total += weight * sum
    squares += weight * square
    caseSquares += weight * sum * sum
  }
  if (raters < 2) return notMeasured('fewer than two readers', cases)
  if (cases < 2) return notMeasured('fewer than two cases', cases)
  const correction = (total * total) / (cases * raters)
  const all = squares - correction
  const between = caseSquares / raters - correction
  const betweenRaters = raterSums.reduce((sum, part) => sum + (part * part) / cases, 0) - correction
  if (all <= ROUNDING * (squares + cases * raters * middle ** 2)) {
    return notMeasured('all sizes are the same, nothing to tell cases apart by', cases)
  }
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
