import { computed, onMounted, type ComputedRef, type Ref, ref, shallowRef, watch } from 'vue'
import type { ImageSummary, PixelSpacing, Refusal, SeriesDetail, Subject } from '../../contract'
import { edgeLetters } from '../../core/geometry/orientation'
import { kindOf, type SubjectKind } from '../../core/subject/subject-kinds'
import type { CommandAnswers } from '../keys/dispatch'
import { useLibrary } from '../library/library'
import { lookOf, type SubjectLook } from '../viewer/subject-looks'
import type {
  CornerTexts,
  EdgeLetters,
  ProbeReading,
  SliceMark,
  SlicePosition,
  ViewportPicture,
} from '../viewer/viewport-types'
import { useProblems } from '../wire/problems'
import { imageCorners, seriesCorners } from './corner-words'
import { usePictures } from './pictures'
import { patientPosition, type ProbeWord, probeWords } from './probe-words'
import { useSeries } from './use-series'
import type { ViewSettings } from './view-settings'
import { firstWindow, windowCommands } from './window-commands'

/** The picture of a subject as every view shows it: a slice of a series, or a photograph as its only slice. */
export interface SubjectPicture {
  readonly kind: SubjectKind
  readonly look: SubjectLook
  readonly picture: ComputedRef<ViewportPicture | null>
  readonly detail: Ref<SeriesDetail | null>
  /** The slice that is on the screen, from 0. */
  readonly index: ComputedRef<number>
  /** The slice asked for: ahead of the shown one while its pixels are on their way. */
  readonly wanted: Ref<number>
  readonly isSettled: ComputedRef<boolean>
  readonly count: ComputedRef<number>
  readonly refusal: Ref<Refusal | null>
  /** What stands over the refusal. */
  readonly refusalTitle: ComputedRef<string>
  readonly spacingMm: ComputedRef<PixelSpacing | null>
  /** The file's low values are the bright ones (MONOCHROME1, PS3.3 C.7.6.3.1.2, or an inverse presentation LUT). */
  readonly isInverse: ComputedRef<boolean>
  readonly letters: ComputedRef<EdgeLetters | null>
  readonly corners: ComputedRef<CornerTexts>
  /** As the file states it; until then what this kind mostly is. */
  readonly modality: ComputedRef<string>
  readonly wordsAt: (probe: ProbeReading) => readonly ProbeWord[]
  readonly goTo: (index: number) => void
  /** Goes so many slices down the track. */
  readonly scroll: (by: number) => void
  /** The index of the slice so many down the track from one. */
  readonly below: (index: number, by: number) => number
  /** The number of a slice as people count. */
  readonly numberOf: (index: number) => number
  /** Where the shown slice stands in its series, with marks of slices that carry something; null for a photograph. */
  readonly sliceWith: (marks: readonly SliceMark[]) => SlicePosition | null
  /** Pages and windows, where there are any. */
  readonly commands: CommandAnswers
}

export const NO_CORNERS: CornerTexts = { topLeft: [], topRight: [], bottomLeft: [], bottomRight: [] }

/** Opens a subject and shows it with these settings. */
export const usePicture = (subject: Subject, view: ViewSettings): SubjectPicture =>
  subject.kind === 'series' ? seriesPicture(subject.seriesUid, view) : photographPicture(subject.imageId)

function seriesPicture(seriesUid: string, view: ViewSettings): SubjectPicture {
  const kind = kindOf({ kind: 'series' })
  const look = lookOf('series')
  const series = useSeries(seriesUid)
  const { detail, shown, wanted, refusal, count, goTo, scroll, below, numberOf, commands } = series
  const index = computed(() => shown.value?.index ?? wanted.value)
  watch(detail, (series) => {
    if (series !== null) view.window.value = firstWindow(series)
  })
  return {
    ...{ kind, look, detail, wanted, index, count, refusal, goTo, scroll, below, numberOf },
    sliceWith: (marks) => series.position(index.value, marks),
    picture: computed(() => shown.value?.picture ?? null),
    isSettled: computed(() => shown.value?.index === wanted.value),
    refusalTitle: computed(() =>
      detail.value === null ? kind.cannotOpen : `Slice ${numberOf(wanted.value)} cannot be shown`,
    ),
    spacingMm: computed(() => {
      const spacing = detail.value?.summary.spacingMm ?? null
      return spacing === null ? null : { row: spacing.row, column: spacing.column }
    }),
    isInverse: computed(() => detail.value?.photometric === 'MONOCHROME1'),
    letters: computed(() =>
      detail.value?.orientation == null ? null : edgeLetters(detail.value.orientation),
    ),
    corners: computed(() =>
      detail.value === null
        ? NO_CORNERS
        : seriesCorners(detail.value, index.value, view.window.value, view.inverted.value),
    ),
    modality: computed(() => detail.value?.summary.modality ?? kind.modality),
    wordsAt: (probe) =>
      probeWords(
        probe,
        detail.value === null ? null : patientPosition(detail.value, index.value, probe.column, probe.row),
      ),
    commands: { ...commands, ...windowCommands(view, () => detail.value) },
  }
}

function photographPicture(imageId: string): SubjectPicture {
  const kind = kindOf({ kind: 'image' })
  const look = lookOf('image')
  const library = useLibrary()
  const pictures = usePictures()
  const problems = useProblems()
  const picture = shallowRef<ViewportPicture | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const image = computed<ImageSummary | null>(
    () => library.result?.images.find((one) => one.imageId === imageId) ?? null,
  )
  onMounted(async () => {
    const answer = await pictures.loadPhotograph(imageId)
    if (answer.ok) {
      picture.value = answer.value
      // Not by its name: a case of a panel has none.
      problems.addWarnings(`image/${imageId}`, 'this photograph', answer.value.description.warnings)
    } else {
      refusal.value = answer.refusal
      problems.addRefusal(`image/${imageId}`, kind.cannotOpen, answer.refusal)
    }
  })
  return {
    ...{ kind, look, refusal },
    picture: computed(() => picture.value),
    detail: shallowRef(null),
    index: computed(() => 0),
    wanted: ref(0),
    isSettled: computed(() => picture.value !== null),
    count: computed(() => 1),
    refusalTitle: computed(() => kind.cannotOpen),
    spacingMm: computed(() => null),
    isInverse: computed(() => false),
    letters: computed(() => null),
    corners: computed(() => (image.value === null ? NO_CORNERS : imageCorners(image.value))),
    modality: computed(() => kind.modality),
    wordsAt: (probe) => probeWords(probe, null),
    goTo: () => undefined,
    scroll: () => undefined,
    below: (index) => index,
    numberOf: (index) => index + 1,
    sliceWith: () => null,
    commands: {},
  }
}
