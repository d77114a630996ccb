import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { type AnnotationSummary, ReadingSet, type Refusal, type Subject } from '../../contract'
import { getJson, postJson } from '../wire/http'
import { useLibrary } from '../library/library'
import { useProblems } from '../wire/problems'
import { keyOfSubject, queryOfSubject } from '../wire/subject-query'

/** What human readers drew, by series or photograph; null where nothing was brought in. */
export const useReadings = defineStore('readings', () => {
  const sets = shallowReactive(new Map<string, ReadingSet | null>())
  const refusals = shallowReactive(new Map<string, Refusal>())
  const bringing = shallowReactive(new Set<string>())
  const library = useLibrary()
  const problems = useProblems()

  const setOf = (subject: Subject): ReadingSet | null => sets.get(keyOfSubject(subject)) ?? null
  const refusalOf = (subject: Subject): Refusal | null => refusals.get(keyOfSubject(subject)) ?? null
  const isBringing = (subject: Subject): boolean => bringing.has(keyOfSubject(subject))

  async function load(subject: Subject): Promise<void> {
    const answer = await getJson(`readings?${queryOfSubject(subject)}`, ReadingSet.nullable())
    if (answer.ok) keep(subject, answer.value)
    else
      problems.addRefusal(`readings/${keyOfSubject(subject)}`, 'Readings could not be listed', answer.refusal)
  }

  function keep(subject: Subject, set: ReadingSet | null): void {
    sets.set(keyOfSubject(subject), set)
    if (set !== null) problems.addWarnings(`readings/${keyOfSubject(subject)}`, set.source, set.warnings)
  }

  /** Files beside the picture that hold readings of it. */
  function offersFor(subject: Subject): readonly AnnotationSummary[] {
    const belongs = (one: AnnotationSummary): boolean =>
      subject.kind === 'series' ? one.seriesUid === subject.seriesUid : one.imageId === subject.imageId
    return (library.result?.annotations ?? []).filter(
      (one) => belongs(one) && (one.kind === 'lidc-xml' || one.kind === 'mask'),
    )
  }

  /** Brings in what is offered. */
  async function bringIn(subject: Subject): Promise<ReadingSet | null> {
    const key = keyOfSubject(subject)
    const annotationIds = offersFor(subject).map((one) => one.annotationId)
    bringing.add(key)
    refusals.delete(key)
    const answer = await postJson('readings', { annotationIds }, ReadingSet)
    bringing.delete(key)
    if (!answer.ok) {
      refusals.set(key, answer.refusal)
      problems.addRefusal(`readings/${key}`, 'The readings were not brought in', answer.refusal)
      return null
    }
    problems.settle(`readings/${key}`)
    keep(subject, answer.value)
    return answer.value
  }

  return { setOf, refusalOf, isBringing, load, offersFor, bringIn }
})
