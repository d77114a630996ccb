/**
 * What a reading or a run is about, said in one way: a `Subject` of the contract is a series or an image (a photograph).
 * What each kind can do stands as data in `subject-kinds.ts`; nothing else asks which of the two it is without need.
 */
import type { RunTarget, Subject } from '../../contract'

/** How listings and addresses name a subject: one of the two is null (or absent). */
export interface SubjectNames {
  readonly seriesUid?: string | null | undefined
  readonly imageId?: string | null | undefined
}

export const seriesSubject = (seriesUid: string): Subject => ({ kind: 'series', seriesUid })
export const imageSubject = (imageId: string): Subject => ({ kind: 'image', imageId })

/** The subjects that are named, the series first: none, one, or (by mistake) two. */
export const subjectsNamed = ({ seriesUid, imageId }: SubjectNames): readonly Subject[] => [
  ...(seriesUid == null ? [] : [seriesSubject(seriesUid)]),
  ...(imageId == null ? [] : [imageSubject(imageId)]),
]

/** The subject that is named; null where none is. */
export const subjectNamed = (names: SubjectNames): Subject | null => subjectsNamed(names)[0] ?? null

/** Its name among those of its kind: the series' UID, the image's id. */
export const idOfSubject = (subject: Subject): string =>
  subject.kind === 'series' ? subject.seriesUid : subject.imageId

export const subjectOf = (kind: Subject['kind'], id: string): Subject =>
  kind === 'series' ? seriesSubject(id) : imageSubject(id)

/** The name under the key of its kind: `{ seriesUid }` or `{ imageId }`. */
export const namesOfSubject = (subject: Subject): { seriesUid: string } | { imageId: string } =>
  subject.kind === 'series' ? { seriesUid: subject.seriesUid } : { imageId: subject.imageId }

/** One word for each subject, for maps and lists: `series/UID`, `image/ID`. */
export const keyOfSubject = (subject: Subject): string => `${subject.kind}/${idOfSubject(subject)}`

/** Whether a listing's entry names this subject. */
export const isOfSubject = (names: SubjectNames, subject: Subject): boolean =>
  subjectsNamed(names).some((named) => keyOfSubject(named) === keyOfSubject(subject))

/** Whom a run is about, without the place in it. */
export const subjectOfTarget = (target: RunTarget): Subject =>
  target.kind === 'series' ? seriesSubject(target.seriesUid) : target

/** The place in a subject that a run is of; null: the subject is drawn whole. */
export const placeOfTarget = (target: RunTarget): Extract<RunTarget, { kind: 'series' }> | null =>
  target.kind === 'series' ? target : null

/** The place that was clicked; null where a structure or the whole picture was asked for. */
export function clickedPlace(target: RunTarget): ReturnType<typeof placeOfTarget> {
  const place = placeOfTarget(target)
  return place?.structureId === null ? place : null
}

/** Index of the slice that a run is of; a photograph is its only slice. */
export const sliceOfTarget = (target: RunTarget): number => placeOfTarget(target)?.sliceIndex ?? 0

/** The run asked for with this structure, where it named none itself. */
export function onStructure(target: RunTarget, structureId: string | null): RunTarget {
  const place = placeOfTarget(target)
  return place === null ? target : { ...place, structureId: place.structureId ?? structureId }
}
