import { accept, refuse } from '../../../contract'
import type { EditPanel, NewPanel, Rater, Result } from '../../../contract'
import { drawPanelCases } from '../../../core/annotation/panel-order'
import { ownerOnly } from '../../accounts/owner-only'
import type { StoredPanel } from '../../workspace/store'
import type { StoreCalls } from '../../workspace/store-calls'
import type { AttemptParts } from '../attempts'

/** Making, editing and closing a panel: acts of the owner. What was drawn when it was made is never changed. */

export async function addPanel(
  { store, subjects }: AttemptParts,
  rater: Rater,
  { name, protocol, words, subjects: wanted, raterIds }: NewPanel,
): Promise<Result<StoredPanel>> {
  const allowed = ownerOnly(rater, 'Making a panel')
  if (!allowed.ok) return allowed
  const known = await store.raters()
  if (!known.ok) return known
  for (const id of raterIds) {
    const named = known.value.find(({ raterId }) => raterId === id)
    if (named === undefined)
      return refuse('not-found', `There is no rater ${id}.`, { next: 'Add the rater first.' })
    if (named.retired)
      return refuse('not-allowed', `${named.name} is retired and reads no more.`, {
        next: 'Leave this rater out, or take the retirement back.',
      })
  }
  const keys: string[] = []
  for (const subject of wanted) {
    const key = await subjects.keyOf(subject)
    if (!key.ok) return key
    keys.push(key.value)
  }
  const cases = drawPanelCases({ subjects: [...new Set(keys)], raterIds: [...new Set(raterIds)], protocol })
  return store.addPanel({ name, protocol, words, raterIds: [...new Set(raterIds)] }, cases, rater.raterId)
}

/** What was fixed when the panel was made, by the name that its refusal gives. */
const FIXED = { protocol: 'protocol', subjects: 'cases', raterIds: 'readers' } as const

export async function editPanel(
  store: StoreCalls,
  rater: Rater,
  panelId: string,
  request: EditPanel,
): Promise<Result<StoredPanel>> {
  const found = await ownPanel(store, rater, panelId, 'Editing a panel')
  if (!found.ok) return found
  const panel = found.value
  const fixed = (['protocol', 'subjects', 'raterIds'] as const).filter((key) => request[key] !== undefined)
  if (fixed.length > 0)
    return refuse(
      'not-allowed',
      `The ${fixed.map((key) => FIXED[key]).join(' and the ')} of ${panel.name} cannot be changed: each reader’s order was drawn from them.`,
      { next: 'Change name and instructions alone, or close the panel and make another one.' },
    )
  const words = request.words ?? panel.words
  const isSame = panel.words.target === words.target && panel.words.labels.join() === words.labels.join()
  // Whether they are fixed already tells whether anybody has committed.
  const blind = isSame ? accept(false) : await readsBlind(store, rater, panel)
  if (!blind.ok) return blind
  if (blind.value)
    return refuse('blind', `You still read ${panel.name} blind: its target and labels stay.`, {
      next: 'Commit your cases first.',
    })
  return store.editPanel(panelId, { ...words, name: request.name ?? panel.name }, rater.raterId)
}

export async function closePanel(
  store: StoreCalls,
  rater: Rater,
  panelId: string,
): Promise<Result<StoredPanel>> {
  const found = await ownPanel(store, rater, panelId, 'Closing a panel')
  if (!found.ok) return found
  // Closing reveals: who would see by it what was still to be read blind does not do it.
  const blind = await readsBlind(store, rater, found.value)
  if (!blind.ok) return blind
  if (blind.value)
    return refuse('blind', `You still read ${found.value.name} blind, and closing it shows the others.`, {
      next: 'Commit your cases first, or let another owner close it.',
    })
  return store.closePanel(panelId, rater.raterId)
}

/** A panel, to the owner of the workspace. `what` begins the refusal to others: "Editing a panel". */
export async function ownPanel(
  store: StoreCalls,
  rater: Rater,
  panelId: string,
  what: string,
): Promise<Result<StoredPanel>> {
  const allowed = ownerOnly(rater, what)
  if (!allowed.ok) return allowed
  const panels = await store.panels()
  if (!panels.ok) return panels
  const panel = panels.value.find((one) => one.panelId === panelId)
  return panel === undefined
    ? refuse('not-found', 'There is no such panel.', { next: 'Choose a panel of the list.' })
    : accept(panel)
}

/** Whether the rater has cases of a blind panel still to commit. */
async function readsBlind(
  store: StoreCalls,
  { raterId }: Rater,
  { panelId, protocol, closedAt }: StoredPanel,
): Promise<Result<boolean>> {
  if (!protocol.blind || closedAt !== null) return accept(false)
  const cases = await store.casesOfPanel(panelId)
  if (!cases.ok) return cases
  const attempts = await store.attemptsOfPanel(panelId)
  if (!attempts.ok) return attempts
  const committed = new Set(
    attempts.value
      .filter((one) => one.raterId === raterId && one.state !== 'draft')
      .map(({ casePosition }) => casePosition),
  )
  return accept(cases.value.some((one) => one.raterId === raterId && !committed.has(one.position)))
}
