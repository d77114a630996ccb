import { z } from 'zod'
import { Uid } from '../geometry'
import { Refusal, Warning } from '../refusal'
import { RunLine, RunRequest, RunTarget, SizeDistribution } from './inference'

/** `POST /api/runs/lesion`. Answer: JSON lines of LesionLine. Cancel by closing the stream. */
export const LesionRequest = RunRequest.extend({ target: RunTarget.options[0] })
export type LesionRequest = z.infer<typeof LesionRequest>

/**
 * How the samples of neighbouring slices hang together. `tied`: sample k of every slice is one draw, the same latent
 * noise on each slice, so that one sample is one lesion.
 */
export const SliceCoupling = z.enum(['tied'])
export type SliceCoupling = z.infer<typeof SliceCoupling>

/**
 * Why a lesion was followed no further: `few-draw` is its own end; `ran-into-something`, `slices-missing`,
 * `series-ends` and `too-far` leave open whether there is more of it.
 */
export const FollowEnd = z.enum([
  'few-draw',
  'ran-into-something',
  'series-ends',
  'slices-missing',
  'too-far',
])
export type FollowEnd = z.infer<typeof FollowEnd>

/** The lesion on one slice that was looked at. */
export const LesionSliceNote = z.strictObject({
  sliceIndex: z.number().int().nonnegative(),
  sopInstanceUid: Uid,
  /** Run of this slice: its sub-pixel fields are asked for by it. */
  runId: z.string(),
  /** Whether enough samples draw the lesion here for the slice to count. */
  isInLesion: z.boolean(),
  /** Samples that draw some of the lesion here, and their share of all. */
  drawnCount: z.number().int().nonnegative(),
  drawnShare: z.number().min(0).max(1),
  /** Median over those samples; null where none draws. The one without a unit known does not exist. */
  medianAreaMm2: z.number().nullable().optional(),
  medianAreaPx: z.number().nullable().optional(),
  /** Samples that draw something here beside the lesion. */
  elsewhereCount: z.number().int().nonnegative(),
})
export type LesionSliceNote = z.infer<typeof LesionSliceNote>

/**
 * Sizes of the whole lesion, one value a sample (null for a sample that draws none of it). Axes: mean of long and
 * short axis, and both, on the slice where the mean is largest. Only what the spacing allows is there.
 */
export const LesionSizes = z.strictObject({
  volumeMm3: SizeDistribution.optional(),
  meanDiameterMm: SizeDistribution.optional(),
  longAxisMm: SizeDistribution.optional(),
  shortAxisMm: SizeDistribution.optional(),
  /** In space, between outlines of any two slices. */
  longestDiameterMm: SizeDistribution.optional(),
  /** Mean of the values inside. */
  meanHu: SizeDistribution.optional(),
})
export type LesionSizes = z.infer<typeof LesionSizes>

/** What a reader drew of the structure the lesion was joined to, over all slices. */
export const ReaderOfLesion = z.strictObject({
  readingId: z.string(),
  letter: z.string(),
  empty: z.boolean(),
  volumeMm3: z.number().optional(),
  meanDiameterMm: z.number().optional(),
})
export type ReaderOfLesion = z.infer<typeof ReaderOfLesion>

export const LesionReport = z.strictObject({
  seriesUid: Uid,
  place: z.strictObject({
    sliceIndex: z.number().int().nonnegative(),
    column: z.number(),
    row: z.number(),
  }),
  coupling: SliceCoupling,
  sampleCount: z.number().int().positive(),
  /** Samples that draw some of the lesion on some slice: sizes are of those. */
  drawnCount: z.number().int().nonnegative(),
  drawnShare: z.number().min(0).max(1),
  mostDrawNothing: z.boolean(),
  /** Those that were looked at, by ascending index; the lesion's own are those with isInLesion. */
  slices: z.array(LesionSliceNote),
  /** Towards the first slice of the series and towards its last. */
  ends: z.strictObject({ first: FollowEnd, last: FollowEnd }),
  /** As the files say it; null where they do not. */
  sliceThicknessMm: z.number().positive().nullable(),
  sizes: LesionSizes,
  readers: z.array(ReaderOfLesion),
  warnings: z.array(Warning),
})
export type LesionReport = z.infer<typeof LesionReport>

export const LesionLine = z.discriminatedUnion('kind', [
  /** First, where it was drawn before and is given as it was: what it came to; its slices follow. */
  z.strictObject({ kind: z.literal('kept'), report: LesionReport }),
  /** A line of the run of one slice, as `POST /api/runs` gives it for this target; never a refusal. */
  z.strictObject({ kind: z.literal('slice'), target: RunTarget.options[0], line: RunLine }),
  z.strictObject({ kind: z.literal('followed'), slice: LesionSliceNote }),
  z.strictObject({
    kind: z.literal('done'),
    report: LesionReport,
    elapsedMs: z.number().nonnegative(),
  }),
  z.strictObject({ kind: z.literal('refused'), refusal: Refusal }),
])
export type LesionLine = z.infer<typeof LesionLine>
