import type { Rescale } from '../instance'
import type { Noted } from '../noted'
import type { DataSet } from '../read-elements'
import { TAG } from '../elements'
import { code, decimals } from '../values'

/** Rescale slope and intercept; a slope of zero or no number is left out. CT without a type is in HU (PS3.3 C.8.2.1). */
export function rescaleOf(set: DataSet, modality: string): Noted<Rescale> {
  const unusedUnit = ''
  const hasSlope = code(set, TAG.RescaleSlope) !== ''
  const hasIntercept = code(set, TAG.RescaleIntercept) !== ''
  if (!hasSlope && !hasIntercept) return { value: { slope: 1, intercept: 0, unit: unusedUnit }, warnings: [] }
  const slope = decimals(set, TAG.RescaleSlope)[0] ?? null
  const intercept = decimals(set, TAG.RescaleIntercept)[0] ?? null
  if (slope === null || slope === 0 || intercept === null) {
    const text = 'Rescale Slope or Intercept cannot be right: stored values are shown, without a unit.'
    return {
      value: { slope: 1, intercept: 0, unit: unusedUnit },
      warnings: [{ code: 'rescale-unusable', text }],
    }
  }
  const type = code(set, TAG.RescaleType)
  const unit = type === '' ? (modality === 'CT' ? 'HU' : '') : type === 'US' ? '' : type
  return { value: { slope, intercept, unit }, warnings: [] }
}
