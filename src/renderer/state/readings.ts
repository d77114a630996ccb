import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { type AnnotationSummary, ReadingSet, type Refusal } from '../../contract'
import { getJson, postJson } from './http'
import { useLibrary } from './library'
import { useProblems } from './problems'

/** What readings belong to. */
export type Subject =
  | { readonly kind: 'series'; readonly seriesUid: string }
  | { readonly kind: 'image'; readonly imageId: string }

const keyOf = (subject: Subject): string =>
  subject.kind === 'series' ? `series/${subject.seriesUid}` : `image/${subject.imageId}`

const queryOf = (subject: Subject): string =>
  subject.kind === 'series'
    ? `seriesUid=${encodeURIComponent(subject.seriesUid)}`
    : `imageId=${encodeURIComponent(subject.imageId)}`

/** What human readers drew, by series or photograph; null where nothing was brought in. */
export const useReadings = defineStore('readings', () => {
  const sets = shallowReactive(new Map<string, ReadingSet | null>())
  const refusals = shallowReactive(new Map<string, Refusal>())
  const bringing = shallowReactive(new Set<string>())
  const library = useLibrary()
  const problems = useProblems()

  const setOf = (subject: Subject): ReadingSet | null => sets.get(keyOf(subject)) ?? null
  const refusalOf = (subject: Subject): Refusal | null => refusals.get(keyOf(subject)) ?? null
  const isBringing = (subject: Subject): boolean => bringing.has(keyOf(subject))

  async function load(subject: Subject): Promise<void> {
    const answer = await getJson(`readings?${queryOf(subject)}`, ReadingSet.nullable())
    if (answer.ok) keep(subject, answer.value)
    else problems.addRefusal(`readings/${keyOf(subject)}`, 'Readings could not be listed', answer.refusal)
  }

  function keep(subject: Subject, set: ReadingSet | null): void {
    sets.set(keyOf(subject), set)
    if (set !== null) problems.addWarnings(`readings/${keyOf(subject)}`, set.source, set.warnings)
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
    const key = keyOf(subject)
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
