import { z } from 'zod'
import { accept, BoxMask, refuse } from '../../contract'
import type { Result } from '../../contract'
import { decodeBoxMask } from '../../core/contour/box-mask'
import type { StoredImport } from '../workspace/store'
import type { ShownReading } from './shown-reading'

/** A reading from a file as the workspace keeps it: `StoredImport.content`. */
export const ImportedContent = z.strictObject({
  structures: z.array(
    z.strictObject({
      label: z.string(),
      slices: z.array(z.strictObject({ sliceIndex: z.number().int().nonnegative(), mask: BoxMask })),
    }),
  ),
})
export type ImportedContent = z.infer<typeof ImportedContent>

/** A kept import as a reading of the named reader. */
export function readImport({ importId, reader, content }: StoredImport): Result<ShownReading> {
  const parsed = ImportedContent.safeParse(JSON.parse(content))
  if (!parsed.success)
    return refuse('annotation-damaged', `The reading of ${reader} in the workspace cannot be read.`, {
      next: 'Restore a backup of the workspace, or bring the file in again.',
    })
  const structures = parsed.data.structures.map(({ label, slices }) => ({
    label,
    origin: null,
    outlines: slices.map(({ sliceIndex, mask }) => ({ sliceIndex, placed: decodeBoxMask(mask) })),
  }))
  const isEmpty = structures.every(({ outlines }) => outlines.length === 0)
  return accept({
    readingId: importId,
    source: 'imported',
    name: reader,
    attempt: null,
    blind: false,
    answer: { verdict: isEmpty ? 'nothing' : 'outlined', reason: '', confidence: null, comment: '' },
    structures,
  })
}
