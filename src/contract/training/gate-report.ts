import { z } from 'zod'
import { FileName, ModelName } from './training-set'

/** A figure with its interval over patients; null ends: one patient, no interval. */
export const Estimate = z.strictObject({
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})
export type Estimate = z.infer<typeof Estimate>

/**
 * What the two are compared by. `expectedGed`: GED without the samples' self-pairs; `sizeBias`: the samples' area less
 * the readers', over the readers' mean area of all patients (every crop counts, marked or not); `dice`: pixels in more
 * than half of the samples against each reading; `shareThatDraws`: samples that mark anything, less the share of
 * readings that do; `spread`: mean distance of two samples.
 */
export const GateMeasureName = z.enum(['expectedGed', 'sizeBias', 'dice', 'shareThatDraws', 'spread'])
export type GateMeasureName = z.infer<typeof GateMeasureName>

/** Both models on the same patients with the same draws, and the paired difference candidate less parent. */
export const GateMeasure = z.strictObject({
  measure: GateMeasureName,
  better: z.enum(['lower', 'higher', 'nearerZero', 'neither']),
  parent: Estimate,
  candidate: Estimate,
  change: Estimate,
  /** One a patient; patients for whom it is not defined are left out. */
  byPatient: z.array(z.strictObject({ patientId: z.string(), parent: z.number(), candidate: z.number() })),
})
export type GateMeasure = z.infer<typeof GateMeasure>

export const GateVerdict = z.enum(['improves', 'no-harm', 'worse', 'too-few'])
export type GateVerdict = z.infer<typeof GateVerdict>

export const GateCheck = z.strictObject({
  name: z.string(),
  /** null: it could not be asked, and `words` say why. */
  passed: z.boolean().nullable(),
  words: z.string(),
})
export type GateCheck = z.infer<typeof GateCheck>

/** A held-out crop, by how much worse the candidate's expected GED is. */
export const WorstCase = z.strictObject({
  caseId: z.string(),
  patientId: z.string(),
  parentGed: z.number(),
  candidateGed: z.number(),
  /** uint8 [H, W], 0 to 255, in the job's folder: share of samples that mark the pixel. */
  before: z.strictObject({ file: FileName }),
  after: z.strictObject({ file: FileName }),
})
export type WorstCase = z.infer<typeof WorstCase>

/** Whether a candidate may take its parent's place, and what that was judged by. */
export const GateReport = z.strictObject({
  formatVersion: z.literal(1),
  setId: z.string(),
  parent: ModelName,
  candidate: ModelName,
  seed: z.number().int().nonnegative(),
  samples: z.number().int().positive(),
  heldOut: z.strictObject({
    patients: z.number().int().nonnegative(),
    cases: z.number().int().nonnegative(),
    readings: z.number().int().nonnegative(),
  }),
  /** Candidates that these patients had judged before, and what the intervals hold after correction for it. */
  judgedBefore: z.number().int().nonnegative(),
  confidence: z.number().min(0.5).max(1),
  measures: z.array(GateMeasure).min(1),
  /** The same on a fixed set of other cases, so that forgetting shows; null: none came with the package. */
  reference: z
    .strictObject({
      name: z.string(),
      patients: z.number().int().positive(),
      cases: z.number().int().positive(),
      expectedGed: Estimate,
      dice: Estimate,
    })
    .nullable(),
  /** The change in expected GED that so many patients find four times out of five. */
  power: z.strictObject({
    sdBetweenPatients: z.number().nonnegative(),
    detectable: z.number().nonnegative(),
  }),
  checks: z.array(GateCheck),
  /** At most ten, the worst first. */
  worst: z.array(WorstCase).max(10),
  verdict: GateVerdict,
  /** The verdict and its reason, in a sentence or two. */
  words: z.string().min(1),
})
export type GateReport = z.infer<typeof GateReport>
