import { quantile } from './intervals'
import type { SampleDepths } from './contour-depth'

/** Quartiles of fewer depths rest on too few samples to say that one lies apart. */
const LEAST_SAMPLES = 20
/** Tukey 1977, Exploratory Data Analysis: the inner fence. */
const FENCE = 1.5

/**
 * Samples that are outliers by their depth: those that draw something and lie less deep than Q1 - 1.5 (Q3 - Q1) of the
 * depths of all that do. Shallowest first. None of fewer than 20 such samples. Empty samples are no outlier: whether
 * anything is drawn is another question than where its edge runs.
 */
export function depthOutliers({ depths, order, emptyCount }: SampleDepths): number[] {
  const drawn = order.slice(0, order.length - emptyCount)
  if (drawn.length < LEAST_SAMPLES) return []
  const sorted = Float64Array.from(drawn, (index) => depths[index] ?? 0).sort()
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
  const fence = low - FENCE * (high - low)
  return drawn.filter((index) => (depths[index] ?? 0) < fence).reverse()
}
