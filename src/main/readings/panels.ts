import { accept, refuse } from '../../contract'
import type {
  NewPanel,
  Panel,
  PanelAgreement,
  PanelCase,
  PanelCases,
  PanelList,
  Rater,
  Result,
} from '../../contract'
import { drawPanelCases } from '../../core/annotation/panel-order'
import type { StoredAttempt, StoredPanel } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'
import type { AttemptParts } from './attempts'
import { publicAttempt } from './attempts'
import { panelAgreement } from './panel-figures'

/** Panels as one rater sees them: the own cases in the own order, and nothing that tells of others. */
export function createPanels(parts: AttemptParts): {
  readonly list: (rater: Rater) => Promise<Result<PanelList>>
  readonly add: (rater: Rater, request: NewPanel) => Promise<Result<Panel>>
  readonly cases: (rater: Rater, panelId: string) => Promise<Result<PanelCases>>
  readonly agreement: (rater: Rater, panelId: string) => Promise<Result<PanelAgreement>>
} {
  const { store } = parts
  return {
    list: async (rater) => {
      const panels = await store.panels()
      if (!panels.ok) return panels
      const listed: Panel[] = []
      for (const panel of panels.value) {
        if (!panel.raterIds.includes(rater.raterId) && rater.role !== 'owner') continue
        const about = await panelFor(store, rater, panel)
        if (!about.ok) return about
        listed.push(about.value)
      }
      return accept({ panels: listed })
    },
    add: (rater, request) => addPanel(parts, rater, request),
    cases: (rater, panelId) => casesFor(parts, rater, panelId),
    agreement: (rater, panelId) => panelAgreement(parts, rater, panelId),
  }
}
export type Panels = ReturnType<typeof createPanels>

async function panelFor(store: StoreCalls, rater: Rater, panel: StoredPanel): Promise<Result<Panel>> {
  const { panelId, name, protocol, madeAt } = panel
  const cases = await store.casesOfPanel(panelId)
  if (!cases.ok) return cases
  const own = cases.value.filter(({ raterId }) => raterId === rater.raterId)
  const committed = await committedPlaces(store, rater, panelId)
  if (!committed.ok) return committed
  return accept({
    panelId,
    name,
    // The seed draws the order and the repeats: who knows it, and their share, knows which case comes again.
    protocol: rater.role === 'owner' ? protocol : { ...protocol, seed: 0, repeatShare: 0 },
    madeAt,
    cases: own.length,
    committed: own.filter(({ position }) => committed.value.has(position)).length,
  })
}

async function committedPlaces(
  store: StoreCalls,
  rater: Rater,
  panelId: string,
): Promise<Result<ReadonlySet<number | null>>> {
  const attempts = await store.attemptsOfPanel(panelId)
  if (!attempts.ok) return attempts
  const own = attempts.value.filter((one) => one.raterId === rater.raterId && one.state !== 'draft')
  return accept(new Set(own.map(({ casePosition }) => casePosition)))
}

async function addPanel(
  { store, subjects }: AttemptParts,
  rater: Rater,
  { name, protocol, subjects: wanted, raterIds }: NewPanel,
): Promise<Result<Panel>> {
  if (rater.role !== 'owner')
    return refuse('not-allowed', 'Panels are made by the owner of the workspace.', { next: 'Ask the owner.' })
  const known = await store.raters()
  if (!known.ok) return known
  const unknown = raterIds.find((id) => !known.value.some(({ raterId }) => raterId === id))
  if (unknown !== undefined)
    return refuse('not-found', `There is no rater ${unknown}.`, { next: 'Add the rater first.' })
  const keys: string[] = []
  for (const subject of wanted) {
    const key = await subjects.keyOf(subject)
    if (!key.ok) return key
    keys.push(key.value)
  }
  const cases = drawPanelCases({ subjects: [...new Set(keys)], raterIds: [...new Set(raterIds)], protocol })
  const panel = await store.addPanel(
    { name, protocol, raterIds: [...new Set(raterIds)] },
    cases,
    rater.raterId,
  )
  return panel.ok ? panelFor(store, rater, panel.value) : panel
}

async function casesFor(parts: AttemptParts, rater: Rater, panelId: string): Promise<Result<PanelCases>> {
  const { store, subjects, disclosure } = parts
  const panels = await store.panels()
  if (!panels.ok) return panels
  const panel = panels.value.find((one) => one.panelId === panelId)
  const mine = panel?.raterIds.includes(rater.raterId) === true || rater.role === 'owner'
  if (panel === undefined || !mine)
    return refuse('not-found', 'You are in no such panel.', { next: 'Choose a panel of the list.' })
  const about = await panelFor(store, rater, panel)
  if (!about.ok) return about
  const stored = await store.casesOfPanel(panelId)
  if (!stored.ok) return stored
  const attempts = await store.attemptsOfPanel(panelId)
  if (!attempts.ok) return attempts
  const cases: PanelCase[] = []
  let isNext = true
  const own = stored.value.filter(({ raterId }) => raterId === rater.raterId)
  for (const { position, subject: key } of own.toSorted((a, b) => a.position - b.position)) {
    const subject = subjects.subjectOf(key)
    if (subject === null) continue
    const withheld = await disclosure.withheld(rater, key)
    if (!withheld.ok) return withheld
    const latest = latestAttempt(attempts.value, rater.raterId, position)
    const attempt = latest === null ? null : await publicAttempt(parts, latest)
    if (attempt !== null && !attempt.ok) return attempt
    const isCommitted = latest !== null && latest.state !== 'draft'
    const revealed = withheld.value === null && isCommitted
    const isTold = !panel.protocol.blind || revealed || (isNext && !isCommitted)
    isNext &&= isCommitted
    cases.push({
      panelId,
      position,
      subject: isTold ? subject : null,
      state: latest?.state ?? 'not-read',
      attempt: isTold ? (attempt?.value ?? null) : null,
      revealed,
    })
  }
  return accept({ panel: about.value, cases })
}

const latestAttempt = (
  attempts: readonly StoredAttempt[],
  raterId: string,
  position: number,
): StoredAttempt | null =>
  attempts
    .filter((one) => one.raterId === raterId && one.casePosition === position)
    .toSorted((a, b) => b.number - a.number)[0] ?? null
