import type { Orientation, PatientPoint, Warning } from '../../contract'
import { planeNormal } from './orientation'
import { dot, length, subtract } from './vector'

/** Two slices nearer than this lie at the same place. */
export const SAME_POSITION_MM = 1e-3
/** Steps that differ from the median by less than this (or by 1 % of it) count as even: scanners round positions. */
const STEP_TOLERANCE_MM = 0.02
const STEP_TOLERANCE_FRACTION = 0.01
/** A step that leaves the normal by more than this many degrees is a tilted gantry (a sheared volume). */
const TILT_TOLERANCE_DEGREES = 0.5

/** Parallel slices in their order along the normal, and what is odd about their steps. */
export interface Stack {
  /** `order[k]` is the place, in what was given, of the k-th slice along the normal. */
  readonly order: readonly number[]
  /** Distance of each slice (in that order) from the first, along the normal. */
  readonly alongNormalMm: readonly number[]
  readonly gapsMm: readonly number[]
  /** Mean step along the normal; null for one slice, uneven steps, gaps, or slices at the same place. */
  readonly stepMm: number | null
  /** Angle between the normal and the direction from slice to slice; null where it cannot be told. */
  readonly tiltDegrees: number | null
  readonly duplicates: boolean
  readonly warnings: readonly Warning[]
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

const millimetres = (value: number): string => `${String(Number(value.toFixed(3)))} mm`

function tiltOf(first: PatientPoint, last: PatientPoint, alongMm: number): number | null {
  const travelMm = length(subtract(last, first))
  if (!(travelMm > SAME_POSITION_MM)) return null
  return (Math.acos(Math.min(1, Math.abs(alongMm) / travelMm)) * 180) / Math.PI
}

/** What the steps between neighbours say: gaps are whole multiples of the usual step, all else is uneven. */
function stepWarnings(gapsMm: readonly number[]): {
  readonly even: boolean
  readonly warnings: readonly Warning[]
} {
  const usual = median(gapsMm)
  const tolerance = Math.max(STEP_TOLERANCE_MM, STEP_TOLERANCE_FRACTION * usual)
  const odd = gapsMm
    .map((gapMm, index) => ({ gapMm, index }))
    .filter(({ gapMm }) => Math.abs(gapMm - usual) > tolerance)
  if (odd.length === 0) return { even: true, warnings: [] }
  const multiples = odd.map(({ gapMm }) => Math.round(gapMm / usual))
  const areGaps = odd.every(
    ({ gapMm }, k) => (multiples[k] ?? 0) >= 2 && Math.abs(gapMm - (multiples[k] ?? 0) * usual) <= tolerance,
  )
  if (areGaps && odd.length * 2 < gapsMm.length) {
    const missing = multiples.reduce((sum, multiple) => sum + multiple - 1, 0)
    const where = odd
      .slice(0, 3)
      .map(({ index, gapMm }) => `after slice ${index + 1} (${millimetres(gapMm)})`)
    const text = `${missing} slice${missing === 1 ? ' is' : 's are'} missing: the usual step is ${millimetres(usual)}, gap ${where.join(', ')}.`
    return { even: false, warnings: [{ code: 'slices-missing', text }] }
  }
  const span = `from ${millimetres(Math.min(...gapsMm))} to ${millimetres(Math.max(...gapsMm))}`
  return {
    even: false,
    warnings: [{ code: 'steps-uneven', text: `Steps between slices are uneven: ${span}.` }],
  }
}

/**
 * Orders parallel slices by their position along the normal (ties keep the order given) and judges the steps:
 * gaps, uneven steps, slices at the same place, a tilted gantry.
 */
export function stackSlices(orientation: Orientation, positionsMm: readonly PatientPoint[]): Stack {
  const normal = planeNormal(orientation)
  const placed = positionsMm
    .map((position, index) => ({ position, index, alongMm: dot(position, normal) }))
    .sort((a, b) => a.alongMm - b.alongMm || a.index - b.index)
  const first = placed[0]
  const last = placed.at(-1)
  if (first === undefined || last === undefined) {
    return {
      order: [],
      alongNormalMm: [],
      gapsMm: [],
      stepMm: null,
      tiltDegrees: null,
      duplicates: false,
      warnings: [],
    }
  }
  const alongNormalMm = placed.map(({ alongMm }) => alongMm - first.alongMm)
  const gapsMm = alongNormalMm.slice(1).map((alongMm, index) => alongMm - (alongNormalMm[index] ?? 0))
  const spanMm = last.alongMm - first.alongMm
  const duplicates = gapsMm.some((gapMm) => gapMm < SAME_POSITION_MM)
  const steps = duplicates || gapsMm.length === 0 ? { even: false, warnings: [] } : stepWarnings(gapsMm)
  const tiltDegrees = tiltOf(first.position, last.position, spanMm)
  const warnings = [...steps.warnings]
  if (duplicates) {
    const count = gapsMm.filter((gapMm) => gapMm < SAME_POSITION_MM).length
    warnings.push({
      code: 'positions-repeated',
      text: `${count + 1} slices or more lie at the same place; no step between slices is given.`,
    })
  }
  if (tiltDegrees !== null && !duplicates && tiltDegrees > TILT_TOLERANCE_DEGREES) {
    warnings.push({
      code: 'gantry-tilt',
      text: `The gantry was tilted by ${tiltDegrees.toFixed(1)} degrees: slices are shifted against each other.`,
    })
  }
  return {
    order: placed.map(({ index }) => index),
    alongNormalMm,
    gapsMm,
    stepMm: steps.even ? spanMm / gapsMm.length : null,
    tiltDegrees,
    duplicates,
    warnings,
  }
}
