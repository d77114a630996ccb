import { z } from 'zod'
import { Orientation, PatientPoint, SeriesSpacing, Uid } from '../geometry'
import { Refusal, Warning } from '../refusal'

/** One series of one study, as the library lists it. Command line: `margin scan`. */
export const SeriesSummary = z.strictObject({
  seriesUid: Uid,
  studyUid: Uid,
  patientId: z.string(),
  /** Of issuer, birth date and sex as the files state them: series of one ID and different marks are of different people. */
  patientMark: z.string().min(1).optional(),
  modality: z.string(),
  description: z.string(),
  seriesNumber: z.number().int().nullable(),
  studyDate: z.string(),
  bodyPart: z.string(),
  slices: z.number().int().nonnegative(),
  rows: z.number().int().positive(),
  columns: z.number().int().positive(),
  spacingMm: SeriesSpacing.nullable(),
  warnings: z.array(Warning),
})
export type SeriesSummary = z.infer<typeof SeriesSummary>

/** Code of the warning that a picture is shown turned or mirrored, as the file says. */
export const PICTURE_TURNED = 'picture-turned'

/** A photograph (PNG, JPEG, TIFF, or a DICOM object of ophthalmic photography). */
export const ImageSummary = z.strictObject({
  imageId: z.string(),
  path: z.string(),
  name: z.string(),
  format: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  bitsPerChannel: z.number().int(),
  channels: z.number().int(),
  /** As the file states it; absent where it states none, or is no DICOM. */
  patientId: z.string().min(1).optional(),
  /** Which eye, only where the file or its name says so. */
  eye: z.enum(['left', 'right']).nullable(),
  warnings: z.array(Warning),
})
export type ImageSummary = z.infer<typeof ImageSummary>

/** Something beside the images that holds readings and can be brought in. */
export const AnnotationSummary = z.strictObject({
  annotationId: z.string(),
  path: z.string(),
  kind: z.enum(['lidc-xml', 'mask', 'field-of-view', 'document']),
  /** The series or image it belongs to, where that is known. */
  seriesUid: Uid.nullable(),
  imageId: z.string().nullable(),
  note: z.string(),
})
export type AnnotationSummary = z.infer<typeof AnnotationSummary>

export const ScanResult = z.strictObject({
  series: z.array(SeriesSummary),
  images: z.array(ImageSummary),
  annotations: z.array(AnnotationSummary),
  refused: z.array(Refusal),
  filesRead: z.number().int().nonnegative(),
  scannedAt: z.string(),
  roots: z.array(z.string()),
})
export type ScanResult = z.infer<typeof ScanResult>

/** `POST /api/scans`: scan paths that lie in the opened roots. Answer: JSON lines of ScanLine. */
export const ScanRequest = z.strictObject({ paths: z.array(z.string().min(1)).min(1).max(1000) })
export type ScanRequest = z.infer<typeof ScanRequest>

export const ScanLine = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('progress'),
    filesRead: z.number().int(),
    filesTotal: z.number().int(),
    path: z.string(),
  }),
  z.strictObject({ kind: z.literal('done'), result: ScanResult }),
  z.strictObject({ kind: z.literal('refused'), refusal: Refusal }),
])
export type ScanLine = z.infer<typeof ScanLine>

/**
 * How grey levels follow values where they do not follow a straight line: the sigmoid of a centre and a width (PS3.3
 * C.11.2.1.3), or a table (C.11.2.1.1) of one grey level a value from `first` on, base64; outside of it its ends count.
 */
export const WindowCurve = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sigmoid') }),
  z.strictObject({ kind: z.literal('table'), first: z.number().int(), levels: z.base64() }),
])
export type WindowCurve = z.infer<typeof WindowCurve>

/** A window of a table has the middle and the length of it for centre and width. */
export const WindowSetting = z.strictObject({
  centre: z.number(),
  width: z.number().positive(),
  label: z.string(),
  curve: WindowCurve.optional(),
})
export type WindowSetting = z.infer<typeof WindowSetting>

/** One slice in the order of display (ascending along the normal). */
export const Slice = z.strictObject({
  index: z.number().int().nonnegative(),
  sopInstanceUid: Uid,
  instanceNumber: z.number().int().nullable(),
  frame: z.number().int().nonnegative(),
  positionMm: PatientPoint.nullable(),
  /** Distance along the normal from the first slice. */
  alongNormalMm: z.number().nullable(),
  rescale: z.strictObject({ slope: z.number(), intercept: z.number(), unit: z.string() }),
})
export type Slice = z.infer<typeof Slice>

/** `GET /api/series/:uid` */
export const SeriesDetail = z.strictObject({
  summary: SeriesSummary,
  slices: z.array(Slice),
  orientation: Orientation.nullable(),
  photometric: z.string(),
  windows: z.array(WindowSetting),
  /** Absent where the files state none, or not the same one. */
  frameOfReferenceUid: z.string().optional(),
  kernel: z.string(),
  kilovoltagePeak: z.string(),
  seriesDate: z.string(),
  sliceThicknessMm: z.number().positive().nullable(),
  lossy: z.boolean(),
})
export type SeriesDetail = z.infer<typeof SeriesDetail>

/** Code of a slice's warning: its values use bits that the header says are not of the picture. */
export const BITS_DOUBTED = 'bits-doubted'

/**
 * Describes the body of `GET /api/series/:uid/slices/:index` and `GET /api/images/:id/pixels`, sent in the header
 * `margin-pixels` as JSON. Body: little endian, row by row from the top left; `rgb8` has three bytes a pixel.
 * Grey bodies hold stored values: value = slope * stored + intercept.
 */
export const PixelDescription = z.strictObject({
  widthPx: z.number().int().positive(),
  heightPx: z.number().int().positive(),
  type: z.enum(['int16', 'uint16', 'uint8', 'rgb8', 'float32']),
  slope: z.number(),
  intercept: z.number(),
  unit: z.string(),
  minStored: z.number(),
  maxStored: z.number(),
  /** Stored value that stands for outside the scanned field, where the file says so. */
  paddingStored: z.number().nullable(),
  /** Where it is a range of stored values, from or up to this one (Pixel Padding Range Limit). */
  paddingLimitStored: z.number().optional(),
  /** The slice brings overlay planes: `GET …/graphics`, packed bits of its size, most significant first. */
  graphics: z.literal(true).optional(),
  warnings: z.array(Warning),
})
export type PixelDescription = z.infer<typeof PixelDescription>
export const PIXELS_HEADER = 'margin-pixels'
