import { z } from 'zod'
import { Grid, PixelSpacing, Uid, VolumePlace } from '../geometry'
import { Refusal, Warning } from '../refusal'

export const MAX_SAMPLES = 1000

export const RunTarget = z.discriminatedUnion('kind', [
  VolumePlace.extend({
    kind: z.literal('series'),
    seriesUid: Uid,
    /** The structure whose readings are compared, where one was chosen. */
    structureId: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('image'), imageId: z.string().min(1) }),
])
export type RunTarget = z.infer<typeof RunTarget>

/** Code of what a package says of itself in every run (its scope): true, but not news about this picture. */
export const SCOPE_WARNING = 'model-scope'
/** The case is one that the model has learned from. */
export const TRAINING_CASE = 'training-case'

/** The model was made here and has not been promoted. */
export const EXPERIMENTAL_MODEL = 'model-experimental'

/** Code of the warning about a photograph in which nothing can be seen, and of the refusal to run a model on it. */
export const ALMOST_BLACK = 'picture-black'

/**
 * `even`: samples that spread evenly over what the model holds possible, each one still a draw of it; `independent`:
 * each for itself, as in every run before version 0.2.
 */
export const Draws = z.enum(['even', 'independent'])
export type Draws = z.infer<typeof Draws>

/** `POST /api/runs`. Answer: JSON lines of RunLine. Cancel by closing the stream. */
export const RunRequest = z.strictObject({
  target: RunTarget,
  /** Package id; null picks the one that fits the target's modality. */
  modelId: z.string().min(1).nullable(),
  samples: z.number().int().min(1).max(MAX_SAMPLES),
  seed: z.number().int().nonnegative(),
  /** Not given: evenly where the package can. */
  draws: Draws.optional(),
  /** Draws on a picture that is almost black too: it was looked at. Refused with `picture-black` without. */
  evenBlack: z.literal(true).optional(),
})
export type RunRequest = z.infer<typeof RunRequest>

export const DeviceName = z.enum(['cuda', 'tensorrt', 'dml', 'coreml', 'webgpu', 'cpu'])
export type DeviceName = z.infer<typeof DeviceName>

/** Which device ran, and why each one that stands before it in the order was not used. */
export const DeviceReport = z.strictObject({
  used: DeviceName,
  threads: z.number().int().positive(),
  notUsed: z.array(z.strictObject({ device: DeviceName, reason: z.string() })),
})
export type DeviceReport = z.infer<typeof DeviceReport>

/**
 * What the answers of a run say of their spread: `samples` are draws of a distribution; `none` is the one outline of
 * a model without a latent, which knows nothing of its own uncertainty.
 */
export const RunUncertainty = z.enum(['samples', 'none'])
export type RunUncertainty = z.infer<typeof RunUncertainty>

/** Everything needed to make the same samples again. */
export const RunRecord = z.strictObject({
  runId: z.string(),
  model: z.string(),
  modelVersion: z.string(),
  modelSha256: z.string(),
  device: DeviceReport,
  uncertainty: RunUncertainty,
  /** Outlines drawn: 1 for a model that draws one, whatever was asked for. */
  samples: z.number().int().positive(),
  seed: z.number().int().nonnegative(),
  /** Records from before version 0.2 do not say: their samples are independent. */
  draws: Draws.default('independent'),
  /** Version of the program. */
  version: z.string(),
  /** The line that makes this run again; null: what it was drawn on was sent here or made here, and no line finds it. */
  command: z.string().nullable(),
})
export type RunRecord = z.infer<typeof RunRecord>

/**
 * Median and where the middle 95 % of the non-empty samples lie; below 50 samples the interval is the range and
 * `interval` says so; `calibrated-95` is the samples' interval adjusted so that it covers further readers. `values` holds one number a sample in sample order, null for an empty one. All null when every
 * sample is empty. Of a run without uncertainty `median` is the size of its one outline and there is no interval.
 */
export const SizeDistribution = z.strictObject({
  median: z.number().nullable(),
  low95: z.number().nullable(),
  high95: z.number().nullable(),
  interval: z.enum(['calibrated-95', 'central-95', 'range', 'none']),
  values: z.array(z.number().nullable()),
})
export type SizeDistribution = z.infer<typeof SizeDistribution>

/** Keys carry the unit: the Mm ones exist only where the spacing is known, the Px ones only where it is not. */
export const sizesOf = <Size extends z.ZodType>(size: Size) => ({
  areaMm2: size.optional(),
  equivalentDiameterMm: size.optional(),
  longestDiameterMm: size.optional(),
  areaPx: size.optional(),
  equivalentDiameterPx: size.optional(),
  longestDiameterPx: size.optional(),
  /** Photographs: share of the field of view. */
  shareOfField: size.optional(),
})
export const Sizes = z.strictObject(sizesOf(SizeDistribution))
export type Sizes = z.infer<typeof Sizes>

/** How far a reader lies outside the band of the deepest 90 % of the samples, in pixels of the comparison; inside: both 0. */
export const OutsideBand = z.strictObject({
  /** Marked by the reader, drawn by none of these samples. */
  beyondPx: z.number().int().nonnegative(),
  /** Drawn by each of these samples, not marked by the reader. */
  shortPx: z.number().int().nonnegative(),
})
export type OutsideBand = z.infer<typeof OutsideBand>

