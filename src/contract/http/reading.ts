import { z } from 'zod'
import { SlicePlace, Uid, VolumePlace } from '../geometry'
import { Warning } from '../refusal'

/**
 * A mask on part of an image: the smallest box that holds it, bits packed row by row, most significant bit first,
 * each row padded to a byte; base64. Image index of the box's first pixel centre: (originColumn, originRow).
 */
export const BoxMask = z.strictObject({
  originColumn: z.number().int(),
  originRow: z.number().int(),
  widthPx: z.number().int().nonnegative(),
  heightPx: z.number().int().nonnegative(),
  bits: z.string(),
})
export type BoxMask = z.infer<typeof BoxMask>

/** A mask on a slice: what was drawn there, by whomever, wherever it crosses a process or is kept. */
export const DrawnSlice = SlicePlace.extend({ mask: BoxMask })
export type DrawnSlice = z.infer<typeof DrawnSlice>

/** What one rater drew of one structure. LIDC raters are unordered: A of one scan is not A of another. */
export const Reading = z.strictObject({
  readingId: z.string(),
  /** A, B, C … in the order of the source. */
  letter: z.string(),
  label: z.string(),
  /** Pixels marked over all slices. */
  voxels: z.number().int().nonnegative(),
  /** The rater saw the scan and outlined nothing here. */
  empty: z.boolean(),
  slices: z.array(DrawnSlice),
})
export type Reading = z.infer<typeof Reading>

/** A thing that readings are about: a nodule, or the vessels of a photograph. */
export const Structure = z.strictObject({
  structureId: z.string(),
  label: z.string(),
  firstSlice: z.number().int().nonnegative(),
  lastSlice: z.number().int().nonnegative(),
  /** Where a run is centred: the middle of the union of all outlines, image index of the middle slice. */
  centre: VolumePlace,
  readings: z.array(Reading),
})
export type Structure = z.infer<typeof Structure>

/** `POST /api/readings`: bring in annotations beside a series or a photograph. */
export const ImportReadingsRequest = z.strictObject({
  annotationIds: z.array(z.string().min(1)).min(1).max(64),
})
export type ImportReadingsRequest = z.infer<typeof ImportReadingsRequest>

/** `GET /api/readings?seriesUid=` or `?imageId=`, and the answer of the import. */
export const ReadingSet = z.strictObject({
  seriesUid: Uid.nullable(),
  imageId: z.string().nullable(),
  source: z.string(),
  structures: z.array(Structure),
  warnings: z.array(Warning),
})
export type ReadingSet = z.infer<typeof ReadingSet>
