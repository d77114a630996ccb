import type { Figure } from '../../contract'

/** Why there is no number or no interval: a closed list of phrases that can be shown as they are. */
export type Without =
  | 'both readings are empty'
  | 'one reading is empty'
  | 'one reading marks nothing on the slice where the other is largest'
  | 'the distance between slices is not known'
  | 'the pixel spacing is not known'
  | 'fewer than two readers'
  | 'no case that two readers answered'
  | 'the number of readers differs between cases'
  | 'all answers are the same, nothing to set chance against'
  | 'all sizes are the same, nothing to tell cases apart by'
  | 'no spread left between the readers'
  | 'fewer than two cases'
  | 'no case was read twice'
  | 'no case'
  | 'one pair, no interval'
  | 'one patient, no interval'
  | 'several cases of one patient, no interval'
  | 'fewer than five slices, no interval'
  | 'fewer than five patients, no interval'
  | 'undefined in too many resamples, no interval'
  | 'the resamples lie on one side, no interval'

/** A number with the count of what it rests on, or the reason why there is none. Never NaN, never infinite. */
export type Measured =
  | { readonly value: number; readonly n: number; readonly without: null }
  | { readonly value: null; readonly n: number; readonly without: Without }

/** An interval, or the reason why there is none. */
export type Interval =
  | { readonly low95: number; readonly high95: number; readonly without: null }
  | { readonly low95: null; readonly high95: null; readonly without: Without }

/** A number that rests on `n`. */
export const measured = (value: number, n: number): Measured => ({ value, n, without: null })

/** No number, and why. */
export const notMeasured = (without: Without, n = 0): Measured => ({ value: null, n, without })

/** No interval, and why. */
export const noInterval = (without: Without): Interval => ({ low95: null, high95: null, without })

/** A figure as it is shown: a number without an interval says why, and a figure that is missing says why. */
export function figureOf(number: Measured, interval: Interval, unit: Figure['unit']): Figure {
  const { n } = number
  if (number.value === null) {
    return { value: null, low95: null, high95: null, n, unit, without: number.without }
  }
  return {
    value: number.value,
    low95: interval.low95,
    high95: interval.high95,
    n,
    unit,
    without: interval.without,
  }
}
