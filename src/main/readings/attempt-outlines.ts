import { accept } from '../../contract'
import type { Result, Verdict } from '../../contract'
import { toDrawn } from '../../core/annotation/document'
import { decodeBoxMask } from '../../core/contour/box-mask'
import type { SliceOutline } from '../../core/measures/voxel-block'
import type { StoredAttempt } from '../workspace/store'
import type { Documents } from './documents'

/** What an attempt says: its answer, and all that it outlined taken together. */
export async function attemptOutlines(
  documents: Documents,
  attempt: StoredAttempt,
): Promise<Result<{ readonly verdict: Verdict | null; readonly outlines: readonly SliceOutline[] }>> {
  const folded = await documents.fold(attempt)
  if (!folded.ok) return folded
  const { structures, answer } = toDrawn(folded.value.document)
  return accept({
    verdict: answer.verdict,
    outlines: structures.flatMap(({ slices }) =>
      slices.map(({ sliceIndex, mask }) => ({ sliceIndex, placed: decodeBoxMask(mask) })),
    ),
  })
}
