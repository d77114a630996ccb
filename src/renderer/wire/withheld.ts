import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { type Attempt, OwnAttempts, type Subject } from '../../contract'
import { keyOfSubject } from '../../core/subject/subject'
import { queryOfSubject } from './subject-query'
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
  const of = (subject: Subject): OwnAttempts['withheld'] => known.get(keyOfSubject(subject))?.withheld ?? null
  const attemptsOf = (subject: Subject): readonly Attempt[] =>
    known.get(keyOfSubject(subject))?.attempts ?? []

  return { load, of, attemptsOf }
})
