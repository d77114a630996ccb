import { UNITS_DIFFER } from '../../core/geometry/apart'
import { kindOf } from '../../core/subject/subject-kinds'
import {
  EXPERIMENTAL_MODEL,
  type InstalledModel,
  type Manifest,
  SCOPE_WARNING,
  type SliceReport,
  type Warning,
} from '../../contract'
import { drawsOneOutline } from '../../core/sampling/one-outline'
import type { FoundTarget } from './run-target'
import { patientInTraining } from './training-set'

type Span = readonly [number, number]

const outside = (value: number, [low, high]: Span): boolean => value < low || value > high

const inWords = ([low, high]: Span): string => `${low} to ${high} mm`

/** What the library says of a series that a run on it has to say too. */
const DOUBTS: readonly string[] = [UNITS_DIFFER, 'patients-differ', 'dates-differ']

/** What files call the part of the body that holds the lungs; empty: not said. */
const CHEST = /CHEST|THORAX|LUNG|BODY|CAP|TAP/i

/** A model of nodules in the lung on another part of the body. */
function elsewhere({ structure }: Manifest, bodyPart: string): Warning[] {
  if (!/lung/i.test(structure) || bodyPart === '' || CHEST.test(bodyPart)) return []
  const text = `The file says ${bodyPart}; the model has learned from ${structure}s in the chest and knows nothing of other parts of the body.`
  return [{ code: 'scope-body-part', text }]
}

/** Of a package that was made here and not promoted: whatever it draws says so. */
export const standingWarnings = ({ id, standing }: InstalledModel): Warning[] =>
  standing?.experimental === true
    ? [
        {
          code: EXPERIMENTAL_MODEL,
          text: `The model ${id} is experimental: ${standing.doubt === null ? 'it was made here and has not been promoted.' : `it was made here, and its promotion is not vouched for. ${standing.doubt}`} Its outlines and figures are for trying alone.`,
        },
      ]
    : []

/** Where a target lies outside what the model was made for, and where sizes have no unit. */
export function scopeWarnings(manifest: Manifest, target: FoundTarget): Warning[] {
  const warnings: Warning[] = manifest.scope.warnings.map((text) => ({ code: SCOPE_WARNING, text }))
  if (!kindOf(target.subject).hasSpacing) {
    const text =
      'A photograph has no scale: sizes are in pixels of the photograph and as a share of the field of view.'
    return [...warnings, { code: 'spacing-unknown', text }]
  }
  const { spacingMm, sliceThicknessMm, bodyPart, patientId } = target
  warnings.push(...target.warnings.filter(({ code }) => DOUBTS.includes(code)))
  warnings.push(...patientInTraining(manifest, patientId), ...elsewhere(manifest, bodyPart))
  const { scope } = manifest
  if (spacingMm === null) {
    const text =
      'The distance between pixels is unknown: sizes are in pixels, and whether the model fits cannot be told.'
    warnings.push({ code: 'spacing-unknown', text })
  } else if (scope.spacingMm !== null) {
    const { row, column } = spacingMm
    if (outside(row, scope.spacingMm) || outside(column, scope.spacingMm)) {
      const found = row === column ? `${row}` : `${row} × ${column}`
      const text = `Pixels are ${found} mm apart; the model has learned from ${inWords(scope.spacingMm)}.`
      warnings.push({ code: 'scope-spacing', text })
    }
  }
  if (
    scope.sliceThicknessMm !== null &&
    sliceThicknessMm !== null &&
    outside(sliceThicknessMm, scope.sliceThicknessMm)
  ) {
    const text = `Slices are ${sliceThicknessMm} mm thick; the model has learned from ${inWords(scope.sliceThicknessMm)}.`
    warnings.push({ code: 'scope-slice-thickness', text })
  }
  return warnings
}

/** The report, with a warning where what was drawn is smaller than what the model was made for. */
export function withSizeScope(report: SliceReport, manifest: Manifest): SliceReport {
  const { minDiameterMm } = manifest.scope
  const median = report.sizes.equivalentDiameterMm?.median ?? null
  if (minDiameterMm === null || median === null || median >= minDiameterMm) return report
  const what = drawsOneOutline(manifest) ? 'outline' : 'median sample'
  const text = `The ${what} is ${median.toFixed(1)} mm across; the model has learned from ${minDiameterMm} mm on.`
  return { ...report, warnings: [...report.warnings, { code: 'scope-diameter', text }] }
}
