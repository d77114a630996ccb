import type { PixelSpacing } from '../../../contract'
import { refuse, accept, type Result } from '../../../contract'
import { findStructure, sliceMask, type AnnotationDocument } from '../../../core/annotation/document'
import { fillHoles } from '../../../core/contour/flood-fill'
import { interpolateSlices } from '../../../core/contour/interpolate-slices'
import { grow, shrink, smooth } from '../../../core/contour/reshape'
import { copySlice, discOfPx, nudge, wholeBox, type EditedMask } from '../../../core/contour/slice-mask'
import type { Mask } from '../../../core/image/mask'
import type { SliceChange } from './edits'

/** Slices on which a structure has pixels, ascending, from 0. */
export const drawnSlices = (document: AnnotationDocument, structureId: string): readonly number[] =>
  [...(findStructure(document, structureId)?.slices.keys() ?? [])].sort((a, b) => a - b)

/** The drawn slices around a gap: the one that the slice lies in, else the one nearest above or below it. */
export function gapAround(
  drawn: readonly number[],
  sliceIndex: number,
): { readonly first: number; readonly last: number } | null {
  const gaps = drawn.slice(1).flatMap((last, at) => {
    const first = drawn[at] ?? last
    return last - first > 1 ? [{ first, last }] : []
  })
  const distance = ({ first, last }: { first: number; last: number }): number =>
    Math.max(0, first - sliceIndex, sliceIndex - last)
  return gaps.sort((a, b) => distance(a) - distance(b) || a.first - b.first)[0] ?? null
}

export interface Filled {
  readonly first: number
  readonly last: number
  readonly changes: readonly SliceChange[]
}

/**
 * The slices between two drawn ones, by shape. `along` is where a slice lies on the axis, in any unit (uneven steps
 * are kept). Refused with `request-invalid` where no gap is.
 */
export function fillBetween(
  document: AnnotationDocument,
  structureId: string,
  sliceIndex: number,
  along: (sliceIndex: number) => number,
  spacingMm: PixelSpacing | null,
): Result<Filled> {
  const gap = gapAround(drawnSlices(document, structureId), sliceIndex)
  if (gap === null) {
    return refuse('request-invalid', 'There is no gap to fill between outlined slices.', {
      next: 'Outline the structure on two slices with at least one empty slice between them.',
    })
  }
  const { first, last } = gap
  const indices = Array.from({ length: last - first - 1 }, (_, at) => first + 1 + at)
  const whole = along(last) - along(first)
  const fractions = indices.map((index) =>
    whole === 0 ? (index - first) / (last - first) : (along(index) - along(first)) / whole,
  )
  const start = sliceMask(document, structureId, first)
  const end = sliceMask(document, structureId, last)
  const masks = interpolateSlices(start, end, fractions, spacingMm)
  const changes = masks.map((after, at) => ({
    sliceIndex: indices[at] ?? first,
    after,
    box: wholeBox(after),
  }))
  return accept({ first, last, changes })
}

/** What stands on a slice, put in the place of what stands on another. */
export function copyTo(
  document: AnnotationDocument,
  structureId: string,
  from: number,
  to: number,
): SliceChange {
  const { mask, box } = copySlice(
    sliceMask(document, structureId, from),
    sliceMask(document, structureId, to),
    'replace',
  )
  return { sliceIndex: to, after: mask, box }
}

const ONE_PX = discOfPx(1)

/** Operations on the outline of one slice, by the words of the history. */
export const RESHAPING = {
  Smooth: (mask: Mask): EditedMask => smooth(mask, ONE_PX),
  'Grow 1 px': (mask: Mask): EditedMask => grow(mask, ONE_PX),
  'Shrink 1 px': (mask: Mask): EditedMask => shrink(mask, ONE_PX),
  'Fill holes': fillHoles,
  'Move left': (mask: Mask): EditedMask => nudge(mask, -1, 0),
  'Move right': (mask: Mask): EditedMask => nudge(mask, 1, 0),
  'Move up': (mask: Mask): EditedMask => nudge(mask, 0, -1),
  'Move down': (mask: Mask): EditedMask => nudge(mask, 0, 1),
} as const
export type Reshaping = keyof typeof RESHAPING
