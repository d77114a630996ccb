import { accept, refuse } from '../../contract'
import type { ExposureKind, Rater, Result } from '../../contract'
import { disclosure } from '../../core/annotation/blinding'
import type { Disclosure as Decision } from '../../core/annotation/blinding'
import type { StoredCase, SubjectKey } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'

/** Why a subject's model, peers and figures are not given to a rater now, and what ends that. */
export interface Withheld {
  readonly reason: string
  readonly until: string
}

/** The same thing shown again within this time is one exposure: a page that reloads does not fill the log. */
const SAME_EXPOSURE_MS = 60_000

async function decideFor(store: StoreCalls, rater: Rater, subject: SubjectKey): Promise<Result<Decision>> {
  const places = await store.casesOfSubject(subject)
  if (!places.ok) return places
  const atSubject = await store.attemptsOfSubject(subject)
  if (!atSubject.ok) return atSubject
  const panels = await store.panels()
  if (!panels.ok) return panels
  // Whether a case may be shown can hang on the rater's other cases of the panel: see `disclosure`.
  const cases = new Map(places.value.map((one) => [placeKey(one), one]))
  const attempts = new Map(atSubject.value.map((one) => [one.attemptId, one]))
  for (const panelId of new Set(places.value.map((one) => one.panelId))) {
    const more = await store.casesOfPanel(panelId)
    if (!more.ok) return more
    for (const one of more.value) cases.set(placeKey(one), one)
    const written = await store.attemptsOfPanel(panelId)
    if (!written.ok) return written
    for (const one of written.value) attempts.set(one.attemptId, one)
  }
  return accept(
    disclosure({
      raterId: rater.raterId,
      subject,
      attempts: [...attempts.values()],
      cases: [...cases.values()],
      panels: panels.value,
    }),
  )
}

const placeKey = ({ panelId, raterId, position }: StoredCase): string =>
  JSON.stringify([panelId, raterId, position])

/** What may be given to whom. The one place that decides it and the one place that notes it. */
export function createDisclosure(
  store: StoreCalls,
  nowMs: () => number,
): {
  readonly withheld: (rater: Rater, subject: SubjectKey) => Promise<Result<Withheld | null>>
  /** Whether what the rater committed before is withheld too: a hidden repeat is read as if for the first time. */
  readonly ownWithheld: (rater: Rater, subject: SubjectKey) => Promise<Result<boolean>>
  readonly release: (
    rater: Rater,
    subject: SubjectKey,
    kind: ExposureKind,
    detail: string,
  ) => Promise<Result<null>>
} {
  const noted = new Map<string, number>()

  const decide = (rater: Rater, subject: SubjectKey): Promise<Result<Decision>> =>
    decideFor(store, rater, subject)

  async function withheld(rater: Rater, subject: SubjectKey): Promise<Result<Withheld | null>> {
    const decided = await decide(rater, subject)
    return decided.ok ? accept(decided.value.withheld) : decided
  }

  async function release(
    rater: Rater,
    subject: SubjectKey,
    kind: ExposureKind,
    detail: string,
  ): Promise<Result<null>> {
    const kept = await withheld(rater, subject)
    if (!kept.ok) return kept
    if (kept.value !== null) return refuse('blind', kept.value.reason, { next: kept.value.until })
    const key = JSON.stringify([rater.raterId, subject, kind, detail])
    const last = noted.get(key)
    if (last !== undefined && nowMs() - last < SAME_EXPOSURE_MS) return accept(null)
    const written = await store.expose(rater.raterId, subject, { kind, detail, shownMs: null })
    if (written.ok) noted.set(key, nowMs())
    return written
  }

  return {
    withheld,
    ownWithheld: async (rater, subject) => {
      const decided = await decide(rater, subject)
      return decided.ok ? accept(decided.value.ownWithheld) : decided
    },
    release,
  }
}
export type Disclosure = ReturnType<typeof createDisclosure>
