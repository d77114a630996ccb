import { z } from 'zod'
import { Answer, Origin } from '../edit'
import { SlicePlace, VolumePlace } from '../geometry'
import { Warning } from '../refusal'
import { Instant, Subject } from './annotation'
import { DrawnSlice } from './reading'

/** A number with its 95 % interval and what it rests on; where there is none, the reason stands in `without`. */
export const Figure = z.strictObject({
  value: z.number().nullable(),
  low95: z.number().nullable(),
  high95: z.number().nullable(),
  /** What was counted or resampled: slices, cases, samples. */
  n: z.number().int().nonnegative(),
  unit: z.enum(['share', 'mm', 'px', 'mm2', 'px2', 'mm3', 'percent', 'none']),
  without: z.string().nullable(),
})
export type Figure = z.infer<typeof Figure>

/** A reading that may be shown now. Peers are numbered anew, in a drawn order, for every case. */
export const ComparedReading = z.strictObject({
  readingId: z.string(),
  /** `own`: of the rater who asks; `peer`: another rater's; `imported`: came in from a file. */
  source: z.enum(['own', 'peer', 'imported']),
  /** "You", "You, attempt 2", "You, attempt 2, not in the panel", "Peer 1", "Reader A". */
  name: z.string(),
  /** Letter of its line style (look: A, B, …); own readings are yellow whatever it says. */
  letter: z.string(),
  attemptNumber: z.number().int().positive().nullable(),
  committedAt: Instant.nullable(),
  /** Fixed before anything was shown. */
  blind: z.boolean(),
  answer: Answer,
  origins: z.array(Origin),
  /** Of a reading that was brought in from a file: whose it is, and whether the figures count it. */
  imported: z
    .strictObject({ importId: z.string(), isOwn: z.boolean(), counts: z.boolean(), inPanel: z.boolean() })
    .optional(),
  /** Of the lesion that is compared. Empty: nothing of it was marked; `answer` says whether it was looked at. */
  slices: z.array(DrawnSlice),
})
export type ComparedReading = z.infer<typeof ComparedReading>

/** One pair: the rater's own reading against another. */
export const PairAgreement = z.strictObject({
  readingId: z.string(),
  dice: Figure,
  hausdorff95: Figure,
  surfaceDistance: Figure,
  volumeDifference: Figure,
  /** Signed, other less own: diameter of the disc of equal area, on the slice where own is largest. */
  equivalentDiameterDifference: Figure,
})
export type PairAgreement = z.infer<typeof PairAgreement>

/** Denominators of every figure of a panel. */
export const AnswerCounts = z.strictObject({
  outlined: z.number().int().nonnegative(),
  nothing: z.number().int().nonnegative(),
  cannotJudge: z.number().int().nonnegative(),
  notRead: z.number().int().nonnegative(),
})
export type AnswerCounts = z.infer<typeof AnswerCounts>

/** A connected region that the own reading and the others' majority see differently; largest first. */
export const Difference = SlicePlace.extend({
  /** "Posterior edge, medial", from the orientation; "upper edge" where that is not known. */
  place: z.string(),
  /** Own marks what the others leave, or leaves what they mark. */
  kind: z.enum(['only-own', 'only-others']),
  area: z.strictObject({ value: z.number(), unit: z.enum(['mm2', 'px2']) }),
  box: z.strictObject({
    column: z.number().int(),
    row: z.number().int(),
    widthPx: z.number().int().positive(),
    heightPx: z.number().int().positive(),
  }),
})
export type Difference = z.infer<typeof Difference>

export const ConsensusMethod = z.enum(['majority', 'staple'])
export type ConsensusMethod = z.infer<typeof ConsensusMethod>

/** A derived layer: it never replaces a reading. */
export const Consensus = z.strictObject({
  method: ConsensusMethod,
  /** Readings that went in. */
  inputs: z.array(z.string()),
  slices: z.array(DrawnSlice),
  /** STAPLE: each input's estimated sensitivity and specificity, in the order of `inputs`. */
  performance: z.array(z.strictObject({ sensitivity: z.number(), specificity: z.number() })).nullable(),
  note: z.string(),
})
export type Consensus = z.infer<typeof Consensus>

/** What readers outlined in one place: structures of different readings that share a voxel, taken together. */
export const Lesion = z.strictObject({
  lesionId: z.string(),
  label: z.string(),
  firstSlice: z.number().int().nonnegative(),
  lastSlice: z.number().int().nonnegative(),
  /** Image index of the middle of everything marked, on the slice where most is marked. */
  centre: VolumePlace,
  outlinedBy: z.number().int().positive(),
  /** Structures of one reading that figures take together here, by label; none where each reading has one. */
  together: z.array(z.string()),
})
export type Lesion = z.infer<typeof Lesion>

/** `GET /api/comparisons?seriesUid=|imageId=[&lesion=][&consensus=majority|staple]`; refused with `blind` before the reveal. */
export const Comparison = z.strictObject({
  subject: Subject,
  lesions: z.array(Lesion),
  /** The one that readings, pairs, differences and consensus are about; null where nobody outlined anything. */
  lesionId: z.string().nullable(),
  readings: z.array(ComparedReading),
  /** The reading that stands for the rater who asks: the first one committed. */
  ownReadingId: z.string().nullable(),
  counts: AnswerCounts,
  pairs: z.array(PairAgreement),
  /** Mean over all pairs of outlined readings. */
  meanDice: Figure,
  /** Fleiss’ kappa voxel by voxel over the readings’ box: it falls with empty background, hence positive agreement beside it. */
  voxelKappa: Figure,
  /** Of two answers to a voxel of which one says inside, the share where the other does too. */
  positiveAgreement: Figure,
  differences: z.array(Difference),
  /** Pieces that differ and are left out of the list: those of fewer pixels than this. */
  specks: z.strictObject({ count: z.number().int().nonnegative(), belowPx: z.number().int().positive() }),
  consensus: Consensus.nullable(),
  warnings: z.array(Warning),
})
export type Comparison = z.infer<typeof Comparison>

/** `GET /api/panels/:panelId/agreement`: over the cases that the rater who asks has finished; the owner: over all. */
export const PanelAgreement = z.strictObject({
  panelId: z.string(),
  cases: z.number().int().nonnegative(),
  /** Whose cases they are: intervals are over these. Both eyes are of one patient. */
  patients: z.number().int().nonnegative(),
  counts: AnswerCounts,
  rows: z.array(
    z.strictObject({
      measure: z.string(),
      /** Own against the others; null where the asker read nothing. */
      own: Figure.nullable(),
      panel: Figure,
      note: z.string(),
    }),
  ),
  /** Change from the first to the second attempt of the rater who asks, and repeats within. */
  within: z.array(z.strictObject({ measure: z.string(), figure: Figure, note: z.string() })),
  /** Every two raters of the panel, by their pseudonyms, to the owner: readers are not told who is who. */
  pairs: z.array(z.strictObject({ first: z.string(), second: z.string(), sameAnswer: Figure, dice: Figure })),
})
export type PanelAgreement = z.infer<typeof PanelAgreement>
