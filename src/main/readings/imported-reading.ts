import { z } from 'zod'
import { accept, BoxMask, refuse } from '../../contract'
import type { Result, Slice } from '../../contract'
import { decodeBoxMask } from '../../core/contour/box-mask'
import type { StoredImport } from '../workspace/store'
import type { ShownReading } from './shown-reading'

/** A reading from a file as the workspace keeps it: `StoredImport.content`. */
export const ImportedContent = z.strictObject({
  structures: z.array(
    z.strictObject({
      label: z.string(),
      slices: z.array(
        z.strictObject({
          sliceIndex: z.number().int().nonnegative(),
          /** The slice that was meant; absent for photographs, and in readings of versions that kept the number alone. */
          instance: z
            .strictObject({ sopInstanceUid: z.string(), frame: z.number().int().nonnegative() })
            .optional(),
          mask: BoxMask,
        }),
      ),
    }),
  ),
})
export type ImportedContent = z.infer<typeof ImportedContent>

type KeptSlice = ImportedContent['structures'][number]['slices'][number]

/** Where a kept slice stands in the series as it is open now; null where it is not among its slices. */
function sliceNow({ sliceIndex, instance }: KeptSlice, slices: readonly Slice[] | null): number | null {
  if (slices === null || instance === undefined) return sliceIndex
  const { sopInstanceUid, frame } = instance
  return (
    slices.find((slice) => slice.sopInstanceUid === sopInstanceUid && slice.frame === frame)?.index ?? null
  )
}

/** A kept import as a reading of the named reader, on the slices of the series as they are now (null: a photograph). */
export function readImport(
  { importId, reader, content }: StoredImport,
  slicesNow: readonly Slice[] | null,
): Result<ShownReading> {
  const parsed = ImportedContent.safeParse(JSON.parse(content))
  if (!parsed.success)
    return refuse('annotation-damaged', `The reading of ${reader} in the workspace cannot be read.`, {
      next: 'Restore a backup of the workspace, or bring the file in again.',
    })
  let lost = 0
  const structures = parsed.data.structures.map(({ label, slices }) => ({
    label,
    origin: null,
    outlines: slices.flatMap((slice) => {
      const sliceIndex = sliceNow(slice, slicesNow)
      if (sliceIndex === null) lost += 1
      return sliceIndex === null ? [] : [{ sliceIndex, placed: decodeBoxMask(slice.mask) }]
    }),
  }))
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
  })
}
