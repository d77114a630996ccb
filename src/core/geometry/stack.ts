import type { Orientation, PatientPoint, Warning } from '../../contract'
import { planeNormal } from './orientation'
import { isCoarse, judgeSteps } from './slice-gaps'
import { type CountedStack, sliceNumber, type SliceNumbering } from './slice-number'
import { add, dot, length, scale, subtract } from './vector'

/** Two slices nearer than this lie at the same place. */
export const SAME_POSITION_MM = 1e-3
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

const millimetres = (value: number): string => `${String(Number(value.toFixed(3)))} mm`

function tiltOf(first: PatientPoint, last: PatientPoint, alongMm: number): number | null {
  const travelMm = length(subtract(last, first))
  if (!(travelMm > SAME_POSITION_MM)) return null
  return (Math.acos(Math.min(1, Math.abs(alongMm) / travelMm)) * 180) / Math.PI
}

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

/** Names up to three gaps: how far apart which slices are. */
function gapsNamed(gapsMm: readonly number[], isGapAfter: readonly boolean[], counted: CountedStack): string {
  const gaps = gapsMm.flatMap((gapMm, index) => (isGapAfter[index] === true ? [{ gapMm, index }] : []))
  const named = gaps
    .slice(0, 3)
    .map(({ index, gapMm }) => `after slice ${numbersAt(counted, index)[0]} (${millimetres(gapMm)})`)
  return named.join(', ') + (gaps.length > 3 ? ` and ${gaps.length - 3} more` : '')
}

/** What the steps between neighbours say: gaps, where nothing was imaged, and uneven steps. */
function stepWarnings(
  gapsMm: readonly number[],
  isCoarselyPlaced: boolean,
  numbering: SliceNumbering,
): {
  readonly even: boolean
  readonly warnings: readonly Warning[]
} {
  const judged = judgeSteps(gapsMm, isCoarselyPlaced)
  const { usualMm, toleranceMm, isGapAfter, areWhole, areOthersUneven } = judged
  const hasGaps = isGapAfter.includes(true)
  const isUneven = areOthersUneven || (!hasGaps && isCoarselyPlaced && !isGrid(gapsMm, toleranceMm))
  const warnings: Warning[] = []
  if (hasGaps) {
    const missing = gapsMm.reduce(
      (sum, mm, at) => sum + (isGapAfter[at] ? Math.round(mm / usualMm) - 1 : 0),
      0,
    )
    const what = areWhole
      ? `${missing} slice${missing === 1 ? ' is' : 's are'} missing`
      : 'Slices are missing, how many cannot be told'
    const where = gapsNamed(gapsMm, isGapAfter, { numbering, count: gapsMm.length + 1 })
    const text = `${what}: the usual step is ${millimetres(usualMm)}, gap ${where}.`
    warnings.push({ code: 'slices-missing', text })
  }
  if (isUneven) {
    const steps = gapsMm.filter((_mm, index) => isGapAfter[index] !== true)
    const span = `from ${millimetres(Math.min(...steps))} to ${millimetres(Math.max(...steps))}`
    warnings.push({ code: 'steps-uneven', text: `Steps between slices are uneven: ${span}.` })
  }
  return { even: warnings.length === 0, warnings }
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
