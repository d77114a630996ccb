import { computed, type ComputedRef, onMounted, type Ref, ref, shallowRef, watch } from 'vue'
import type { Comparison, Grid, Refusal, Subject } from '../../contract'
import { edgeLetters } from '../../core/geometry/orientation'
import type { CommandAnswers } from '../keys/dispatch'
import { useLibrary } from '../library/library'
import { usePictures } from './pictures'
import type { ViewSettings } from './view-settings'
import type { CornerTexts, EdgeLetters, ViewportPicture } from '../viewer/viewport-types'
import { useSeries } from './use-series'
import { firstWindow, windowCommands } from './window-commands'
import { imageCorners, seriesCorners } from './corner-words'
import type { SeriesDetail } from '../../contract'

/** The picture that readings are compared on: a slice of a series, or a photograph. */
export interface ComparedPicture {
  readonly picture: ComputedRef<ViewportPicture | null>
  /** Slice of the shown picture; 0 on a photograph. */
  readonly index: ComputedRef<number>
  /** Slice asked for. */
  readonly wanted: Ref<number>
  readonly count: ComputedRef<number>
  readonly detail: Ref<SeriesDetail | null>
  readonly refusal: Ref<Refusal | null>
  readonly letters: ComputedRef<EdgeLetters | null>
  readonly corners: ComputedRef<CornerTexts>
  readonly modality: ComputedRef<string>
  readonly goTo: (index: number) => void
  readonly commands: CommandAnswers
}

const NO_CORNERS: CornerTexts = { topLeft: [], topRight: [], bottomLeft: [], bottomRight: [] }

export const useComparedPicture = (subject: Subject, view: ViewSettings): ComparedPicture =>
  subject.kind === 'series' ? comparedSeries(subject.seriesUid, view) : comparedPhotograph(subject.imageId)

function comparedSeries(seriesUid: string, view: ViewSettings): ComparedPicture {
  const { detail, shown, wanted, refusal, count, goTo, commands } = useSeries(seriesUid)
  watch(detail, (series) => {
    if (series !== null) view.window.value = firstWindow(series)
  })
  const index = computed(() => shown.value?.index ?? wanted.value)
  return {
    ...{ index, wanted, count, detail, refusal, goTo },
    picture: computed(() => shown.value?.picture ?? null),
    letters: computed(() =>
      detail.value?.orientation == null ? null : edgeLetters(detail.value.orientation),
    ),
    corners: computed(() => {
      if (detail.value === null) return NO_CORNERS
      const corners = seriesCorners(detail.value, index.value, view.window.value, view.inverted.value)
      return { ...corners, topLeft: ['Outlines', ...corners.topLeft.slice(0, 1)], topRight: [] }
    }),
    modality: computed(() => detail.value?.summary.modality ?? 'CT'),
    commands: { ...commands, ...windowCommands(view, () => detail.value) },
  }
}

function comparedPhotograph(imageId: string): ComparedPicture {
  const pictures = usePictures()
  const library = useLibrary()
  const picture = shallowRef<ViewportPicture | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  onMounted(async () => {
    const loaded = await pictures.loadPhotograph(imageId)
    if (loaded.ok) picture.value = loaded.value
    else refusal.value = loaded.refusal
  })
  return {
    picture: computed(() => picture.value),
    index: computed(() => 0),
    wanted: ref(0),
    count: computed(() => 1),
    detail: shallowRef(null),
    refusal,
    letters: computed(() => null),
    corners: computed(() => {
      const image = library.result?.images.find((one) => one.imageId === imageId)
      return image === undefined ? NO_CORNERS : { ...imageCorners(image), topRight: [] }
    }),
    modality: computed(() => 'fundus'),
    goTo: () => undefined,
    commands: {},
  }
}

/** Room around everything that was marked, in pixels. */
const ROOM_PX = 6

/** A square that holds all that the readings marked of the lesion; null where they marked nothing. */
export function gridAround({ readings }: Pick<Comparison, 'readings'>): Grid | null {
  const boxes = readings.flatMap(({ slices }) => slices.map(({ mask }) => mask))
  if (boxes.length === 0) return null
  const left = Math.min(...boxes.map(({ originColumn }) => originColumn))
  const top = Math.min(...boxes.map(({ originRow }) => originRow))
  const right = Math.max(...boxes.map(({ originColumn, widthPx }) => originColumn + widthPx))
  const bottom = Math.max(...boxes.map(({ originRow, heightPx }) => originRow + heightPx))
  return squareAround({ column: left, row: top, widthPx: right - left, heightPx: bottom - top }, ROOM_PX)
}

/** The square around a box with this much room on each side. */
export function squareAround(
  box: { readonly column: number; readonly row: number; readonly widthPx: number; readonly heightPx: number },
  roomPx: number,
): Grid {
  const side = Math.max(box.widthPx, box.heightPx) + 2 * roomPx
  return {
    widthPx: side,
    heightPx: side,
    originColumn: Math.round(box.column + (box.widthPx - side) / 2),
    originRow: Math.round(box.row + (box.heightPx - side) / 2),
    columnStep: 1,
    rowStep: 1,
  }
}
