/** Counts of values in equal bins; bin k holds low + k * width up to low + (k + 1) * width, the last one its end too. */
export interface Histogram {
  readonly low: number
  readonly high: number
  readonly counts: readonly number[]
}

const BIN_COUNT = 30

/**
 * A histogram of the samples' values on an axis that also holds the marks (readers), which are not counted. The axis
 * reaches half a bin beyond the outermost of both, though not below 0 for sizes; equal values get an axis of their own size. null without values and marks.
 */
export function histogramOf(values: readonly number[], marks: readonly number[]): Histogram | null {
  const all = [...values, ...marks]
  if (all.length === 0) return null
  const lowest = Math.min(...all)
  const highest = Math.max(...all)
  const span = highest - lowest || Math.abs(highest) || 1
  const margin = span / (2 * (BIN_COUNT - 1))
  const low = Math.max(lowest - margin, Math.min(0, lowest))
  const high = highest + margin
  const counts = new Array<number>(BIN_COUNT).fill(0)
  for (const value of values) {
    const bin = Math.min(BIN_COUNT - 1, Math.floor(((value - low) / (high - low)) * BIN_COUNT))
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return { low, high, counts }
}
