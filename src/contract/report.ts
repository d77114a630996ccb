import { z } from 'zod'
import { RunRecord, SizeDistribution, SliceReport } from './http/inference'

/** Sizes without the per-sample values: what a report prints. */
const PrintedSize = SizeDistribution.omit({ values: true })
const PrintedSizes = z.strictObject({
  areaMm2: PrintedSize.optional(),
  equivalentDiameterMm: PrintedSize.optional(),
  longestDiameterMm: PrintedSize.optional(),
  areaPx: PrintedSize.optional(),
  equivalentDiameterPx: PrintedSize.optional(),
  longestDiameterPx: PrintedSize.optional(),
  shareOfField: PrintedSize.optional(),
})
export type PrintedSizes = z.infer<typeof PrintedSizes>

/** `report.json` and the standard output of `margin infer` and `margin demo`. */
export const InferReport = z.strictObject({
  run: RunRecord.omit({ runId: true }),
  targets: z.array(
    z.strictObject({
      id: z.string(),
      label: z.string(),
      slices: z.array(
        SliceReport.omit({ sizes: true, agreement: true, depthOrder: true }).extend({
          sizes: PrintedSizes,
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
