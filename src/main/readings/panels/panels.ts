import { accept, refuse } from '../../../contract'
import type {
  EditPanel,
  NewPanel,
  Panel,
  PanelAgreement,
  PanelCase,
  PanelCases,
  PanelList,
  PanelProgress,
  Rater,
  Result,
} from '../../../contract'
import type { StoredAttempt, StoredCase, StoredPanel } from '../../workspace/store'
import type { StoreCalls } from '../../workspace/store-calls'
import type { AttemptParts } from '../attempts'
import { publicAttempt } from '../attempts'
import { givingWay } from '../in-slices'
import { addPanel, closePanel, editPanel } from './panel-changes'
import { panelAgreement } from './panel-figures'
import { panelProgress } from './panel-progress'

/** Panels as one rater sees them: the own cases in the own order, and nothing that tells of others. */
export function createPanels(parts: AttemptParts): {
  readonly list: (rater: Rater) => Promise<Result<PanelList>>
  readonly add: (rater: Rater, request: NewPanel) => Promise<Result<Panel>>
  readonly edit: (rater: Rater, panelId: string, request: EditPanel) => Promise<Result<Panel>>
  /** For good: nothing of it is committed any more, and nothing is withheld for its sake. */
  readonly close: (rater: Rater, panelId: string) => Promise<Result<Panel>>
  readonly cases: (rater: Rater, panelId: string) => Promise<Result<PanelCases>>
  readonly progress: (rater: Rater, panelId: string) => Promise<Result<PanelProgress>>
  readonly agreement: (rater: Rater, panelId: string) => Promise<Result<PanelAgreement>>
} {
  const { store } = parts
  const asSeen = async (rater: Rater, panel: Result<StoredPanel>): Promise<Result<Panel>> =>
    panel.ok ? panelFor(store, rater, panel.value) : panel
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
    add: async (rater, request) => asSeen(rater, await addPanel(parts, rater, request)),
    edit: async (rater, panelId, request) => asSeen(rater, await editPanel(store, rater, panelId, request)),
    close: async (rater, panelId) => asSeen(rater, await closePanel(store, rater, panelId)),
    cases: (rater, panelId) => casesFor(parts, rater, panelId),
    progress: (rater, panelId) => panelProgress(parts, rater, panelId),
    agreement: (rater, panelId) => panelAgreement(parts, rater, panelId),
  }
}
export type Panels = ReturnType<typeof createPanels>

async function panelFor(store: StoreCalls, rater: Rater, panel: StoredPanel): Promise<Result<Panel>> {
  const { panelId, name, protocol, words, wordsAt, madeAt, closedAt } = panel
  const cases = await store.casesOfPanel(panelId)
  if (!cases.ok) return cases
  const own = cases.value.filter(({ raterId }) => raterId === rater.raterId)
  const committed = await committedPlaces(store, rater, panelId)
  if (!committed.ok) return committed
  const done = own.filter(({ position }) => committed.value.has(position)).length
  const reads = done < own.length && closedAt === null
  return accept({
    panelId,
    name,
    // The seed draws the order and the repeats: who knows it, and their share, knows which case comes again.
    protocol: rater.role === 'owner' && !reads ? protocol : { ...protocol, seed: 0, repeatShare: 0 },
    words,
    wordsAt,
    madeAt,
    closedAt,
    // So does who knows how many are left where nothing new can come.
    cases: reads && hidesRepeats(panel, own) ? null : own.length,
    committed: done,
  })
}

/** Whether it may not be told which cases of a blind panel come twice, nor how many there are, while it is read. */
const hidesRepeats = ({ protocol, closedAt }: StoredPanel, own: readonly StoredCase[]): boolean =>
  protocol.blind && closedAt === null && own.some(({ isRepeat }) => isRepeat)

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
  const withheldOf = await disclosure.withheldOfAll(rater)
  if (!withheldOf.ok) return withheldOf
  const own = stored.value.filter(({ raterId }) => raterId === rater.raterId)
  await subjects.locate(own.map(({ subject }) => subject))
  const standingAt = standingAttempts(attempts.value, rater.raterId)
  const giveWay = givingWay()
  for (const { position, subject: key } of own.toSorted((a, b) => a.position - b.position)) {
    await giveWay()
    const known = await subjects.subjectOf(key)
    // What is not open is a place all the same: left out, the order that was drawn would be skipped without a word.
    const subject = known !== null && (await subjects.find(known)).ok ? known : null
    const standing = standingAt.get(position) ?? null
    const attempt = standing === null || subject === null ? null : await publicAttempt(parts, standing)
    if (attempt !== null && !attempt.ok) return attempt
    const isCommitted = standing !== null && standing.state !== 'draft'
    const revealed = withheldOf.value(key) === null && isCommitted
    const isTold = !panel.protocol.blind || panel.closedAt !== null || revealed || (isNext && !isCommitted)
    // What comes after the next case is not told where it would tell how many there are.
    if (!isNext && hidesRepeats(panel, own)) break
    isNext &&= isCommitted
    cases.push({
      panelId,
      position,
      subject: isTold ? subject : null,
      state: standing?.state ?? 'not-read',
      attempt: isTold ? (attempt?.value ?? null) : null,
      revealed: revealed && subject !== null,
      // Of what was read before it is not said where an image may come again: not open twice, it would be known by it.
      isNotOpen: subject === null && !(isCommitted && hidesRepeats(panel, own)),
    })
  }
  return accept({ panel: about.value, cases })
}

/**
 * What stands for each place of a panel: the first reading that the rater committed there, whatever was begun after it,
 * else the draft.
 */
function standingAttempts(
  attempts: readonly StoredAttempt[],
  raterId: string,
): ReadonlyMap<number | null, StoredAttempt> {
  const standing = new Map<number | null, StoredAttempt>()
  const own = attempts.filter((one) => one.raterId === raterId).toSorted((a, b) => a.number - b.number)
  for (const one of own) {
    const known = standing.get(one.casePosition)
    if (known === undefined || (known.state === 'draft' && one.state !== 'draft'))
      standing.set(one.casePosition, one)
  }
  return standing
}
