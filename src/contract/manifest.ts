import { z } from 'zod'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Graph = z.strictObject({
  file: z.string(),
  sha256: Sha256,
  opset: z.number().int(),
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
})

/**
 * How stored values become the network's numbers. `cropMinMax`: minimum and maximum of the `contextPx` square
 * around the same centre, padding left out, map to 0 and 1. `channelStats`: each channel less its mean, over its
 * standard deviation, inside the field of view. `huWindow`: the window's ends map to 0 and 1, clipped.
 */
export const Intensity = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cropMinMax'), contextPx: z.number().int().positive() }),
  z.strictObject({ kind: z.literal('channelStats'), inside: z.literal('fieldOfView') }),
  z.strictObject({ kind: z.literal('huWindow'), centreHu: z.number(), widthHu: z.number().positive() }),
])
export type Intensity = z.infer<typeof Intensity>

/** What a package reads. `core/subject/modalities.ts` has a row for each. */
export const ModelModality = z.enum(['CT', 'fundus'])
export type ModelModality = z.infer<typeof ModelModality>

/**
 * How a package draws unless it is asked otherwise. `even`: samples that spread evenly over the prior, the most even
 * coordinates along `directions`, an orthonormal matrix [L][L] whose columns move the logits most first.
 */
export const PackageDraws = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('even'), directions: z.array(z.array(z.number())) }),
  z.strictObject({ kind: z.literal('independent') }),
])
export type PackageDraws = z.infer<typeof PackageDraws>

const CalibratedLevel = z.strictObject({
  /** From 0 to 1 the share of a central interval of the samples, beyond 1 how much wider than their range (log). */
  level: z.number().min(0).max(6),
  /** Share of further readings, of patients it was not fitted on, that lay inside, with its 95 % interval. */
  covered: z.number().min(0).max(1),
  interval: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]),
})
const CalibratedLevels = z
  .strictObject({ '50': CalibratedLevel, '80': CalibratedLevel, '95': CalibratedLevel })
  .refine((at) => at['50'].level <= at['80'].level && at['80'].level <= at['95'].level, {
    message: 'levels do not rise with the share they are for',
  })
const CalibratedOn = z.strictObject({
  data: z.string(),
  patients: z.number().int().positive(),
  readings: z.number().int().positive(),
})

/**
 * Turns the samples' intervals of sizes into such as cover further readers (trainer/margin_trainer/calibration.py):
 * fitted on so many patients, measured on others, for what lies within `scope` alone.
 */
export const Calibration = z
  .strictObject({
    /** How the samples were drawn that it was fitted on; of another number of samples it says nothing. */
    samples: z.number().int().positive(),
    draws: z.literal('even'),
    /** Fewer samples that draw something have no interval to adjust. */
    leastDrawn: z.number().int().positive(),
    fitted: CalibratedOn,
    tested: CalibratedOn,
    /** That of the package itself: a table that was fitted within another is none of it. */
    scope: z.strictObject({
      modality: ModelModality,
      bodyPart: z.string(),
      structure: z.string(),
      spacingMm: z.tuple([z.number(), z.number()]).nullable(),
      sizePx: z.number().int().positive().nullable(),
    }),
    sizes: z.strictObject({
      area: CalibratedLevels,
      equivalentDiameter: CalibratedLevels,
      longestDiameter: CalibratedLevels,
    }),
  })
  .refine(({ leastDrawn, samples }) => leastDrawn <= samples, { message: 'leastDrawn is more than samples' })
export type Calibration = z.infer<typeof Calibration>

/**
 * What latents are drawn from, given the image. This program draws from `diagonal`; the others are names for what is to
 * come, so that a package which has one is refused by its name.
 */
export const Prior = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('diagonal') }),
  z.looseObject({ kind: z.literal('conditional-flow') }),
  z.looseObject({ kind: z.literal('mixture') }),
])
export type Prior = z.infer<typeof Prior>

