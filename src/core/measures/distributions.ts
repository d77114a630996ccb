/**
 * Quantiles of the normal, Student's, the F and the chi-square distribution, from the incomplete gamma and beta
 * functions (NIST Digital Library of Mathematical Functions 8.11.4 and 8.17.22) by bisection: exact to about 1e-10 of the value, and
 * called a few times a figure, so that speed does not matter.
 */

const LARGEST_TERM_COUNT = 10_000
const SMALLEST_TERM = 1e-17
const BISECTIONS = 200

/** ln Gamma(x), x > 0: Stirling's series (DLMF 5.11.1) above 10, reached by the recurrence. */
function logGamma(x: number): number {
  let shift = 0
  let large = x
  while (large < 10) {
    shift -= Math.log(large)
    large += 1
  }
  const inverse = 1 / (large * large)
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / large
  return shift + (large - 0.5) * Math.log(large) - large + 0.5 * Math.log(2 * Math.PI) + series
}

/** Regularised lower incomplete gamma P(a, x): all terms of the series are positive, so nothing cancels. */
function gammaShare(a: number, x: number): number {
  if (x <= 0) return 0
  let term = 1 / a
  let sum = term
  for (let n = 1; n < LARGEST_TERM_COUNT && term > sum * SMALLEST_TERM; n += 1) {
    term *= x / (a + n)
    sum += term
  }
  return Math.min(1, sum * Math.exp(a * Math.log(x) - x - logGamma(a)))
}

/** Regularised incomplete beta I_x(a, b): the continued fraction, on the side where it converges fast. */
function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  // Evaluated forwards as the ratio of two recurrences, kept in range by dividing both.
  let [numerator, previousNumerator] = [1, 1]
  let [denominator, previousDenominator] = [1, 0]
  let fraction = 1
  for (let m = 1; m < LARGEST_TERM_COUNT; m += 1) {
    const half = Math.floor(m / 2)
    const coefficient =
      m % 2 === 0
        ? (half * (b - half) * x) / ((a + m - 1) * (a + m))
        : (-(a + half) * (a + b + half) * x) / ((a + m - 1) * (a + m))
    ;[numerator, previousNumerator] = [numerator + coefficient * previousNumerator, numerator]
    ;[denominator, previousDenominator] = [denominator + coefficient * previousDenominator, denominator]
    previousNumerator /= denominator
    previousDenominator /= denominator
    numerator /= denominator
    denominator = 1
    if (Math.abs(numerator - fraction) < Math.abs(numerator) * SMALLEST_TERM * 10) break
    fraction = numerator
  }
  return front / (a * numerator)
}

/** Where a rising function reaches `target` between two places. */
function whereReached(rising: (x: number) => number, target: number, from: number, to: number): number {
  let [low, high] = [from, to]
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = low + (high - low) / 2
    if (middle === low || middle === high) break
    if (rising(middle) < target) low = middle
    else high = middle
  }
  return low + (high - low) / 2
}

/** Share of a standard normal below z. */
export function normalShare(z: number): number {
  const half = gammaShare(0.5, (z * z) / 2) / 2
  return z < 0 ? 0.5 - half : 0.5 + half
}

/** Quantile of the standard normal, 0 < share < 1, within 8 standard deviations. */
export const normalQuantile = (share: number): number => whereReached(normalShare, share, -8, 8)

/** Quantile of the F distribution; degrees of freedom above 0 need not be whole. */
export function fQuantile(share: number, numeratorDf: number, denominatorDf: number): number {
  const [a, b] = [numeratorDf / 2, denominatorDf / 2]
  // Solved for the smaller of x and 1 - x, where a double keeps its digits.
  if (betaShare(0.5, a, b) >= share) {
    const x = whereReached((at) => betaShare(at, a, b), share, 0, 0.5)
    return (denominatorDf * x) / (numeratorDf * (1 - x))
  }
  const rest = whereReached((at) => betaShare(at, b, a), 1 - share, 0, 0.5)
  return (denominatorDf * (1 - rest)) / (numeratorDf * rest)
}

/** Upper quantile of Student's t, share at least 1/2: t squared is F with 1 and df degrees of freedom. */
export const studentQuantile = (share: number, df: number): number =>
  Math.sqrt(fQuantile(2 * share - 1, 1, df))

/** Quantile of chi-square. */
export const chiSquareQuantile = (share: number, df: number): number =>
  2 * whereReached((x) => gammaShare(df / 2, x), share, 0, df / 2 + 40 + 20 * Math.sqrt(df))
