import type { Calibration, SizeDistribution, Sizes } from '../../contract'
import { quantile } from './intervals'

/** Bounds of a size, in its own unit. */
interface Bounds {
  readonly low: number
  readonly high: number
}

/**
 * The nested family of intervals that samples span (trainer/margin_trainer/measures/conformal.py). `sorted` holds at
 * least one positive size, ascending. Level 0 to 1: the central interval with that share; beyond 1: the range, wider
 * by level - 1 in the logarithm on either side.
 */
export function intervalAt(sorted: Float64Array, level: number): Bounds {
  const tail = (1 - Math.min(level, 1)) / 2
  const beyond = Math.exp(Math.max(level - 1, 0))
  return { low: quantile(sorted, tail) / beyond, high: quantile(sorted, 1 - tail) * beyond }
}

/** Which adjustment a size takes; the share of a photograph's field has none. */
const SIZE_OF: { readonly [key in keyof Sizes]?: keyof Calibration['sizes'] } = {
  areaMm2: 'area',
  areaPx: 'area',
  equivalentDiameterMm: 'equivalentDiameter',
  equivalentDiameterPx: 'equivalentDiameter',
  longestDiameterMm: 'longestDiameter',
  longestDiameterPx: 'longestDiameter',
}

/** The sizes with the 95 % intervals of the table; medians and values are the samples' own and stay. */
export function calibratedSizes(sizes: Sizes, table: Calibration): Sizes {
  const entries = Object.entries(sizes) as [keyof Sizes, SizeDistribution][]
  return Object.fromEntries(
    entries.map(([key, size]) => {
      const levels = SIZE_OF[key] === undefined ? undefined : table.sizes[SIZE_OF[key]]
      return [key, levels === undefined ? size : calibratedSize(size, levels['95'].level)]
    }),
  )
}

function calibratedSize(size: SizeDistribution, level: number): SizeDistribution {
  if (size.interval !== 'central-95') return size
  const sorted = Float64Array.from(size.values.filter((value) => value !== null)).sort()
  const { low, high } = intervalAt(sorted, level)
  return { ...size, low95: low, high95: high, interval: 'calibrated-95' }
}
