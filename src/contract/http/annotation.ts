import { z } from 'zod'
import { Answer, DocumentEdit, Origin } from '../edit'
import { Uid } from '../geometry'
import { notKeptOf } from '../kept-text'
import { DrawnSlice } from './reading'

/** An instant, ISO 8601 in UTC with milliseconds, by the clock of the store. */
export const Instant = z.iso.datetime({ precision: 3 })
export type Instant = z.infer<typeof Instant>

/** What a reading is about. The store keeps a photograph by its content (sha256), so that a moved file keeps its readings. */
export const Subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('series'), seriesUid: Uid }),
  z.strictObject({ kind: z.literal('image'), imageId: z.string().min(1).max(1024) }),
])
export type Subject = z.infer<typeof Subject>

/** `draft` is worked on; `committed` is fixed and dated; `locked` is committed and closed to a further attempt. */
export const AttemptState = z.enum(['draft', 'committed', 'locked'])
export type AttemptState = z.infer<typeof AttemptState>

/** What the rater had been given of this subject, by anyone or anything, and when first. */
export const ExposureKind = z.enum(['model', 'peers', 'consensus', 'agreement', 'counts'])
export type ExposureKind = z.infer<typeof ExposureKind>
export const Exposure = z.strictObject({
  kind: ExposureKind,
  at: Instant,
  /** How long it was on screen before the commit, as the page tells it; null where that is not known. */
  shownMs: z.number().int().nonnegative().nullable(),
  detail: z.string().max(200),
})
export type Exposure = z.infer<typeof Exposure>

/** One attempt of one rater at one subject: never overwritten, the next look is the next attempt. */
export const Attempt = z.strictObject({
  attemptId: z.string(),
  subject: Subject,
  panelId: z.string().nullable(),
  /** Place in the rater's own order of cases, 1-based; null outside a panel. */
  casePosition: z.number().int().positive().nullable(),
  raterId: z.string(),
  /** 1, 2, … for this rater and case. */
  number: z.number().int().positive(),
  state: AttemptState,
  /** Opened as a blind reading: until the commit nothing but the image is given out to this rater. */
  blind: z.boolean(),
  openedAt: Instant,
  committedAt: Instant.nullable(),
  /** Entries in the journal. */
  revision: z.number().int().nonnegative(),
  /** sha256 over the document, hex: what the commit fixed. */
  digest: z.string().nullable(),
  /** Time on the case, as the page counted it: the clock stops while the window is left. */
  readingMs: z.number().int().nonnegative(),
  slicesSeen: z.number().int().nonnegative(),
  /** What had been shown before the commit. A blind attempt has none. */
  exposures: z.array(Exposure),
})
export type Attempt = z.infer<typeof Attempt>

/** The document that the journal's entries give, folded: what one attempt says. */
export const DrawnStructure = z.strictObject({
  structureId: z.string(),
  label: z.string(),
  /** Where the outline was started from; null: drawn by hand from nothing. */
  origin: Origin.nullable(),
  slices: z.array(DrawnSlice),
})
export type DrawnStructure = z.infer<typeof DrawnStructure>

export const DrawnDocument = z.strictObject({
  /** Size of every slice mask. */
  widthPx: z.number().int().positive(),
  heightPx: z.number().int().positive(),
  structures: z.array(DrawnStructure),
  answer: Answer,
})
export type DrawnDocument = z.infer<typeof DrawnDocument>

/** One line of the history: a gesture, its inverse (an undo), or its return (a redo). */
export const HistoryLine = z.strictObject({
  revision: z.number().int().positive(),
  at: Instant,
  title: z.string(),
  /** The revision whose effect this entry takes back; null for a gesture. */
  undoes: z.number().int().positive().nullable(),
})
export type HistoryLine = z.infer<typeof HistoryLine>

/** `POST /api/attempts`: goes on with the open draft of this rater, else opens the next attempt. */
export const OpenAttempt = z.strictObject({
  subject: Subject,
  blind: z.boolean(),
  panelId: z.string().nullable(),
})
export type OpenAttempt = z.infer<typeof OpenAttempt>

