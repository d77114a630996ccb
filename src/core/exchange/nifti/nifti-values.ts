/** What the values of a NIfTI file are: labels, shares, or an image that is neither. */
import { accept, refuse, type Result } from '../../../contract'
import { belowOneHalf, isMarked } from '../shares'
import type { NiftiImage } from './nifti-file'

/** More labels than this are an image, not a reading. */
const MAX_LABELS = 1024
const MAX_LABEL = 65_535
/** Floats that were whole before someone calculated with them: resampled, averaged, converted. */
const ALMOST_WHOLE = 1e-3
/** Beyond this a stored value could stand for either of two labels. */
const WIDEST = 0.25

/**
 * The values as whole numbers, where all of them are as good as whole: a writer that fits labels into integers by
 * `scl_slope` stores the nearest step, so that half a step is what a label may be off by. Else the values as they are.
 */
export function wholeValues({ values, stepOfValues }: NiftiImage): ArrayLike<number> {
  const most = Math.max(ALMOST_WHOLE, Math.min(WIDEST, stepOfValues / 2))
  // Float32 slopes have 24 bits: large labels are off by more.
  const isNear = (value: number): boolean =>
    Math.abs(value - Math.round(value)) <= most * (1 + 1e-6) + Math.abs(value) * 1e-6
  let last = 0
  let isWhole = true
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0
    if (value === last) continue
    if (!isNear(value)) return values
    isWhole &&= Number.isInteger(value)
    last = value
  }
  // Adding 0 turns -0 into 0.
  return isWhole ? values : Float64Array.from(values, (value) => Math.round(value) + 0)
}

export interface Kind {
  readonly shares: boolean
  readonly labels: readonly number[]
}

/** Whole numbers from 0 on are labels; anything between 0 and 1 makes it shares. Refused: shares that mark nothing. */
export function kindOf(values: ArrayLike<number>): Result<Kind> {
  const labels = new Set<number>()
  let shares = false
  let most = 0
  let last = 0
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0
    // Neighbours are mostly alike.
    if (value === last || value === 0) continue
    last = value
    if (!Number.isFinite(value) || value < -ALMOST_WHOLE) {
      return refuse('annotation-damaged', `The NIfTI file holds the value ${value}, which is no label.`)
    }
    if (!Number.isInteger(value)) shares = true
    else if (labels.size <= MAX_LABELS) labels.add(value)
    if (value > most) most = value
  }
  if (shares && most <= 1 + ALMOST_WHOLE) {
    if (isMarked(most)) return accept({ shares: true, labels: [1] })
    return refuse(
      'annotation-unsupported',
      `The NIfTI file holds shares: ${belowOneHalf(most)}, so that they mark no pixel.`,
      { next: 'Choose the file of the labels, with 1 where the structure is.' },
    )
  }
  if (shares || labels.size > MAX_LABELS || most > MAX_LABEL) {
    return refuse('annotation-unsupported', 'The NIfTI file holds an image, not labels.', {
      next: 'Choose the file of the labels.',
    })
  }
  return accept({ shares: false, labels: [...labels].sort((a, b) => a - b) })
}
