import type { Figure } from '../../contract'
import { chiSquareQuantile, studentQuantile } from './distributions'
import { figureOf, measured, noInterval, notMeasured, type Interval } from './figure'
import type { Ratings } from './ratings'

/** Bland-Altman of two raters, methods or attempts: differences are second less first. */
export interface BlandAltman {
  readonly bias: Figure
  /** Limits of agreement: bias -/+ 1.96 standard deviations (of n - 1) of the differences. */
  readonly lowerLimit: Figure
  readonly upperLimit: Figure
  /** What is plotted, one point a case that both measured. */
  readonly points: readonly { readonly mean: number; readonly difference: number }[]
}

const Z_95 = 1.959963984540054
const UPPER = 0.975

/**
 * Bias and limits of agreement of sizes [case][first, second] over the cases with both (n), each with a 95 % interval
 * from Student's t; standard error of a limit: s sqrt(1/n + z^2 / (2 (n - 1))) (Bland and Altman 1999, section 2). Cases are taken
 * as independent. One case: a bias without limits.
 */
export function blandAltman(sizes: Ratings, unit: Figure['unit']): BlandAltman {
  const points = sizes.flatMap(([first, second]) =>
    first == null || second == null ? [] : [{ mean: (first + second) / 2, difference: second - first }],
  )
  const n = points.length
  if (n === 0) {
    const none = figureOf(notMeasured('no case that two readers answered'), noInterval('no case'), unit)
    return { bias: none, lowerLimit: none, upperLimit: none, points }
  }
  const bias = points.reduce((sum, { difference }) => sum + difference, 0) / n
  if (n === 1) {
    const none = figureOf(notMeasured('fewer than two cases', n), noInterval('one pair, no interval'), unit)
    const only = figureOf(measured(bias, n), noInterval('one pair, no interval'), unit)
    return { bias: only, lowerLimit: none, upperLimit: none, points }
  }
  const squares = points.reduce((sum, { difference }) => sum + (difference - bias) ** 2, 0)
  const deviation = Math.sqrt(squares / (n - 1))
  const t = studentQuantile(UPPER, n - 1)
  const withInterval = (value: number, error: number): Figure =>
    figureOf(measured(value, n), { low95: value - t * error, high95: value + t * error, without: null }, unit)
  const limitError = deviation * Math.sqrt(1 / n + Z_95 ** 2 / (2 * (n - 1)))
  return {
    bias: withInterval(bias, deviation / Math.sqrt(n)),
    lowerLimit: withInterval(bias - Z_95 * deviation, limitError),
    upperLimit: withInterval(bias + Z_95 * deviation, limitError),
    points,
  }
}

/**
 * Repeatability coefficient of one rater's repeats, sizes [case][attempt]: two repeats of a case differ by less in 95 %
 * of cases, 1.96 sqrt(2) s_w, s_w^2 being the variance within cases pooled over them (Bland and Altman 1999, section
 * 3; ISO 5725-6), with the interval of s_w from chi-square. n: cases read at least twice.
 */
export function repeatabilityCoefficient(sizes: Ratings, unit: Figure['unit']): Figure {
  let [squares, df, n] = [0, 0, 0]
  for (const row of sizes) {
    const values = row.filter((value) => value !== null)
    if (values.length < 2) continue
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    squares += values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    df += values.length - 1
    n += 1
  }
  if (n === 0) return figureOf(notMeasured('no case was read twice'), noInterval('no case'), unit)
  const factor = Z_95 * Math.SQRT2
  const interval: Interval =
    n === 1
      ? noInterval('one pair, no interval')
      : {
          low95: factor * Math.sqrt(squares / chiSquareQuantile(UPPER, df)),
          high95: factor * Math.sqrt(squares / chiSquareQuantile(1 - UPPER, df)),
          without: null,
        }
  return figureOf(measured(factor * Math.sqrt(squares / df), n), interval, unit)
}
