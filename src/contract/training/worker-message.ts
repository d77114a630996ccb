import { z } from 'zod'
import { GateReport } from './gate-report'
import { FileName, Sha256 } from './training-set'

/**
 * What is trained. `width`: nothing, only how wide the intervals of sizes are; `heads`: the prior head's bias and the
 * recombination layers, features cached; `adapter`: low-rank adapters beside the frozen trunk too; `full`: everything.
 */
export const TrainingMethod = z.enum(['width', 'heads', 'adapter', 'full'])
export type TrainingMethod = z.infer<typeof TrainingMethod>

export const TrainingLimits = z.strictObject({
  steps: z.number().int().positive(),
  /** Wall time; null: as long as the steps take. */
  seconds: z.number().positive().nullable(),
  memoryBytes: z.number().int().positive().nullable(),
  threads: z.number().int().positive(),
})
export type TrainingLimits = z.infer<typeof TrainingLimits>

/** Folders by their full path, on this computer. `folder` is the job's own: checkpoints, pictures, the candidate. */
const folders = {
  jobId: z.string().min(1),
  /** Of the set: it holds set.json. */
  set: z.string().min(1),
  /** Of the package that is trained from. */
  parent: z.string().min(1),
  folder: z.string().min(1),
}

/**
 * One JSON object a line on the worker's stdin. The first is `start` (of `python -m margin_trainer fine-tune`) or
 * `judge` (of `python -m margin_trainer gate`). A `start` into a folder that holds a checkpoint of the same job goes on
 * from it. End of the stream means that the program is gone: the worker saves and ends.
 */
export const ToWorker = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    protocol: z.literal(1),
    ...folders,
    method: TrainingMethod,
    seed: z.number().int().nonnegative(),
    limits: TrainingLimits,
    /** What the candidate is to be called: its package folder and id. */
    candidate: z.strictObject({ id: z.string().regex(/^[a-z0-9-]+$/), version: z.string().min(1) }),
  }),
  z.strictObject({
    type: z.literal('judge'),
    protocol: z.literal(1),
    ...folders,
    /** The folder of the package that is judged. */
    candidate: z.string().min(1),
    seed: z.number().int().nonnegative(),
    /** Even draws, the same for both. */
    samples: z.number().int().min(96).max(1000),
    /** How many candidates these held-out patients have judged before. */
    judgedBefore: z.number().int().nonnegative(),
    threads: z.number().int().positive(),
  }),
  z.strictObject({ type: z.literal('pause') }),
  z.strictObject({ type: z.literal('resume') }),
  z.strictObject({ type: z.literal('cancel') }),
])
export type ToWorker = z.infer<typeof ToWorker>

/** On the training side's own validation patients; null where it cannot be had (Dice of nothing, spread of one). */
export const ValidationFigures = z.strictObject({
  ged: z.number().nullable(),
  dice: z.number().nullable(),
  /** Mean distance of two samples of a crop. */
  spread: z.number().nullable(),
})
export type ValidationFigures = z.infer<typeof ValidationFigures>

/** uint8 [H, W], 0 to 255: the share of samples that mark the pixel. */
const Shares = z.strictObject({ file: FileName })

/** One JSON object a line on the worker's stdout. `hello` comes first; `done`, `gated`, `failed` or `cancelled` is the last. */
export const FromWorker = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.literal(1),
    trainer: z.string(),
    python: z.string(),
    torch: z.string(),
    device: z.string(),
    pid: z.number().int().positive(),
  }),
  z.strictObject({
    type: z.literal('estimate'),
    memoryBytes: z.number().int().nonnegative(),
    seconds: z.number().nonnegative(),
    steps: z.number().int().nonnegative(),
    /** What the plan was changed by, in words: "Batch lowered from 16 to 8: it would have needed 9.4 GB." */
    notes: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('progress'),
    /** What it does now, in a few words: "Cache features", "Train", "Judge". */
    phase: z.string().min(1).max(80),
    /** Of all refits while it trains; of what the phase counts elsewhere. */
    step: z.number().int().nonnegative(),
    steps: z.number().int().nonnegative(),
    /** Which of the refits the figures are of, the first is 1; null outside of them. */
    refit: z
      .strictObject({ number: z.number().int().positive(), of: z.number().int().positive() })
      .nullable(),
    /** null: none at this step. */
    loss: z.number().nullable(),
    validation: ValidationFigures.nullable(),
    learningRate: z.number().nonnegative().nullable(),
    secondsLeft: z.number().nonnegative().nullable(),
  }),
  /** A held-out crop by the parent and by the model as it stands. */
  z.strictObject({
    type: z.literal('preview'),
    step: z.number().int().nonnegative(),
    caseId: z.string(),
    before: Shares,
    after: Shares,
  }),
  /** At least every ten seconds, also while paused. */
  z.strictObject({
    type: z.literal('heartbeat'),
    step: z.number().int().nonnegative(),
    memoryBytes: z.number().int().nonnegative(),
  }),
  z.strictObject({ type: z.literal('paused'), step: z.number().int().nonnegative() }),
  z.strictObject({ type: z.literal('resumed'), step: z.number().int().nonnegative() }),
  z.strictObject({ type: z.literal('cancelled'), step: z.number().int().nonnegative() }),
  z.strictObject({
    type: z.literal('done'),
    /** The candidate's package, a folder within the job's. */
    package: FileName,
    /** Of the package's manifest, as every run names it. */
    sha256: Sha256,
    steps: z.number().int().nonnegative(),
    seconds: z.number().nonnegative(),
    peakMemoryBytes: z.number().int().nonnegative(),
    /** What is to be said of it, in words: "Below 30 crops only the width of the intervals was fitted." */
    notes: z.array(z.string()),
  }),
  z.strictObject({ type: z.literal('gated'), report: GateReport }),
  z.strictObject({
    type: z.literal('failed'),
    reason: z.string().min(1),
    nextStep: z.string().min(1),
  }),
])
export type FromWorker = z.infer<typeof FromWorker>
