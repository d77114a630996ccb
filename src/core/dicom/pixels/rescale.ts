import type { Rescale } from '../instance'
import type { Noted } from '../noted'
import type { DataSet } from '../read-elements'
import { TAG } from '../elements'
import { code, decimals } from '../values'

/** Beyond these no unit of a scanner lies, and single precision soon ends. */
const SLOPES = { least: 1e-15, most: 1e9 }
const MOST_INTERCEPT = 1e12
/** HU have steps of a few thousandths (spectral maps) to some tens, and water at 0. */
const CT_SLOPES = { least: 1e-3, most: 1e2 }
const MOST_CT_INTERCEPT = 1e5

/** Whether a slope and an intercept can be those of a scanner; of CT values more is known. */
function isBelievable(slope: number, intercept: number, unit: string): boolean {
  const { least, most } = unit === 'HU' ? CT_SLOPES : SLOPES
  const size = Math.abs(slope)
  return (
    size >= least &&
    size <= most &&
    Math.abs(intercept) <= (unit === 'HU' ? MOST_CT_INTERCEPT : MOST_INTERCEPT)
  )
}

/**
 * Rescale slope and intercept; what is no number, a slope of zero and what no scanner writes is left out. CT without a
 * type is in HU (PS3.3 C.8.2.1).
 */
export function rescaleOf(set: DataSet, modality: string): Noted<Rescale> {
  const unusedUnit = ''
  const hasSlope = code(set, TAG.RescaleSlope) !== ''
  const hasIntercept = code(set, TAG.RescaleIntercept) !== ''
  if (!hasSlope && !hasIntercept) return { value: { slope: 1, intercept: 0, unit: unusedUnit }, warnings: [] }
  const slope = decimals(set, TAG.RescaleSlope)[0] ?? null
  const intercept = decimals(set, TAG.RescaleIntercept)[0] ?? null
  const type = code(set, TAG.RescaleType)
  const unit = type === '' ? (modality === 'CT' ? 'HU' : '') : type === 'US' ? '' : type
  if (slope === null || intercept === null || !isBelievable(slope, intercept, unit)) {
    const text = 'Rescale Slope or Intercept cannot be right: stored values are shown, without a unit.'
    return {
      value: { slope: 1, intercept: 0, unit: unusedUnit },
      warnings: [{ code: 'rescale-unusable', text }],
    }
  }
  return { value: { slope, intercept, unit }, warnings: [] }
}
