import { z } from 'zod'
import { Uid } from './geometry'
import { RunRecord, SizeDistribution, SliceReport, sizesOf } from './http/inference'
import { LesionReport } from './http/lesion'
import { ImageSummary } from './http/library'

/** Sizes without the per-sample values: what a report prints. */
const PrintedSize = SizeDistribution.omit({ values: true })
const PrintedSizes = z.strictObject(sizesOf(PrintedSize))
export type PrintedSizes = z.infer<typeof PrintedSizes>

/** Samples of each class of one guideline, by one measure. */
const GuidelineShare = z.strictObject({
  guideline: z.string(),
  measure: z.enum(['meanDiameterMm', 'volumeMm3']),
  classes: z.array(z.strictObject({ name: z.string(), count: z.number().int().nonnegative() })),
})

/** What a nodule is made of: said by the person, never guessed. */
export const NoduleKind = z.enum(['solid', 'part-solid', 'ground-glass'])
export type NoduleKind = z.infer<typeof NoduleKind>

/** A whole lesion as `margin infer --whole-lesion` prints it. */
export const PrintedLesion = LesionReport.omit({ sizes: true }).extend({
  slices: z.array(LesionReport.shape.slices.element.omit({ runId: true })),
  sizes: z.strictObject({
    volumeMm3: PrintedSize.optional(),
    meanDiameterMm: PrintedSize.optional(),
    longAxisMm: PrintedSize.optional(),
    shortAxisMm: PrintedSize.optional(),
    longestDiameterMm: PrintedSize.optional(),
    meanHu: PrintedSize.optional(),
  }),
  /** Only where the kind of nodule was said. */
  classes: z.strictObject({ kind: NoduleKind, shares: z.array(GuidelineShare) }).nullable(),
})
export type PrintedLesion = z.infer<typeof PrintedLesion>

/**
 * Which image figures are of, so that two eyes or two patients can be told apart. The name of a photograph's file may be
 * a patient's: null where it is left out. `pixelsSha256` is of its pixels as they are shown, 8-bit RGB row by row.
 */
export const ReportedImage = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('image'),
    name: z.string().nullable(),
    eye: ImageSummary.shape.eye,
    pixelsSha256: z.string(),
  }),
  /** Null where the files have none. */
  z.strictObject({ kind: z.literal('series'), seriesUid: Uid.nullable() }),
])
export type ReportedImage = z.infer<typeof ReportedImage>

/** `report.json` and the standard output of `margin infer` and `margin demo`. */
export const InferReport = z.strictObject({
  run: RunRecord.omit({ runId: true }),
  /** Reports of older versions have none. */
  image: ReportedImage.optional(),
  targets: z.array(
    z.strictObject({
      id: z.string(),
      label: z.string(),
      slices: z.array(
        SliceReport.omit({ sizes: true, agreement: true, depthOrder: true, frame: true }).extend({
          sizes: PrintedSizes,
          /** As people count it, on the page too (decision 0074): from 1, an axial CT from the head; null of a photograph. */
          sliceNumber: z.number().int().positive().nullable(),
          /** Generalised energy distance to the readers of this slice; null without readers. */
          ged: z.number().nullable(),
          gedInterval95: z.tuple([z.number(), z.number()]).nullable(),
          dice: z.array(
            z.strictObject({
              readingId: z.string(),
              median: z.number(),
              low95: z.number().nullable(),
              high95: z.number().nullable(),
            }),
          ),
        }),
      ),
      /** Sizes on the slice where the median area is largest. */
      sizes: PrintedSizes,
      sizesSliceIndex: z.number().int().nonnegative().nullable(),
      /** Only where the whole lesion was asked for. */
      lesion: PrintedLesion.optional(),
      sizesSliceNumber: z.number().int().positive().nullable(),
      readings: z.array(z.strictObject({ id: z.string(), voxels: z.number().int(), empty: z.boolean() })),
    }),
  ),
  files: z.array(z.string()),
  researchUse: z.string(),
})
export type InferReport = z.infer<typeof InferReport>

/** One line of `margin decode`. */
export const DecodeReport = z.union([
  z.strictObject({
    path: z.string(),
    transferSyntax: z.string(),
    rows: z.number().int(),
    columns: z.number().int(),
    frames: z.number().int(),
    form: z.enum(['grey', 'index', 'rgb']),
    dtype: z.enum(['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'f4', 'f8']),
    sha256: z.array(z.string()),
    warnings: z.array(z.strictObject({ code: z.string(), text: z.string() })),
  }),
  z.strictObject({
    path: z.string(),
    refusal: z.looseObject({ code: z.string(), reason: z.string() }),
  }),
])
export type DecodeReport = z.infer<typeof DecodeReport>
