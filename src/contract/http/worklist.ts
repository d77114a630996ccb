import { z } from 'zod'
import { Subject } from './annotation'

/** Why an image stands where it stands, in words; never shown to a rater before the commit of a blind reading. */
export const WorklistRow = z.strictObject({
  subject: Subject,
  title: z.string(),
  /** 0 to 1, larger first. */
  score: z.number(),
  reason: z.string(),
  parts: z.strictObject({
    modelSpread: z.number().nullable(),
    raterDistance: z.number().nullable(),
    novelty: z.number().nullable(),
  }),
})
export type WorklistRow = z.infer<typeof WorklistRow>

/** `GET /api/worklist` */
export const Worklist = z.strictObject({ rows: z.array(WorklistRow), note: z.string() })
export type Worklist = z.infer<typeof Worklist>
