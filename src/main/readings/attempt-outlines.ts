import { accept } from '../../contract'
import type { DrawnSlice, Result, Verdict } from '../../contract'
import { drawnInSteps } from '../../core/annotation/document'
import { decodeBoxMask } from '../../core/contour/box-mask'
import type { SliceOutline } from '../../core/measures/voxel-block'
import type { StoredAttempt } from '../workspace/store'
import type { Documents } from './documents'
import { givingWay, inSlices } from './in-slices'

/** Masks of slices, unpacked with turns for others in between. */
export async function outlinesOf(slices: readonly DrawnSlice[]): Promise<SliceOutline[]> {
  const giveWay = givingWay()
  const outlines: SliceOutline[] = []
  for (const { sliceIndex, mask } of slices) {
    outlines.push({ sliceIndex, placed: decodeBoxMask(mask) })
    await giveWay()
  }
  return outlines
}

/** What an attempt says: its answer, and all that it outlined taken together. */
export async function attemptOutlines(
  documents: Documents,
  attempt: StoredAttempt,
): Promise<Result<{ readonly verdict: Verdict | null; readonly outlines: readonly SliceOutline[] }>> {
  const folded = await documents.fold(attempt)
  if (!folded.ok) return folded
  const { structures, answer } = await inSlices(drawnInSteps(folded.value.document))
  return accept({
    verdict: answer.verdict,
    outlines: await outlinesOf(structures.flatMap(({ slices }) => slices)),
  })
}
