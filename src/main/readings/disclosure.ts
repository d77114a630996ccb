import { accept, refuse } from '../../contract'
import type { ExposureKind, Rater, Result, Withheld } from '../../contract'
import { disclosure, disclosures } from '../../core/annotation/blinding'
import type { Disclosure as Decision } from '../../core/annotation/blinding'
import type { StoredAttempt, StoredCase, StoredPanel, SubjectKey } from '../workspace/store'
import { givingWay } from './in-slices'
import type { StoreCalls } from '../workspace/store-calls'

/** The same thing shown again within this time is one exposure: a page that reloads does not fill the log. */
const SAME_EXPOSURE_MS = 60_000

async function decideFor(store: StoreCalls, rater: Rater, subject: SubjectKey): Promise<Result<Decision>> {
  const places = await store.casesOfSubject(subject)
  if (!places.ok) return places
  const atSubject = await store.attemptsOfSubject(subject)
  if (!atSubject.ok) return atSubject
  const panels = await store.panels()
  if (!panels.ok) return panels
  const retired = await retiredRaters(store)
  if (!retired.ok) return retired
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
      ...askerOf(rater),
      subject,
      attempts: [...attempts.values()],
      cases: [...cases.values()],
      panels: panels.value,
      retired: retired.value,
    }),
  )
}

const askerOf = ({ raterId, role }: Rater) => ({ raterId, isOwner: role === 'owner' })

/** Whether the panel can withhold anything from the rater: the own ones, and while they are open those of others. */
const asksOf = ({ raterId, role }: Rater, { raterIds, protocol, closedAt }: StoredPanel): boolean =>
  raterIds.includes(raterId) || (role !== 'owner' && protocol.blind && closedAt === null)

async function retiredRaters(store: StoreCalls): Promise<Result<ReadonlySet<string>>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  return accept(new Set(raters.value.flatMap(({ raterId, retired }) => (retired ? [raterId] : []))))
}

/**
 * The same for any subject, over every panel that can withhold anything from the rater: read once, for those who ask about hundreds.
 * What it says is of the moment at which it was read.
 */
async function decideForAll(
  store: StoreCalls,
  rater: Rater,
): Promise<Result<(subject: SubjectKey) => Decision>> {
  const panels = await store.panels()
  if (!panels.ok) return panels
  const own = await store.attemptsOfRater(rater.raterId)
  if (!own.ok) return own
  const attempts: StoredAttempt[] = [...own.value]
  const cases: StoredCase[] = []
  for (const panel of panels.value) {
    const { panelId } = panel
    if (!asksOf(rater, panel)) continue
    const places = await store.casesOfPanel(panelId)
    if (!places.ok) return places
    const written = await store.attemptsOfPanel(panelId)
    if (!written.ok) return written
    for (const place of places.value) cases.push(place)
    for (const one of written.value) attempts.push(one)
  }
  const retired = await retiredRaters(store)
  if (!retired.ok) return retired
  return accept(
    disclosures(askerOf(rater), { attempts, cases, panels: panels.value, retired: retired.value }),
  )
}

const placeKey = ({ panelId, raterId, position }: StoredCase): string =>
  JSON.stringify([panelId, raterId, position])

async function anyWithheld(store: StoreCalls, rater: Rater): Promise<Result<boolean>> {
  const decided = await decideForAll(store, rater)
  if (!decided.ok) return decided
  const own = await store.attemptsOfRater(rater.raterId)
  if (!own.ok) return own
  const subjects = new Set(own.value.map(({ subject }) => subject))
  const panels = await store.panels()
  if (!panels.ok) return panels
  for (const panel of panels.value) {
    if (!asksOf(rater, panel)) continue
    const places = await store.casesOfPanel(panel.panelId)
    if (!places.ok) return places
    for (const { subject } of places.value) subjects.add(subject)
  }
  const giveWay = givingWay()
  for (const subject of subjects) {
    await giveWay()
    if (decided.value(subject).withheld !== null) return accept(true)
  }
  return accept(false)
}

export interface Disclosure {
  readonly withheld: (rater: Rater, subject: SubjectKey) => Promise<Result<Withheld | null>>
  /** Whether what the rater committed before is withheld too: a hidden repeat is read as if for the first time. */
  readonly ownWithheld: (rater: Rater, subject: SubjectKey) => Promise<Result<boolean>>
  /** What is withheld of any subject now, read once: for lists of many. */
  readonly withheldOfAll: (rater: Rater) => Promise<Result<(subject: SubjectKey) => Withheld | null>>
  /** Whether anything at all is withheld from the rater now: then what tells of everything is withheld too. */
  readonly anyWithheld: (rater: Rater) => Promise<Result<boolean>>
  readonly release: (
    rater: Rater,
    subject: SubjectKey,
    kind: ExposureKind,
    detail: string,
  ) => Promise<Result<null>>
  /** The same of many subjects in one act: all are given, or none. */
  readonly releaseAll: (
    rater: Rater,
    subjects: readonly SubjectKey[],
    kind: ExposureKind,
    detail: string,
  ) => Promise<Result<null>>
}

/** What may be given to whom. The one place that decides it and the one place that notes it. */
export function createDisclosure(store: StoreCalls, nowMs: () => number): Disclosure {
  const noted = new Map<string, number>()

  const decide = (rater: Rater, subject: SubjectKey): Promise<Result<Decision>> =>
    decideFor(store, rater, subject)

  async function withheld(rater: Rater, subject: SubjectKey): Promise<Result<Withheld | null>> {
    const decided = await decide(rater, subject)
    return decided.ok ? accept(decided.value.withheld) : decided
  }

  /** In one act, but for what was noted a moment ago. */
  async function note(
    { raterId }: Rater,
    subjects: readonly SubjectKey[],
    kind: ExposureKind,
    detail: string,
  ): Promise<Result<null>> {
    const keyOf = (subject: SubjectKey): string => JSON.stringify([raterId, subject, kind, detail])
    const fresh = subjects.filter(
      (subject) => nowMs() - (noted.get(keyOf(subject)) ?? -Infinity) >= SAME_EXPOSURE_MS,
    )
    if (fresh.length === 0) return accept(null)
    const written = await store.exposeAll(raterId, fresh, { kind, detail, shownMs: null })
    if (written.ok) for (const subject of fresh) noted.set(keyOf(subject), nowMs())
    return written
  }

  return {
    withheld,
    withheldOfAll: async (rater) => {
      const decided = await decideForAll(store, rater)
      if (!decided.ok) return decided
      return accept((subject: SubjectKey) => decided.value(subject).withheld)
    },
    anyWithheld: (rater) => anyWithheld(store, rater),
    ownWithheld: async (rater, subject) => {
      const decided = await decide(rater, subject)
      return decided.ok ? accept(decided.value.ownWithheld) : decided
    },
    release: async (rater, subject, kind, detail) => {
      const kept = await withheld(rater, subject)
      if (!kept.ok) return kept
      return kept.value === null ? note(rater, [subject], kind, detail) : refused(kept.value)
    },
    releaseAll: async (rater, subjects, kind, detail) => {
      const decided = await decideForAll(store, rater)
      if (!decided.ok) return decided
      const giveWay = givingWay()
      for (const subject of subjects) {
        await giveWay()
        const kept = decided.value(subject).withheld
        if (kept !== null) return refused(kept)
      }
      return note(rater, subjects, kind, detail)
    },
  }
}

const refused = ({ reason, until }: Withheld): Result<never> => refuse('blind', reason, { next: until })
