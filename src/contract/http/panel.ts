import { z } from 'zod'
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

/** `POST /api/panels`, by the owner: who reads which subjects, and how. */
export const NewPanel = z.strictObject({
  name: z.string().min(1).max(120),
  protocol: PanelProtocol,
  subjects: z.array(Subject).min(1).max(10_000),
  raterIds: z.array(z.string()).min(1).max(100),
})
export type NewPanel = z.infer<typeof NewPanel>

export const Panel = z.strictObject({
  panelId: z.string(),
  name: z.string(),
  protocol: PanelProtocol,
  madeAt: Instant,
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
})
export type PanelCase = z.infer<typeof PanelCase>

/** `GET /api/panels`, `GET /api/panels/:panelId/cases`: those of the rater who asks. */
export const PanelList = z.strictObject({ panels: z.array(Panel) })
export type PanelList = z.infer<typeof PanelList>
export const PanelCases = z.strictObject({ panel: Panel, cases: z.array(PanelCase) })
export type PanelCases = z.infer<typeof PanelCases>
