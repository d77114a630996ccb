import type { SizeDistribution } from '../../contract'

/** With fewer values the tails of a 95 % interval would rest on single samples; the range is given and called that. */
export const LEAST_FOR_INTERVAL = 50

/**
 * Quantile of values sorted ascending: linear between the order statistics at (n - 1) * fraction (type 7 of Hyndman
 * and Fan 1996, the default of NumPy and R). NaN without values.
 */
export function quantile(sorted: Float64Array, fraction: number): number {
  const place = (sorted.length - 1) * fraction
  const below = Math.floor(place)
  const low = sorted[below] ?? NaN
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN
  return low + (high - low) * (place - below)
}

/** Median and where the middle 95 % lie; below 50 values the whole range. */
export interface Spread {
  readonly median: number
  readonly low95: number
  readonly high95: number
  readonly interval: 'central-95' | 'range'
}

/** The spread of at least one value; null without values. */
export function spreadOf(values: Iterable<number>): Spread | null {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return null
  const central = sorted.length >= LEAST_FOR_INTERVAL
  return {
    median: quantile(sorted, 0.5),
    low95: quantile(sorted, central ? 0.025 : 0),
    high95: quantile(sorted, central ? 0.975 : 1),
    interval: central ? 'central-95' : 'range',
  }
}

/** One size a sample, null for an empty sample, with the spread of those that are there. */
export function sizeDistribution(values: readonly (number | null)[]): SizeDistribution {
  const spread = spreadOf(values.filter((value) => value !== null))
  return spread === null
    ? { median: null, low95: null, high95: null, interval: 'none', values: [...values] }
    : { ...spread, values: [...values] }
}
