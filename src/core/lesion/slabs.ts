import { judgeSteps } from '../geometry/slice-gaps'

/** How much of the body each slice of a series stands for, along the normal. */
export interface Slabs {
  /** Millimetres of slice k: half way to both neighbours; where it has one, or a gap on one side, the whole step to that one. */
  readonly thicknessMm: readonly number[]
  /** Whether slices are left out between slice k and slice k + 1. */
  readonly gapAfter: readonly boolean[]
}

/**
 * Slabs of slices at ascending distances along the normal. null where there is no volume to speak of: one slice,
 * slices at the same place, a distance that is not known.
 */
export function slabsOf(alongNormalMm: readonly (number | null)[]): Slabs | null {
  const along = alongNormalMm.filter((mm) => mm !== null)
  if (along.length < 2 || along.length < alongNormalMm.length) return null
  const stepsMm = along.slice(1).map((mm, index) => mm - (along[index] ?? 0))
  if (!stepsMm.every((stepMm) => stepMm > 0)) return null
  const { isGapAfter, usualMm } = judgeSteps(stepsMm)
  /** Nothing is known of what lies in a gap: no slice stands for any of it. */
  const near = (index: number): number | undefined =>
    isGapAfter[index] === true ? undefined : stepsMm[index]
  return {
    thicknessMm: along.map((_mm, index) => {
      const before = near(index - 1) ?? near(index) ?? usualMm
      const behind = near(index) ?? before
      return (before + behind) / 2
    }),
    gapAfter: isGapAfter,
  }
}
