import { z } from 'zod'
import { ModelModality } from '../manifest'
import { Refusal, Warning } from '../refusal'
import { GateReport } from '../training/gate-report'
import { ModelVersion } from '../training/model-version'
import { ModelName, SetFilter } from '../training/training-set'
import { FromWorker, TrainingMethod } from '../training/worker-message'
import { Instant } from './annotation'

/** `POST /api/training/sets/check` (a dry run: nothing is kept) and `POST /api/training/sets` (frozen), by the owner. */
export const SetRequest = z.strictObject({
  name: z.string().trim().min(1).max(120),
  /** What is trained from: its crops and intensities are those of the set. null: the preferred model. */
  modelId: z.string().min(1).nullable(),
  modality: ModelModality,
  filter: SetFilter,
})
export type SetRequest = z.infer<typeof SetRequest>

/** What a set holds, or would hold. */
export const SetCounts = z.strictObject({
  patients: z.number().int().nonnegative(),
  train: z.number().int().nonnegative(),
  heldOut: z.number().int().nonnegative(),
  cases: z.number().int().nonnegative(),
  /** Cases of them on which no reader marked anything. */
  unmarked: z.number().int().nonnegative(),
  raters: z.number().int().nonnegative(),
  readings: z.number().int().nonnegative(),
})
export type SetCounts = z.infer<typeof SetCounts>

export const SetCheck = z.strictObject({
  parent: ModelName,
  counts: SetCounts,
  readers: z.enum(['one', 'many']),
  leftOut: z.array(z.strictObject({ reason: z.string(), count: z.number().int().positive() })),
  /** What is to be known before training: leaks, balance, few patients. */
  warnings: z.array(Warning),
  /** What keeps the set from being made, with what is missing in words; empty: it can be made. */
  missing: z.array(Warning),
  /** The change in expected GED that the held-out patients find four times out of five; null: none are held out. */
  detectableGed: z.number().positive().nullable(),
  /** Candidates that any of these held-out patients have judged before. */
  judgedBefore: z.number().int().nonnegative(),
})
export type SetCheck = z.infer<typeof SetCheck>

export const SetSummary = SetCheck.omit({ missing: true }).extend({
  setId: z.string(),
  name: z.string(),
  madeAt: Instant,
  modality: ModelModality,
  structure: z.string(),
  /** Some cases of the set, for pictures. */
  pictures: z.array(z.string()),
})
export type SetSummary = z.infer<typeof SetSummary>

/** `POST /api/training/jobs`, by the owner. */
export const NewJob = z.strictObject({
  setId: z.string().min(1),
  /** null: what suits the number of cases. */
  method: TrainingMethod.nullable(),
  seed: z.number().int().nonnegative(),
  /** null: 2,000, or less where the method needs less. */
  steps: z.number().int().positive().max(100_000).nullable(),
  seconds: z.number().positive().nullable(),
})
export type NewJob = z.infer<typeof NewJob>

/**
 * `queued` waits for its turn; `training` and `judging` have a worker; `trained` has a candidate, installed as
 * experimental; `judged` has its gate report. `stopped`: the program ended meanwhile, it goes on by itself.
 */
export const JobState = z.enum([
  'queued',
  'training',
  'paused',
  'trained',
  'judging',
  'judged',
  'cancelled',
  'failed',
])
export type JobState = z.infer<typeof JobState>

/** One candidate from its set to its verdict. */
export const Job = z.strictObject({
  jobId: z.string(),
  number: z.number().int().positive(),
  set: z.strictObject({ setId: z.string(), name: z.string() }),
  parent: ModelName,
  method: TrainingMethod,
  seed: z.number().int().nonnegative(),
  steps: z.number().int().positive(),
  seconds: z.number().positive().nullable(),
  state: JobState,
  /** What its queue does with it next; null: nothing. */
  waitsFor: z.enum(['train', 'judge']).nullable(),
  madeAt: Instant,
  endedAt: Instant.nullable(),
  /** Worker processes that ended without a last word and were started again. */
  restarts: z.number().int().nonnegative(),
  refusal: Refusal.nullable(),
  /** The candidate's package, once it is installed. */
  candidate: ModelName.nullable(),
  gate: GateReport.nullable(),
  notes: z.array(z.string()),
})
export type Job = z.infer<typeof Job>

/** A line of the worker, with when it came. */
export const JobLine = z.strictObject({ at: Instant, line: FromWorker })
export type JobLine = z.infer<typeof JobLine>

/** `GET /api/training/jobs/:jobId`: everything that a page draws of it. */
export const JobDetail = z.strictObject({
  job: Job,
  /** Of its training; heartbeats are left out. */
  lines: z.array(JobLine),
  /** When the worker last said anything, in seconds before now; null: no worker. */
  lastSignSeconds: z.number().nonnegative().nullable(),
  isStalled: z.boolean(),
})
export type JobDetail = z.infer<typeof JobDetail>

/** `GET /api/training`: sets and jobs, newest first, and whether training can be done here. */
export const TrainingState = z.strictObject({
  /** The Python that trains; null: none, and `missing` says what to do. */
  python: z.string().nullable(),
  missing: Refusal.nullable(),
  sets: z.array(SetSummary),
  jobs: z.array(Job),
  versions: z.array(ModelVersion),
  /** What comes next, in a sentence. */
  next: z.string(),
})
export type TrainingState = z.infer<typeof TrainingState>

/** `POST /api/training/jobs/:jobId`. `discard`: the candidate is taken away; its verdict stays counted. */
export const JobAct = z.strictObject({ act: z.enum(['pause', 'resume', 'cancel', 'judge', 'discard']) })
export type JobAct = z.infer<typeof JobAct>

/** `POST /api/training/versions/:modelId`. */
export const VersionAct = z.strictObject({
  act: z.enum(['promote', 'roll-back']),
  /** Promoting: the ten worst cases were looked at. */
  sawWorst: z.boolean(),
})
export type VersionAct = z.infer<typeof VersionAct>

/** `POST /api/packages` with the bytes of a package: what is installed now. */
export const ImportedPackage = z.strictObject({
  model: ModelName,
  /** The same bytes were here already: nothing was changed. */
  wasInstalled: z.boolean(),
  experimental: z.boolean(),
})
export type ImportedPackage = z.infer<typeof ImportedPackage>