/**
 * `POST /api/attempts/:attemptId/entries`: one finished gesture. It is on disk when the answer comes. `entryId` is
 * made by the page: sent again after a lost answer, it is acknowledged again and stored once. `expectedRevision`
 * is the last revision the page knows: another one is refused with `revision-conflict`, and what is missing comes by
 * `GET …/entries?after=`. A gesture whose new texts are not kept is refused; what takes one back says nothing new.
 */
export const NewEntry = z
  .strictObject({
    entryId: z.uuid(),
    expectedRevision: z.number().int().nonnegative(),
    edit: DocumentEdit,
    undoes: z.number().int().positive().nullable(),
  })
  .superRefine(({ edit, undoes }, context) => {
    if (undoes !== null) return
    for (const { path, reason } of notKeptOf(edit))
      context.addIssue({ code: 'custom', path: ['edit', ...path], message: reason })
  })
export type NewEntry = z.infer<typeof NewEntry>

export const Acknowledged = z.strictObject({ revision: z.number().int().positive(), at: Instant })
export type Acknowledged = z.infer<typeof Acknowledged>

export const JournalEntry = z.strictObject({
  entryId: z.uuid(),
  revision: z.number().int().positive(),
  at: Instant,
  edit: DocumentEdit,
  undoes: z.number().int().positive().nullable(),
})
export type JournalEntry = z.infer<typeof JournalEntry>

/** `GET /api/attempts/:attemptId`: everything to go on with the work after a restart. Folded, the entries give the document. */
export const AttemptDetail = z.strictObject({
  attempt: Attempt,
  /** Size of every slice mask. */
  widthPx: z.number().int().positive(),
  heightPx: z.number().int().positive(),
  entries: z.array(JournalEntry),
})
export type AttemptDetail = z.infer<typeof AttemptDetail>

/** `GET /api/attempts/:attemptId/entries?after=N` */
export const JournalPage = z.strictObject({ entries: z.array(JournalEntry) })
export type JournalPage = z.infer<typeof JournalPage>

/**
 * `POST /api/attempts/:attemptId/commit`: fixes the attempt. Refused without a verdict, at another revision, or where
 * the panel tells its readers something else than it told at `wordsAt`: see `Panel`. Without it, than it told when the
 * attempt was opened.
 */
export const CommitAttempt = z.strictObject({
  expectedRevision: z.number().int().nonnegative(),
  readingMs: z.number().int().nonnegative(),
  slicesSeen: z.number().int().nonnegative(),
  wordsAt: Instant.optional(),
})
export type CommitAttempt = z.infer<typeof CommitAttempt>

/** That model, peers and figures of a subject are withheld from a rater now, why, and what ends that. */
export const Withheld = z.strictObject({
  reason: z.string(),
  until: z.string(),
  /** Whether a blind reading of this very image, by the rater who asks, is what comes first. */
  readFirst: z.boolean(),
  /** The panel that asks for it; null: none. */
  panelId: z.string().nullable(),
})
export type Withheld = z.infer<typeof Withheld>

/** `GET /api/attempts?seriesUid=` or `?imageId=`: the attempts of the rater who asks, and of nobody else. */
export const OwnAttempts = z.strictObject({
  attempts: z.array(Attempt),
  /** Null: nothing is withheld. */
  withheld: Withheld.nullable(),
  /** Whether model, readings or figures were given to the rater before, so that no reading of it is blind any more. */
  wasShown: z.boolean(),
})
export type OwnAttempts = z.infer<typeof OwnAttempts>

/** `POST /api/attempts/:attemptId/shown`: the page tells how long an overlay was on screen. */
export const ShownOverlay = z.strictObject({
  kind: ExposureKind,
  shownMs: z.number().int().nonnegative(),
  detail: z.string().max(200),
})
export type ShownOverlay = z.infer<typeof ShownOverlay>
