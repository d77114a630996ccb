/** A step to the next slice of more than this times the usual one leaves slices out. */
const GAP_FACTOR = 1.5

/** How much of the body each slice of a series stands for, along the normal. */
export interface Slabs {
  /** Millimetres of slice k: half way to both neighbours; of the first and the last slice the whole step to their one neighbour. */
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
  const usualMm = stepsMm.toSorted((a, b) => a - b)[Math.floor((stepsMm.length - 1) / 2)] ?? 0
  return {
    thicknessMm: along.map((_mm, index) => {
      const before = stepsMm[index - 1] ?? stepsMm[index] ?? 0
      const behind = stepsMm[index] ?? before
      return (before + behind) / 2
    }),
    gapAfter: stepsMm.map((stepMm) => stepMm > GAP_FACTOR * usualMm),
  }
}
