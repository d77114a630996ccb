import type { Figure } from '../../contract'
import { STREAM_BOOTSTRAP, uniforms } from '../sampling/counter-rng'
import { quantile } from '../uncertainty/intervals'
import { normalQuantile, normalShare } from './distributions'
import { figureOf, noInterval, type Interval, type Measured, type Without } from './figure'
import type { Steps } from './steps'

/** Replicates: the 2.5 % quantile then rests on 25 of them. */
const REPLICATES = 1000
/** Fixed, so that the same answers always print the same interval. */
const SEED = 1
/** Four cases have 35 different resamples, too few for a tail of 1 in 40; five have 126. */
const LEAST_CASES = 5
const Z_95 = 1.959963984540054
/** Resamples that may be left out because the measure is undefined there (kappa where only one answer was drawn). */
const LARGEST_SHARE_UNDEFINED = 0.05

/**
 * How often each case is in the figure: 1 each for the answers at hand, the number of draws in a resample. A case is
 * what is drawn whole: a patient, however many nodules and slices it has.
 */
export type Times = ArrayLike<number>

/** The resamples of that many cases, drawn once and shared by all figures of one table. */
export interface CaseDraws {
  readonly caseCount: number
  readonly of: 'slices' | 'patients'
  /** One a replicate. */
  readonly times: readonly Uint16Array[]
}

/** Draws cases with replacement, 1,000 times, always the same for the same number of cases. A step a replicate. */
export function* drawCases(caseCount: number, of: CaseDraws['of']): Steps<CaseDraws> {
  const times: Uint16Array[] = []
  if (caseCount >= LEAST_CASES) {
    for (let replicate = 0; replicate < REPLICATES; replicate += 1) {
      const drawn = new Uint16Array(caseCount)
      for (const draw of uniforms(SEED, replicate, STREAM_BOOTSTRAP, caseCount)) {
        const index = Math.floor(draw * caseCount)
        drawn[index] = (drawn[index] ?? 0) + 1
      }
      times.push(drawn)
      yield
    }
  }
  return { caseCount, of, times }
}

/**
 * A figure with its 95 % interval over cases: bias-corrected and accelerated (Efron 1987; as `scipy.stats.bootstrap`,
 * method BCa). Resamples where the measure is undefined (kappa where only one answer was drawn) are left out, at most one
 * in twenty. Without an interval it says why: a single case, fewer than five, too many undefined resamples, or an
 * estimate outside all resamples. A step a replicate.
 */
export function* figureOverCases(
  draws: CaseDraws,
  unit: Figure['unit'],
  measure: (times: Times) => Measured,
): Steps<Figure> {
  const once = new Uint16Array(draws.caseCount).fill(1)
  const estimate = measure(once)
  if (estimate.value === null) return figureOf(estimate, noInterval(estimate.without), unit)
  const replicates = new Float64Array(draws.times.length)
  let defined = 0
  for (const times of draws.times) {
    const { value } = measure(times)
    if (value !== null) {
      replicates[defined] = value
      defined += 1
    }
    yield
  }
  const interval =
    draws.caseCount < LEAST_CASES
      ? noInterval(whyTooFew(draws, estimate.n))
      : defined < (1 - LARGEST_SHARE_UNDEFINED) * replicates.length
        ? noInterval('undefined in too many resamples, no interval')
        : yield* intervalOf(draws.caseCount, estimate.value, replicates.subarray(0, defined), measure)
  return figureOf(estimate, interval, unit)
}

const whyTooFew = ({ caseCount, of }: CaseDraws, n: number): Without =>
  caseCount > 1
    ? `fewer than five ${of}, no interval`
    : n > 1
      ? 'one patient, no interval'
      : 'one pair, no interval'

function* intervalOf(
  caseCount: number,
  estimate: number,
  replicates: Float64Array,
  measure: (times: Times) => Measured,
): Steps<Interval> {
  const leftOut = yield* leaveOneOut(caseCount, measure)
  if (leftOut === null) return noInterval('undefined in too many resamples, no interval')
  const sorted = replicates.sort()
  const rounding = 1e-12 * Math.max(Math.abs(estimate), sorted.at(-1) ?? 0, -(sorted[0] ?? 0))
  let below = 0
  for (const value of sorted) {
    // A resample that equals the estimate but for rounding counts half.
    if (value < estimate - rounding) below += 1
    else if (value <= estimate + rounding) below += 0.5
  }
  const shareBelow = below / sorted.length
  if (shareBelow === 0 || shareBelow === 1) return noInterval('the resamples lie on one side, no interval')
  const bias = normalQuantile(shareBelow)
  const acceleration = accelerationOf(leftOut)
  const end = (z: number): number => {
    const shifted = bias + z
    const share = normalShare(bias + shifted / (1 - acceleration * shifted))
    return quantile(sorted, share)
  }
  return { low95: end(-Z_95), high95: end(Z_95), without: null }
}

/** The measure without each case in turn; null where it is then undefined. */
function* leaveOneOut(caseCount: number, measure: (times: Times) => Measured): Steps<Float64Array | null> {
  const times = new Uint16Array(caseCount).fill(1)
  const values = new Float64Array(caseCount)
  for (let out = 0; out < caseCount; out += 1) {
    times[out] = 0
    const { value } = measure(times)
    if (value === null) return null
    values[out] = value
    times[out] = 1
    yield
  }
  return values
}

/** A sixth of the skewness of the jackknife values; 0 where they are all alike. */
function accelerationOf(leftOut: Float64Array): number {
  const mean = leftOut.reduce((sum, value) => sum + value, 0) / leftOut.length
  let squares = 0
  let cubes = 0
  for (const value of leftOut) {
    squares += (mean - value) ** 2
    cubes += (mean - value) ** 3
  }
  return squares <= 1e-24 * mean * mean ? 0 : cubes / (6 * squares ** 1.5)
}

/** Mean of values, one a case, null where a case has none. */
export function weightedMean(values: readonly (number | null)[], times: Times): Measured {
  let sum = 0
  let n = 0
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? null
    if (value === null) continue
    sum += value * (times[index] ?? 0)
    n += times[index] ?? 0
  }
  return n === 0 ? { value: null, n, without: 'no case' } : { value: sum / n, n, without: null }
}
