import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { type Attempt, OwnAttempts, type Subject, type Withheld } from '../../contract'
import { keyOfSubject } from '../../core/subject/subject'
import { queryOfSubject } from './subject-query'
import type { Place } from '../browser/location'
import { getJson } from './http'

/** The own attempts at each subject, and whether its model, peers and figures are withheld from this rater now. */
export const useWithheld = defineStore('withheld', () => {
  const known = shallowReactive(new Map<string, OwnAttempts>())

  async function load(subject: Subject): Promise<OwnAttempts | null> {
    const answer = await getJson(`attempts?${queryOfSubject(subject)}`, OwnAttempts)
    if (answer.ok) known.set(keyOfSubject(subject), answer.value)
    return answer.ok ? answer.value : null
  }

  /** Why, and what ends it; null: nothing is withheld, or it is not known yet. */
  const of = (subject: Subject): Withheld | null => known.get(keyOfSubject(subject))?.withheld ?? null
  const attemptsOf = (subject: Subject): readonly Attempt[] =>
    known.get(keyOfSubject(subject))?.attempts ?? []

  /** Where the own reading outside panels goes on: its draft, else what was committed; null: there is none yet. */
  function ownPlace(subject: Subject): { readonly isDraft: boolean; readonly place: Place } | null {
    const own = attemptsOf(subject).filter(({ panelId }) => panelId === null)
    const draft = own.find(({ state }) => state === 'draft')
    const { blind } = draft ?? own.at(-1) ?? { blind: null }
    if (blind === null) return null
    return { isDraft: draft !== undefined, place: { view: 'annotate', subject, blind, panelId: null } }
  }

  /** Whether a reading that is begun now is open, since something was shown before; false where it is not known yet. */
  const wasShown = (subject: Subject): boolean => known.get(keyOfSubject(subject))?.wasShown ?? false

  /** Whether a blind reading may still be begun: nothing was shown, and nothing drawn, before; false where it is not known. */
  const mayReadBlind = (subject: Subject): boolean =>
    isKnown(subject) && !wasShown(subject) && ownPlace(subject) === null

  const isKnown = (subject: Subject): boolean => known.has(keyOfSubject(subject))

  /** Whether the image belongs to a panel that this rater has not finished: it is read there, in its order. */
  const isInPanel = (subject: Subject): boolean => (of(subject)?.panelId ?? null) !== null

  /** Where a blind reading of a subject is drawn: in the panel that asks for one, so that it counts there. */
  async function blindPlace(subject: Subject): Promise<Place> {
    const asked = (await load(subject))?.withheld ?? null
    const panelId = asked?.panelId ?? null
    if (panelId !== null && asked?.readFirst !== true) return { view: 'panels' }
    return { view: 'annotate', subject, blind: true, panelId }
  }

  return { load, of, attemptsOf, ownPlace, wasShown, mayReadBlind, isKnown, isInPanel, blindPlace }
})
