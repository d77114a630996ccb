import type { Orientation, PatientPoint, Warning } from '../../contract'
import { planeNormal } from './orientation'
import { type CountedStack, sliceNumber, type SliceNumbering } from './slice-number'
import { add, dot, length, scale, subtract } from './vector'

/** Two slices nearer than this lie at the same place. */
export const SAME_POSITION_MM = 1e-3
/** Steps that differ from the median by less than this (or by 1 % of it) count as even: scanners round positions. */
const STEP_TOLERANCE_MM = 0.02
const STEP_TOLERANCE_FRACTION = 0.01
/** Positions written with one decimal are off by half of it at most, steps by all of it. */
const COARSE_MM = 0.1
/** Slices that lie further than this off the straight line from the first to the last are shifted against each other. */
export const STRAIGHT_TOLERANCE_MM = 0.2
/** A step that leaves the normal by more than this many degrees is a tilted gantry (a sheared volume). */
const TILT_TOLERANCE_DEGREES = 0.5

/** Parallel slices in their order along the normal, and what is odd about their steps. */
export interface Stack {
  /** `order[k]` is the place, in what was given, of the k-th slice along the normal. */
  readonly order: readonly number[]
  /** Distance of each slice (in that order) from the first, along the normal. */
  readonly alongNormalMm: readonly number[]
  readonly gapsMm: readonly number[]
  /** Mean step along the normal; null for one slice, uneven steps, gaps, slices at the same place or shifted ones. */
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

const isCoarse = (positionsMm: readonly PatientPoint[]): boolean =>
  positionsMm.every((position) =>
    position.every((part) => Math.abs(part / COARSE_MM - Math.round(part / COARSE_MM)) < 1e-6),
  )

/** True when no slice lies further than `toleranceMm` off an even grid from the first to the last. */
function isGrid(gapsMm: readonly number[], toleranceMm: number): boolean {
  const stepMm = gapsMm.reduce((sum, gapMm) => sum + gapMm, 0) / gapsMm.length
  let along = 0
  return gapsMm.every((gapMm, index) => {
    along += gapMm
    return Math.abs(along - (index + 1) * stepMm) <= toleranceMm
  })
}

/** How far slices lie beside the straight line from the first to the last, at most. */
export function offLineMm(positionsMm: readonly PatientPoint[], alongNormalMm: readonly number[]): number {
  const [first, last, total] = [positionsMm[0], positionsMm.at(-1), alongNormalMm.at(-1) ?? 0]
  if (first === undefined || last === undefined || !(total > SAME_POSITION_MM)) return 0
  const way = subtract(last, first)
  return positionsMm.reduce((most, position, index) => {
    const expected = add(first, scale(way, (alongNormalMm[index] ?? 0) / total))
    return Math.max(most, length(subtract(position, expected)))
  }, 0)
}

/** The numbers of the slices on both sides of gap `index`, the lower one first. */
function numbersAt(counted: CountedStack, index: number): readonly [number, number] {
  const [a, b] = [sliceNumber(counted, index), sliceNumber(counted, index + 1)]
  return [Math.min(a, b), Math.max(a, b)]
}

/** What the steps between neighbours say: gaps are whole multiples of the usual step, all else is uneven. */
function stepWarnings(
  gapsMm: readonly number[],
  isCoarse: boolean,
  numbering: SliceNumbering,
): {
  readonly even: boolean
  readonly warnings: readonly Warning[]
} {
  const counted = { numbering, count: gapsMm.length + 1 }
  const usual = median(gapsMm)
  // Of steps as small as the rounding itself nothing can be told.
  const rounding = isCoarse ? Math.min(COARSE_MM * (1 + 1e-6), usual / 4) : 0
  const tolerance = Math.max(STEP_TOLERANCE_MM, STEP_TOLERANCE_FRACTION * usual, rounding)
  const odd = gapsMm
    .map((gapMm, index) => ({ gapMm, index }))
    .filter(({ gapMm }) => Math.abs(gapMm - usual) > tolerance)
  if (odd.length === 0 && (!isCoarse || isGrid(gapsMm, tolerance))) return { even: true, warnings: [] }
  const multiples = odd.map(({ gapMm }) => Math.round(gapMm / usual))
  const areGaps = odd.every(
    ({ gapMm }, k) => (multiples[k] ?? 0) >= 2 && Math.abs(gapMm - (multiples[k] ?? 0) * usual) <= tolerance,
  )
  if (areGaps && odd.length * 2 < gapsMm.length) {
    const missing = multiples.reduce((sum, multiple) => sum + multiple - 1, 0)
    const where = odd
      .slice(0, 3)
      .map(({ index, gapMm }) => `after slice ${numbersAt(counted, index)[0]} (${millimetres(gapMm)})`)
    const text = `${missing} slice${missing === 1 ? ' is' : 's are'} missing: the usual step is ${millimetres(usual)}, gap ${where.join(', ')}.`
    return { even: false, warnings: [{ code: 'slices-missing', text }] }
  }
  const span = `from ${millimetres(Math.min(...gapsMm))} to ${millimetres(Math.max(...gapsMm))}`
  return {
    even: false,
    warnings: [{ code: 'steps-uneven', text: `Steps between slices are uneven: ${span}.` }],
  }
}

/** Names the slices that lie where the one before them lies. */
function repeatedWarning(gapsMm: readonly number[], numbering: SliceNumbering): Warning {
  const counted = { numbering, count: gapsMm.length + 1 }
  const pairs = gapsMm
    .flatMap((gapMm, index) => (gapMm < SAME_POSITION_MM ? [numbersAt(counted, index)] : []))
    .sort(([a], [b]) => a - b)
  const named = pairs.slice(0, 3).map(([lower, upper]) => `${lower} and ${upper}`)
  const more = pairs.length > 3 ? ` and ${pairs.length - 3} pairs more` : ''
  return {
    code: 'positions-repeated',
    text: `Slices ${named.join(', ')}${more} lie at the same place; no step between slices is given.`,
  }
}

const NO_SLICES: Stack = {
  order: [],
  alongNormalMm: [],
  gapsMm: [],
  stepMm: null,
  tiltDegrees: null,
  duplicates: false,
  warnings: [],
}

/**
 * Orders parallel slices by their position along the normal (ties keep the order given) and judges the steps:
 * gaps, uneven steps, slices at the same place, a tilted gantry. `numberingOf` says, of the order found, how its slices
 * are counted where the judgement names some.
 */
export function stackSlices(
  orientation: Orientation,
  positionsMm: readonly PatientPoint[],
  numberingOf: (order: readonly number[]) => SliceNumbering = () => 'up',
): Stack {
  const normal = planeNormal(orientation)
  const placed = positionsMm
    .map((position, index) => ({ position, index, alongMm: dot(position, normal) }))
    .sort((a, b) => a.alongMm - b.alongMm || a.index - b.index)
  const first = placed[0]
  const last = placed.at(-1)
  if (first === undefined || last === undefined) return NO_SLICES
  const alongNormalMm = placed.map(({ alongMm }) => alongMm - first.alongMm)
  const gapsMm = alongNormalMm.slice(1).map((alongMm, index) => alongMm - (alongNormalMm[index] ?? 0))
  const spanMm = last.alongMm - first.alongMm
  const duplicates = gapsMm.some((gapMm) => gapMm < SAME_POSITION_MM)
  const isRounded = isCoarse(positionsMm)
  const order = placed.map(({ index }) => index)
  const numbering = numberingOf(order)
  const steps =
    duplicates || gapsMm.length === 0
      ? { even: false, warnings: [] }
      : stepWarnings(gapsMm, isRounded, numbering)
  const asideMm = offLineMm(
    placed.map(({ position }) => position),
    alongNormalMm,
  )
  const isShifted = asideMm > STRAIGHT_TOLERANCE_MM
  const tiltDegrees = tiltOf(first.position, last.position, spanMm)
  const warnings = [...steps.warnings]
  if (duplicates) warnings.push(repeatedWarning(gapsMm, numbering))
  if (isShifted) {
    warnings.push({
      code: 'slices-shifted',
      text: `Slices are shifted against each other by up to ${millimetres(asideMm)}: they form no straight volume.`,
    })
  }
  if (tiltDegrees !== null && !duplicates && !isShifted && tiltDegrees > TILT_TOLERANCE_DEGREES) {
    warnings.push({
      code: 'gantry-tilt',
      text: `The gantry was tilted by ${tiltDegrees.toFixed(1)} degrees: slices are shifted against each other.`,
    })
  }
  return {
    order,
    alongNormalMm,
    gapsMm,
    stepMm: steps.even && !isShifted ? spanMm / gapsMm.length : null,
    tiltDegrees,
    duplicates,
    warnings,
  }
}
