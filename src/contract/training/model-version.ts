import { z } from 'zod'
import { Instant } from '../http/annotation'
import { GateReport } from './gate-report'
import { ModelName } from './training-set'

/** A package that was made here: where it comes from, what was found of it, and whether it may be used without a mark. */
export const ModelVersion = z.strictObject({
  model: ModelName,
  /** null: it came with the program, or from elsewhere. */
  parent: ModelName.nullable(),
  /** card.md. */
  card: z.string(),
  setId: z.string().nullable(),
  jobId: z.string().nullable(),
  gate: GateReport.nullable(),
  /** Not promoted: it may be tried, and its figures say so wherever they stand. */
  experimental: z.boolean(),
  installedAt: Instant,
  /** null: never, or taken back. */
  promotedAt: Instant.nullable(),
})
export type ModelVersion = z.infer<typeof ModelVersion>
