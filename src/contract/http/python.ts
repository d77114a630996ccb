import { z } from 'zod'
import { Refusal } from '../refusal'

/** `GET /api/training/python`: what setting up the trainer's Python would do. Nothing is fetched before it is asked for. */
export const PythonPlan = z.strictObject({
  /** What makes the environment, in words; null: nothing here can, and `missing` says what to do. */
  base: z.string().nullable(),
  missing: Refusal.nullable(),
  /** The environment's folder. */
  folder: z.string(),
  /** An environment stands there already: it is made anew where it fails its check. */
  isThere: z.boolean(),
  /** `torch 2.13.0`, as the trainer pins them; what these need comes along. */
  packages: z.array(z.string()),
  device: z.enum(['cpu', 'cuda']),
  /** Where the packages come from, in words. */
  source: z.string(),
})
export type PythonPlan = z.infer<typeof PythonPlan>

/** The environment as it stands then. */
export const PythonReady = z.strictObject({
  python: z.string(),
  /** It passed its check as it was: nothing was fetched. */
  wasReady: z.boolean(),
  torch: z.string(),
  /** What the check trained on. */
  device: z.string(),
})
export type PythonReady = z.infer<typeof PythonReady>

export const PythonProgress = z.strictObject({
  step: z.enum(['environment', 'packages', 'check']),
  /** What is under way. */
  words: z.string(),
  /** Packages so far. */
  done: z.number().int().nonnegative(),
})
export type PythonProgress = z.infer<typeof PythonProgress>

/** `POST /api/training/python`: lines of progress, then the environment or a refusal. */
export const PythonLine = z.discriminatedUnion('kind', [
  PythonProgress.extend({ kind: z.literal('progress') }),
  z.strictObject({ kind: z.literal('done'), ready: PythonReady }),
  z.strictObject({ kind: z.literal('refused'), refusal: Refusal }),
])
export type PythonLine = z.infer<typeof PythonLine>