/** Pixels of which a like share of the samples draws (core/measures/reliability.ts has the bins). */
export const ShareBin = z.strictObject({
  pixelCount: z.number().int().nonnegative(),
  /** Mean over these pixels; null without any. */
  sampleShare: z.number().min(0).max(1).nullable(),
  /** Of these pixels, those that each reader marks, in the order of the readers. */
  markedPx: z.array(z.number().int().nonnegative()),
})
export type ShareBin = z.infer<typeof ShareBin>

/** One reader against the samples of a run, on the slice of the run. */
export const ReaderAgainstSamples = z.strictObject({
  readingId: z.string(),
  letter: z.string(),
  empty: z.boolean(),
  ...sizesOf(z.number()),
  /** Dice of this reader with each sample: median and the middle 95 %; with one outline only, no interval. */
  dice: z.strictObject({
    median: z.number(),
    low95: z.number().nullable(),
    high95: z.number().nullable(),
  }),
  /** Absent below 20 samples, where no sample draws anything, and of photographs. */
  outsideBand90: OutsideBand.optional(),
})
export type ReaderAgainstSamples = z.infer<typeof ReaderAgainstSamples>

/** Samples against readers (core/measures/ged.ts): V-statistic (all ordered pairs, self-pairs included), d = 1 - IoU, two empty masks agree. */
export const Agreement = z.strictObject({
  ged: z.number(),
  /** 95 % bootstrap interval over samples (readers held fixed); null below 50 samples. */
  gedLow95: z.number().nullable(),
  gedHigh95: z.number().nullable(),
  sampleReader: z.number(),
  sampleSample: z.number(),
  readerReader: z.number(),
  readers: z.array(ReaderAgainstSamples),
  /** By share of samples, from none to all; absent below 20 samples. */
  shareBins: z.array(ShareBin).optional(),
})
export type Agreement = z.infer<typeof Agreement>

/** Whether the intervals of sizes are calibrated, on how many patients, or why they are not. */
export const IntervalCalibration = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('calibrated'), patients: z.number().int().positive() }),
  z.strictObject({ kind: z.literal('not-calibrated'), reason: z.string() }),
])
export type IntervalCalibration = z.infer<typeof IntervalCalibration>

/** Samples whose outlines are of one kind (core/uncertainty/modes.ts). */
export const OutlineMode = z.strictObject({
  /** Indices of the samples, lowest first. */
  samples: z.array(z.number().int().nonnegative()).min(1),
  /** The sample to which the others of its kind are nearest. */
  medoid: z.number().int().nonnegative(),
})
export type OutlineMode = z.infer<typeof OutlineMode>

/** What one run says about one slice (or one photograph). */
export const SliceReport = z.strictObject({
  sopInstanceUid: Uid.nullable(),
  /** Of the instance, from 0; null for a photograph, absent where nobody says. */
  frame: z.number().int().nonnegative().nullable().optional(),
  sliceIndex: z.number().int().nonnegative().nullable(),
  grid: Grid,
  pixelSpacingMm: PixelSpacing.nullable(),
  sampleCount: z.number().int().positive(),
  emptyCount: z.number().int().nonnegative(),
  /** Samples that draw something, and their share: sizes, bands and median are of these alone. */
  drawnCount: z.number().int().nonnegative(),
  drawnShare: z.number().min(0).max(1),
  /** Fewer than half of the samples draw something: what the others draw is no finding. */
  mostDrawNothing: z.boolean(),
  /** Samples that hold the place that was clicked; null where a structure or a whole photograph was asked for. */
  placeCount: z.number().int().nonnegative().nullable(),
  sizes: Sizes,
  /** Not given of a single outline, which has no interval, and in reports from before version 0.2. */
  calibration: IntervalCalibration.optional(),
  /** null where no reader read this slice. */
  agreement: Agreement.nullable(),
  /** Sample indices from deepest (the median sample) to outermost; empty samples stand last. */
  depthOrder: z.array(z.number().int().nonnegative()),
  /** Kinds of outlines, the most frequent first; absent where there is one, or where nobody looked (photographs). */
  modes: z.array(OutlineMode).min(2).optional(),
  /** Samples that lie apart by their depth (core/uncertainty/outliers.ts), the shallowest first; absent where there are none. */
  outliers: z
    .array(z.strictObject({ sampleIndex: z.number().int().nonnegative(), depth: z.number().min(0).max(1) }))
    .min(1)
    .optional(),
  warnings: z.array(Warning),
})
export type SliceReport = z.infer<typeof SliceReport>

export const RunLine = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('started'),
    run: RunRecord,
    grid: Grid,
    /** Bits of the field of view on the grid (photographs), packed as a mask; null: everything counts. */
    fieldOfView: z.string().nullable(),
    warnings: z.array(Warning),
  }),
  z.strictObject({
    kind: z.literal('samples'),
    firstIndex: z.number().int().nonnegative(),
    count: z.number().int().positive(),
    /** `count` masks on the grid one after another; rows are not padded, each mask is padded to a byte; MSB first; base64. */
    masks: z.string(),
    elapsedMs: z.number().nonnegative(),
  }),
  z.strictObject({
    kind: z.literal('done'),
    report: SliceReport,
    elapsedMs: z.number().nonnegative(),
    encoderCached: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('refused'), refusal: Refusal }),
])
export type RunLine = z.infer<typeof RunLine>

/**
 * `GET /api/runs/:runId/fields?first=&count=`: sub-pixel fields of samples, int8, `count` grids one after another.
 * Value > 0 exactly where the mask is set, never 0; |value| is |logit| * 16, rounded, kept within 1..127. The
 * outline is where the field changes sign.
 */
export const FIELD_SCALE = 16