/** `models/<id>/manifest.json`: everything a program needs to run a package, and everything a reader needs to judge it. */
export const Manifest = z.strictObject({
  /** Version 1 has no `draws` and no `calibration`: its packages draw independently. */
  formatVersion: z.union([z.literal(1), z.literal(2)]),
  id: z.string().regex(/^[a-z0-9-]+$/),
  version: z.string(),
  parent: z.string().nullable(),
  kind: z.enum(['unet', 'probunet', 'cflow-planar', 'cflow-glow']),
  createdAt: z.string(),
  licence: z.string(),
  modality: ModelModality,
  bodyPart: z.string(),
  structure: z.string(),
  classes: z.array(z.string()).length(1),
  input: z.strictObject({
    channels: z.union([z.literal(1), z.literal(3)]),
    /** Square crop, or null for a whole photograph. */
    sizePx: z.number().int().positive().nullable(),
    multipleOf: z.number().int().positive(),
    spacingMm: z.number().positive().nullable(),
    /** Height that a photograph is scaled to, or null for a crop. */
    heightPx: z.number().int().positive().nullable(),
    resampling: z.enum(['native', 'area']),
    padding: z.enum(['none', 'reflect']),
    intensity: Intensity,
  }),
  latent: z.strictObject({
    dimension: z.number().int().nonnegative(),
    logVarianceRange: z.tuple([z.number(), z.number()]),
  }),
  flow: z.strictObject({
    where: z.enum(['posterior', 'prior', 'both', 'none']),
    kind: z.enum(['planar', 'glow', 'none']),
    steps: z.number().int().nonnegative(),
  }),
  prior: Prior,
  draws: PackageDraws.optional(),
  /** Without it intervals are those of the samples, and the page says that they are not calibrated. */
  calibration: Calibration.optional(),
  features: z.strictObject({ channels: z.number().int().positive() }),
  graphs: z.strictObject({ encoder: Graph, sampler: Graph }),
  /** Every weight, for training that starts from the package; the product does not read it. */
  checkpoint: z.strictObject({ file: z.string(), sha256: Sha256 }).optional(),
  thresholdLogit: z.literal(0),
  samplerHint: z.strictObject({
    chunk: z.number().int().positive(),
    stripRows: z.number().int().positive().nullable(),
  }),
  training: z.looseObject({
    seed: z.number(),
    steps: z.number(),
    hardware: z.string(),
    wallSeconds: z.number().nonnegative().optional(),
    data: z
      .looseObject({
        name: z.string(),
        licence: z.string(),
        cases: z.number().int(),
        images: z.number().int(),
        split: z.string(),
        /** Readings of each image that were learned from. */
        raters: z.number().int(),
      })
      .optional(),
  }),
  results: z.array(
    z.looseObject({
      protocol: z.string(),
      data: z.string(),
      n: z.number(),
      measure: z.string(),
      value: z.number(),
      interval: z.tuple([z.number(), z.number()]).nullable(),
      convention: z.string().optional(),
      /** Names what stands beside the model for comparison; false for the model itself. */
      baseline: z.union([z.literal(false), z.string()]).optional(),
    }),
  ),
  scope: z.strictObject({
    spacingMm: z.tuple([z.number(), z.number()]).nullable(),
    sliceThicknessMm: z.tuple([z.number(), z.number()]).nullable(),
    minDiameterMm: z.number().nullable(),
    warnings: z.array(z.string()),
  }),
  golden: z.strictObject({ file: z.string(), sha256: Sha256, data: z.string(), dataSha256: Sha256 }),
})
export type Manifest = z.infer<typeof Manifest>

/** `golden.json`: a run on a phantom that every device must repeat within the tolerance. */
export const Golden = z.strictObject({
  seed: z.number().int().nonnegative(),
  samples: z.number().int().positive(),
  inputShape: z.tuple([z.literal(1), z.number().int(), z.number().int(), z.number().int()]),
  logitsShape: z.tuple([z.number().int(), z.literal(1), z.number().int(), z.number().int()]),
  latentDimension: z.number().int().nonnegative(),
  layout: z.string(),
  tolerance: z.strictObject({ logitAbs: z.number().positive(), gpuLogitAbs: z.number().positive() }),
  logitsSha256: Sha256,
})
export type Golden = z.infer<typeof Golden>
