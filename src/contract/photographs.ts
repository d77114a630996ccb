import { z } from 'zod'
import { ImageSummary } from './http/library'
import { RunRecord, SizeDistribution } from './http/inference'
import { Refusal, Warning } from './refusal'

const PrintedSize = SizeDistribution.omit({ values: true })

/** The vessels of one photograph of many: how much of it they are, or why they were not drawn. */
export const PhotographRow = z.strictObject({
  ...ImageSummary.pick({ path: true, name: true, eye: true }).shape,
  /** In pixels; null where the file could not be read. */
  width: z.number().int().positive().nullable(),
  height: z.number().int().positive().nullable(),
  state: z.enum(['done', 'failed']),
  /** Of the field of view; null where nothing was drawn. */
  shareOfField: PrintedSize.nullable(),
  /** In pixels of the photograph. */
  areaPx: PrintedSize.nullable(),
  /** Those of the picture and of its run, less what a model says in every run and that photographs have no scale. */
  warnings: z.array(Warning),
  /** Why it failed. */
  refusal: Refusal.nullable(),
})
export type PhotographRow = z.infer<typeof PhotographRow>

/** How each photograph of a table was drawn. */
export const PhotographRun = RunRecord.omit({ runId: true, command: true })
export type PhotographRun = z.infer<typeof PhotographRun>

/** The standard output of `margin infer` on a folder of photographs, its last line with `--json-lines`. */
export const PhotographTable = z.strictObject({
  /** Null where none was drawn. */
  run: PhotographRun.extend({ command: z.string() }).nullable(),
  photographs: z.array(
    PhotographRow.extend({
      /** Of the pixels as they are shown, 8-bit RGB row by row; null where it failed. */
      pixelsSha256: z.string().nullable(),
    }),
  ),
  done: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  /** Not come to, since it was stopped. */
  left: z.number().int().nonnegative(),
  researchUse: z.string(),
})
export type PhotographTable = z.infer<typeof PhotographTable>
