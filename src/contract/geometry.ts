import { z } from 'zod'

/** An exact instance, series or study UID, as in the file, or a made-up one that starts with `margin.` */
export const Uid = z.string().min(1).max(128)

/** Millimetres between pixel centres. PS3.3 10.7.1.3: `row` is the distance between rows (vertical), `column` between columns. */
export const PixelSpacing = z.strictObject({ row: z.number().positive(), column: z.number().positive() })
export type PixelSpacing = z.infer<typeof PixelSpacing>

export const SeriesSpacing = z.strictObject({
  row: z.number().positive(),
  column: z.number().positive(),
  /** Distance between neighbouring slices along the normal; null for one slice or uneven steps. */
  slice: z.number().positive().nullable(),
})
export type SeriesSpacing = z.infer<typeof SeriesSpacing>

/** A slice by what it is: its instance, and which frame of it (from 0). */
export const SliceInstance = z.strictObject({ sopInstanceUid: Uid, frame: z.number().int().nonnegative() })
export type SliceInstance = z.infer<typeof SliceInstance>

/**
 * A slice of an open series, or a photograph (number 0, no instance). The number is for the eye and for arrays; the
 * instance is what is meant, wherever the two differ. It is absent in records from before version 0.2.
 */
export const SlicePlace = z.strictObject({
  sliceIndex: z.number().int().nonnegative(),
  instance: SliceInstance.optional(),
})
export type SlicePlace = z.infer<typeof SlicePlace>

/** A place in a volume: image index on a slice. The centre of the first pixel is (0, 0). */
export const VolumePlace = SlicePlace.extend({ column: z.number(), row: z.number() })
export type VolumePlace = z.infer<typeof VolumePlace>

/** LPS millimetres: x to the patient's left, y to the back, z to the head. */
export const PatientPoint = z.tuple([z.number(), z.number(), z.number()])
export type PatientPoint = z.infer<typeof PatientPoint>

/** Direction cosines of a row (along increasing column) and of a column (along increasing row). PS3.3 C.7.6.2.1.1. */
export const Orientation = z.strictObject({ row: PatientPoint, column: PatientPoint })
export type Orientation = z.infer<typeof Orientation>

/**
 * Where a small grid (a crop, a scaled photograph, a mask) lies in the image. Image index of the centre of grid
 * pixel (c, r): column = originColumn + c * columnStep, row = originRow + r * rowStep. The centre of the image's
 * first pixel is (0, 0).
 */
export const Grid = z.strictObject({
  widthPx: z.number().int().positive(),
  heightPx: z.number().int().positive(),
  originColumn: z.number(),
  originRow: z.number(),
  columnStep: z.number().positive(),
  rowStep: z.number().positive(),
})
export type Grid = z.infer<typeof Grid>
