import { computed, onMounted, type ComputedRef, type Ref, shallowRef } from 'vue'
import type { ImageSummary, Refusal, SeriesDetail, Subject } from '../../contract'
import type { CommandAnswers } from '../keys/dispatch'
import { useLibrary } from '../library/library'
import { usePictures } from './pictures'
import { useProblems } from '../wire/problems'
import type { ViewportPicture } from '../viewer/viewport-types'
import { useSeries } from './use-series'

/** The picture that a reading is drawn on: a slice of a series, or a photograph as its only slice. */
export interface SubjectPicture {
  readonly picture: ComputedRef<ViewportPicture | null>
  readonly detail: Ref<SeriesDetail | null>
  readonly image: ComputedRef<ImageSummary | null>
  /** The slice that is on the screen, from 0. */
  readonly index: ComputedRef<number>
  /** The slice asked for is the one on the screen. */
  readonly isSettled: ComputedRef<boolean>
  readonly wanted: ComputedRef<number>
  readonly count: ComputedRef<number>
  readonly refusal: Ref<Refusal | null>
  readonly goTo: (index: number) => void
  readonly commands: CommandAnswers
}

export const useSubjectPicture = (subject: Subject): SubjectPicture =>
  subject.kind === 'series' ? slicesOf(subject.seriesUid) : photographOf(subject.imageId)

function slicesOf(seriesUid: string): SubjectPicture {
  const { detail, shown, wanted, refusal, count, goTo, commands } = useSeries(seriesUid)
  return {
    picture: computed(() => shown.value?.picture ?? null),
    detail,
    image: computed(() => null),
    index: computed(() => shown.value?.index ?? wanted.value),
    isSettled: computed(() => shown.value?.index === wanted.value),
    wanted: computed(() => wanted.value),
    count,
    refusal,
    goTo,
    commands,
  }
}

function photographOf(imageId: string): SubjectPicture {
  const library = useLibrary()
  const pictures = usePictures()
  const problems = useProblems()
  const loaded = shallowRef<ViewportPicture | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  onMounted(async () => {
    const answer = await pictures.loadPhotograph(imageId)
    if (answer.ok) loaded.value = answer.value
    else {
      refusal.value = answer.refusal
      problems.addRefusal(`image/${imageId}`, 'The photograph cannot be shown', answer.refusal)
    }
  })
  return {
    picture: computed(() => loaded.value),
    detail: shallowRef(null),
    image: computed(() => library.result?.images.find((one) => one.imageId === imageId) ?? null),
    index: computed(() => 0),
    isSettled: computed(() => loaded.value !== null),
    wanted: computed(() => 0),
    count: computed(() => 1),
    refusal,
    goTo: () => undefined,
    commands: {},
  }
}
