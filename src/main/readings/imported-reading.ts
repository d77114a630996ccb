import { z } from 'zod'
import { accept, DrawnSlice, refuse } from '../../contract'
import type { Result, Slice } from '../../contract'
import { decodeBoxMask } from '../../core/contour/box-mask'
import { numberNow } from '../../core/subject/slice-places'
import type { StoredImport } from '../workspace/store'
import { contentKey } from './same-reading'
import type { ComparableStructure, ImportedFacts } from '../../core/comparison/comparable-reading'
import type { ShownReading } from './shown-reading'

/** A reading from a file as the workspace keeps it: `StoredImport.content`. */
export const ImportedContent = z.strictObject({
  structures: z.array(z.strictObject({ label: z.string(), slices: z.array(DrawnSlice) })),
})
export type ImportedContent = z.infer<typeof ImportedContent>

/** A kept import with what the rater who asks is to know of it. */
export interface OwnedImport extends StoredImport {
  readonly facts: ImportedFacts
}

/** What the content of a file marks, to be told from what is here; null where it marks nothing. */
export function keyOfContent(content: string, slicesNow: readonly Slice[] | null): string | null {
  const parsed = ImportedContent.safeParse(JSON.parse(content))
  return parsed.success
    ? contentKey({ structures: shownStructures(parsed.data, slicesNow).structures })
    : null
}

function shownStructures(
  { structures }: ImportedContent,
  slicesNow: readonly Slice[] | null,
): { readonly structures: readonly ComparableStructure[]; readonly lost: number } {
  const numberOf = numberNow(slicesNow)
  let lost = 0
  const shown = structures.map(({ label, slices }) => ({
    label,
    origin: null,
    outlines: slices.flatMap((slice) => {
      const sliceIndex = numberOf(slice)
      if (sliceIndex === null) lost += 1
      const placed = decodeBoxMask(slice.mask)
      // Earlier versions kept slices of shares of which none reached one half.
      return sliceIndex === null || !placed.mask.pixels.includes(1) ? [] : [{ sliceIndex, placed }]
    }),
  }))
  return { structures: shown, lost }
}

/** A kept import as a reading of the named reader, on the slices of the series as they are now (null: a photograph). */
export function readImport(
  { importId, reader, content, facts }: OwnedImport,
  slicesNow: readonly Slice[] | null,
): Result<ShownReading> {
  const parsed = ImportedContent.safeParse(JSON.parse(content))
  if (!parsed.success)
    return refuse('annotation-damaged', `The reading of ${reader} in the workspace cannot be read.`, {
      next: 'Restore a backup of the workspace, or bring the file in again.',
    })
  const { structures, lost } = shownStructures(parsed.data, slicesNow)
  const isEmpty = parsed.data.structures.every(({ slices }) => slices.length === 0)
  const comment = lost === 0 ? '' : `${lost} outlines lie on slices that are not open now.`
  return accept({
    readingId: importId,
    source: 'imported',
    name: reader,
    attempt: null,
    blind: false,
    answer: { verdict: isEmpty ? 'nothing' : 'outlined', reason: '', confidence: null, comment },
    structures,
    imported: facts,
  })
}
