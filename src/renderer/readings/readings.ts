import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import {
  type AnnotationSummary,
  isNotice,
  ReadingSet,
  type Refusal,
  type Result,
  type SlicePlace,
  type Subject,
} from '../../contract'
import { onOpenSlices } from '../../core/subject/slice-places'
import { usePictures } from '../picture/pictures'
import { getJson, postJson } from '../wire/http'
import { useLibrary } from '../library/library'
import { useWithheld } from '../wire/withheld'
import { useProblems } from '../wire/problems'
import { isOfSubject, keyOfSubject } from '../../core/subject/subject'
import { queryOfSubject } from '../wire/subject-query'

const placesOf = ({ structures }: ReadingSet): readonly SlicePlace[] =>
  structures.flatMap(({ readings }) => readings.flatMap(({ slices }) => slices))

/** Files beside a case are not told to a blind reader: what the page knows of them may be from before the commit. */
async function loadOffers(subject: Subject): Promise<void> {
  const withheld = useWithheld()
  if (!withheld.isKnown(subject)) await withheld.load(subject)
  if (withheld.attemptsOf(subject).some(({ state }) => state !== 'draft')) await useLibrary().load()
}

/** What human readers drew, by series or photograph; null where nothing was brought in. */
export const useReadings = defineStore('readings', () => {
  const sets = shallowReactive(new Map<string, ReadingSet | null>())
  const refusals = shallowReactive(new Map<string, Refusal>())
  const bringing = shallowReactive(new Set<string>())
  const library = useLibrary()
  const problems = useProblems()
  const pictures = usePictures()

  const setOf = (subject: Subject): ReadingSet | null => sets.get(keyOfSubject(subject)) ?? null
  /** Where the readings of a subject come from, what is offered to be brought in, and how that goes. */
  const broughtIn = (subject: Subject) => ({
    source: setOf(subject)?.source ?? '',
    /** What is worth knowing of them and asks nothing. */
    notices: (setOf(subject)?.warnings ?? []).filter(isNotice).map(({ text }) => text),
    offers: offersFor(subject),
    isBringing: bringing.has(keyOfSubject(subject)),
    refusal: refusals.get(keyOfSubject(subject)) ?? null,
  })

  /** What the program tells of a subject, where it is about the slices that are open here. */
  async function here<Told extends ReadingSet | null>(
    subject: Subject,
    asked: Promise<Result<Told>>,
  ): Promise<Result<Told>> {
    const answer = await asked
    if (!answer.ok || answer.value === null) return answer
    const slices = await pictures.slicesOf(subject)
    return slices.ok ? onOpenSlices(answer.value, placesOf(answer.value), slices.value) : slices
  }

  async function load(subject: Subject): Promise<void> {
    const answer = await here(subject, getJson(`readings?${queryOfSubject(subject)}`, ReadingSet.nullable()))
    if (answer.ok) keep(subject, answer.value)
    else
      problems.addRefusal(`readings/${keyOfSubject(subject)}`, 'Readings could not be listed', answer.refusal)
    if (answer.ok && answer.value === null && offersFor(subject).length === 0) await loadOffers(subject)
  }

  function keep(subject: Subject, set: ReadingSet | null): void {
    sets.set(keyOfSubject(subject), set)
    if (set === null) return
    const warnings = set.warnings.filter((one) => !isNotice(one))
    problems.addWarnings(`readings/${keyOfSubject(subject)}`, set.source, warnings)
  }

  /** Files beside the picture that hold readings of it. */
  const offersFor = (subject: Subject): readonly AnnotationSummary[] =>
    (library.result?.annotations ?? []).filter(
      (one) => isOfSubject(one, subject) && (one.kind === 'lidc-xml' || one.kind === 'mask'),
    )

  /** Brings in what is offered. */
  async function bringIn(subject: Subject): Promise<ReadingSet | null> {
    const key = keyOfSubject(subject)
    const annotationIds = offersFor(subject).map((one) => one.annotationId)
    bringing.add(key)
    refusals.delete(key)
    const answer = await here(subject, postJson('readings', { annotationIds }, ReadingSet))
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

  return { setOf, broughtIn, load, offersFor, bringIn }
})
