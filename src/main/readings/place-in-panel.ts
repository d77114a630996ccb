import { accept, refuse } from '../../contract'
import type { Rater, Result } from '../../contract'
import type { StoredAttempt } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'
import { sameTask } from '../workspace/stored-panels'
import type { Disclosure } from './disclosure'

/**
 * Refused for an image of a panel that the rater still reads blind: a private reading of it, made first, would be taken
 * for the one that was asked for. The answer is the same for all images of the panel: it tells of no repeat.
 */
export async function apartFromPanels(
  { store, disclosure }: { readonly store: StoreCalls; readonly disclosure: Disclosure },
  rater: Rater,
  key: string,
): Promise<Result<null>> {
  const withheld = await disclosure.withheld(rater, key)
  if (!withheld.ok) return withheld
  const panelId = withheld.value?.panelId ?? null
  if (panelId === null) return accept(null)
  const panels = await store.panels()
  if (!panels.ok) return panels
  const name = panels.value.find((one) => one.panelId === panelId)?.name ?? ''
  return refuse(
    'not-allowed',
    `This image is in your panel ${name}: it is read there, when it is its turn.`,
    {
      next: 'Go on with the panel under Panels.',
    },
  )
}

/**
 * The rater's place for a subject in a panel: of a subject that comes twice, the first one not yet committed. A first
 * attempt is as blind as the panel says; what follows a commit is a second opinion.
 */
export async function placeInPanel(
  store: StoreCalls,
  rater: Rater,
  panelId: string | null,
  subject: string,
): Promise<Result<{ readonly position: number; readonly blind: boolean } | null>> {
  if (panelId === null) return accept(null)
  const panels = await store.panels()
  if (!panels.ok) return panels
  const panel = panels.value.find((one) => one.panelId === panelId)
  const cases = await store.casesOfPanel(panelId)
  if (!cases.ok) return cases
  const all = cases.value.filter((one) => one.raterId === rater.raterId)
  const own = all.filter((one) => one.subject === subject)
  if (panel === undefined || own.length === 0)
    return refuse('not-found', 'This case is not among yours in the panel.', {
      next: 'Choose a case of the list.',
    })
  const attempts = await store.attemptsOfPanel(panelId)
  if (!attempts.ok) return attempts
  const committed = new Set(
    attempts.value
      .filter((one) => one.raterId === rater.raterId && one.state !== 'draft')
      .map((one) => one.casePosition),
  )
  const sorted = own.toSorted((a, b) => a.position - b.position)
  const open = sorted.find(({ position }) => !committed.has(position))
  const last = sorted.at(-1)
  // In its order alone: whoever may ask for any image again is told by the answer whether it comes again.
  const next = Math.min(...all.flatMap(({ position }) => (committed.has(position) ? [] : [position])))
  if (panel.protocol.blind && next !== Infinity && open?.position !== next)
    return refuse('not-allowed', 'The cases of a blind panel are read in their order.', {
      next: 'Go on with the next case of the list; a second look is possible when all are committed.',
    })
  if (open !== undefined) return accept({ position: open.position, blind: panel.protocol.blind })
  return accept(last === undefined ? null : { position: last.position, blind: false })
}

/** The store asks it again as it commits; before the labels, which may be what was changed. */
export async function sameTaskAs(
  store: StoreCalls,
  { panelId }: StoredAttempt,
  toldAt: string,
): Promise<Result<null>> {
  if (panelId === null) return accept(null)
  const editions = await store.editionsOfPanel(panelId)
  return editions.ok ? sameTask(editions.value, toldAt) : editions
}
