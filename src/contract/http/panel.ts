import { z } from 'zod'
import { cleanLabel } from '../kept-text'
import { Attempt, Instant, Subject } from './annotation'

/** How a panel reads: fixed when it is made, so that all its cases were read alike. */
export const PanelProtocol = z.strictObject({
  blind: z.boolean(),
  /** When peers and model are shown: as soon as this rater committed, or when all assigned raters have. */
  reveal: z.enum(['own-commit', 'all-committed']),
  /** Whether a sample, a band edge or a peer's outline may be the start of an outline; shown on every figure. */
  startFromModel: z.boolean(),
  /** Share of cases that come a second time, unlabelled, for figures within a rater. */
  repeatShare: z.number().min(0).max(1),
  /** Seed of each rater's order and of the pseudonyms of each case. */
  seed: z.number().int().nonnegative(),
})
export type PanelProtocol = z.infer<typeof PanelProtocol>

/** What the readers of a panel are told while they read. */
export const PanelWords = z.strictObject({
  /** Plain text, shown with its lines; empty: none. */
  instructions: z.string().max(4000),
  /** What is to be outlined: "Nodule of 3 mm or more". Empty: not said. */
  target: z.string().trim().max(120),
  /** What a structure may be called; empty: whatever the reader calls it. */
  labels: z
    .array(z.string().overwrite(cleanLabel).min(1).max(80))
    .max(40)
    .refine((labels) => new Set(labels).size === labels.length, 'a label stands there twice'),
})
export type PanelWords = z.infer<typeof PanelWords>

const PanelName = z.string().trim().min(1).max(120)

/** `POST /api/panels`, by the owner: who reads which subjects, how, and what they are told. */
export const NewPanel = z.strictObject({
  name: PanelName,
  protocol: PanelProtocol,
  words: PanelWords,
  subjects: z.array(Subject).min(1).max(10_000),
  raterIds: z.array(z.string()).min(1).max(100),
})
export type NewPanel = z.infer<typeof NewPanel>

/**
 * `POST /api/panels/:panelId`, by the owner: another name, other words. Target and labels are fixed with the first
 * commit; protocol, cases and raters from the beginning, since orders were drawn from them: named here they are refused
 * by name.
 */
export const EditPanel = z.strictObject({
  name: PanelName.optional(),
  words: PanelWords.optional(),
  protocol: z.unknown().optional(),
  subjects: z.unknown().optional(),
  raterIds: z.unknown().optional(),
})
export type EditPanel = z.infer<typeof EditPanel>

export const Panel = z.strictObject({
  panelId: z.string(),
  name: z.string(),
  protocol: PanelProtocol,
  words: PanelWords,
  /** When these words were written: a commit says by it which of them the reader was told. */
  wordsAt: Instant,
  madeAt: Instant,
  /** Since when nothing of it is committed any more; null: it is open. */
  closedAt: Instant.nullable(),
  /**
   * Cases in the order of the rater who asks; nothing here tells of others. Null: not told, since some come again unsaid
   * and the number left would tell which.
   */
  cases: z.number().int().nonnegative().nullable(),
  committed: z.number().int().nonnegative(),
})
export type Panel = z.infer<typeof Panel>

/**
 * A rater's case of a panel. A repeat looks like any other case: a reader of a blind panel is told the subject of the
 * case that is next and of those that were revealed, of no other, since the same subject twice would tell.
 */
export const PanelCase = z.strictObject({
  panelId: z.string(),
  position: z.number().int().positive(),
  subject: Subject.nullable(),
  state: z.enum(['not-read', 'draft', 'committed', 'locked']),
  attempt: Attempt.nullable(),
  revealed: z.boolean(),
  /** The image is not among those that are open now: until it is opened the case is not read, nor what comes after it. */
  isNotOpen: z.boolean(),
})
export type PanelCase = z.infer<typeof PanelCase>

/** `GET /api/panels`, `GET /api/panels/:panelId/cases`: those of the rater who asks. */
export const PanelList = z.strictObject({ panels: z.array(Panel) })
export type PanelList = z.infer<typeof PanelList>
export const PanelCases = z.strictObject({ panel: Panel, cases: z.array(PanelCase) })
export type PanelCases = z.infer<typeof PanelCases>

/** A reader of a panel, and how many of the places there are done; as the owner sees it. */
export const PanelReader = z.strictObject({
  raterId: z.string(),
  name: z.string(),
  pseudonym: z.string(),
  retired: z.boolean(),
  places: z.number().int().nonnegative(),
  committed: z.number().int().nonnegative(),
  lastCommittedAt: Instant.nullable(),
})
export type PanelReader = z.infer<typeof PanelReader>

/** One image and one reader. An image that comes twice to the reader has two places. */
export const PanelCell = z.strictObject({
  state: z.enum(['not-begun', 'in-progress', 'committed']),
  places: z.number().int().nonnegative(),
  committed: z.number().int().nonnegative(),
})
export type PanelCell = z.infer<typeof PanelCell>

/** `GET /api/panels/:panelId/progress`, to the owner: by image and reader; nothing of what was answered. */
export const PanelProgress = z.strictObject({
  panelId: z.string(),
  readers: z.array(PanelReader),
  cases: z.array(
    z.strictObject({
      /** null: a photograph that is not open. */
      subject: Subject.nullable(),
      /** One a reader, in their order. */
      cells: z.array(PanelCell),
    }),
  ),
  /** Images that the owner still reads blind: they are not in it. */
  leftOut: z.number().int().nonnegative(),
})
export type PanelProgress = z.infer<typeof PanelProgress>
