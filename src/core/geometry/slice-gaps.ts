/** Steps that differ from the usual one by less than this (or by 1 % of it) count as even: scanners round positions. */
const STEP_TOLERANCE_MM = 0.02
const STEP_TOLERANCE_FRACTION = 0.01
/** Positions written with one decimal are off by half of it at most, steps by all of it. */
const COARSE_MM = 0.1
/** A step longer than this times the steps beside it leaves slices out, unless such steps are common in the series. */
const GAP_FACTOR = 1.75
/** Beyond this times the steps beside it a step is a gap, however often it comes. */
const CERTAIN_GAP_FACTOR = 3
/** Steps about as long as this one are common from this share of all on; of whole multiples of the usual step, from the next. */
const COMMON_FRACTION = 1 / 3
const COMMON_MULTIPLE_FRACTION = 1 / 2
const ABOUT_AS_LONG = 0.8
/** Steps looked at on each side. */
const BESIDE = 3
/** A side with fewer steps says nothing of what is usual there: one slice may stand alone. */
const FEWEST_BESIDE = 2

/** What the steps between neighbouring slices say. */
export interface StepJudgement {
  readonly usualMm: number
  readonly toleranceMm: number
  /** True where slice k and slice k + 1 have a stretch between them that was not imaged. */
  readonly isGapAfter: readonly boolean[]
  /** The gaps are whole multiples of the usual step, so that missing slices can be counted. */
  readonly areWhole: boolean
  /** Beside the gaps there are steps that differ. */
  readonly areOthersUneven: boolean
}

/** True where every coordinate is written with one decimal at most. */
export const isCoarse = (positionsMm: readonly (readonly number[])[]): boolean =>
  positionsMm.every((position) =>
    position.every((part) => Math.abs(part / COARSE_MM - Math.round(part / COARSE_MM)) < 1e-6),
  )

const middle = (values: readonly number[]): number | null => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}

/**
 * The usual step about step `index`: the larger one of its two sides, since a series may go on in longer steps; where
 * neither has enough of them, that of all other steps. Null: there is no other step.
 */
function usualAbout(stepsMm: readonly number[], index: number): number | null {
  const sides = [
    stepsMm.slice(Math.max(0, index - BESIDE), index),
    stepsMm.slice(index + 1, index + 1 + BESIDE),
  ]
  const told = sides.flatMap((side) => (side.length < FEWEST_BESIDE ? [] : [middle(side) ?? 0]))
  return told.length > 0 ? Math.max(...told) : middle(stepsMm.toSpliced(index, 1))
}

const isMultiple = (stepMm: number, usualMm: number, toleranceMm: number): boolean => {
  const multiple = Math.round(stepMm / usualMm)
  return multiple >= 2 && Math.abs(stepMm - multiple * usualMm) <= toleranceMm
}

function isGap(stepsMm: readonly number[], index: number, toleranceMm: number): boolean {
  const [stepMm, usualMm] = [stepsMm[index] ?? 0, usualAbout(stepsMm, index)]
  if (usualMm === null || stepMm <= GAP_FACTOR * usualMm) return false
  if (stepMm > CERTAIN_GAP_FACTOR * usualMm + toleranceMm) return true
  const alike = stepsMm.filter((other) => other >= ABOUT_AS_LONG * stepMm).length
  const common = isMultiple(stepMm, usualMm, toleranceMm) ? COMMON_MULTIPLE_FRACTION : COMMON_FRACTION
  return alike < common * stepsMm.length
}

/**
 * Judges the steps (mm, in their order) between parallel slices: which are much longer than the steps beside them, so
 * that slices are left out, and whether the others are even. Steps that lengthen once and stay so are no gaps, nor are
 * longer ones that come again and again. `isCoarselyPlaced`: the positions were written with one decimal at most.
 */
export function judgeSteps(stepsMm: readonly number[], isCoarselyPlaced = false): StepJudgement {
  const sorted = stepsMm.toSorted((a, b) => a - b)
  const usualMm = sorted[Math.floor(sorted.length / 2)] ?? 0
  // Of steps as small as the rounding itself nothing can be told.
  const rounding = isCoarselyPlaced ? Math.min(COARSE_MM * (1 + 1e-6), usualMm / 4) : 0
  const toleranceMm = Math.max(STEP_TOLERANCE_MM, STEP_TOLERANCE_FRACTION * usualMm, rounding)
  const isGapAfter = stepsMm.map((_stepMm, index) => isGap(stepsMm, index, toleranceMm))
  const [gaps, others] = [true, false].map((isIt) =>
    stepsMm.filter((_stepMm, index) => isGapAfter[index] === isIt),
  )
  return {
    ...{ usualMm, toleranceMm, isGapAfter },
    areWhole: (gaps ?? []).every((stepMm) => isMultiple(stepMm, usualMm, toleranceMm)),
    areOthersUneven: (others ?? []).some((stepMm) => Math.abs(stepMm - usualMm) > toleranceMm),
  }
}
