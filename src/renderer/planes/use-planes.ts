import { computed, type ComputedRef, ref, type Ref, shallowRef, watch } from 'vue'
import { z } from 'zod'
import { PatientPoint, type Subject } from '../../contract'
import type { ImagePoint } from '../../core/geometry/image-point'
import { keyOfSubject } from '../../core/subject/subject'
import { nearestSlice, ontoSlice, slicePlane } from '../../core/volume/cut-outlines'
import { PLANE_NAMES, placeOfPoint, pointOnPlane } from '../../core/volume/planes'
import { keepForVisit, keptForVisit } from '../browser/kept'
import type { SubjectPicture } from '../picture/use-picture'
import type { ViewSettings } from '../picture/view-settings'
import type { CrossMarks } from '../viewer/viewport-types'
import {
  firstPanes,
  paneCount,
  type PaneChoice,
  PLANES_LAYOUTS,
  type PlanesLayout,
  thinPlane,
} from './pane-choice'
import { type OpenVolume, useVolume } from './use-volume'

/** Several views of one body, linked by the place that all of them show. */
export interface Planes {
  readonly volume: OpenVolume
  readonly layout: Ref<PlanesLayout>
  /** What stands beside the slice. */
  readonly panes: ComputedRef<readonly PaneChoice[]>
  /** Another series stands beside the slice. */
  readonly hasOther: ComputedRef<boolean>
  readonly choose: (pane: number, choice: PaneChoice) => void
  readonly crossMm: Readonly<Ref<PatientPoint | null>>
  readonly moveCross: (toMm: PatientPoint) => void
  /** The crosshair on the slice that is shown; null in a layout without planes. */
  readonly onSlice: ComputedRef<CrossMarks | null>
  readonly moveOnSlice: (point: ImagePoint) => void
  /** The crosshair goes to a point of a slice. */
  readonly goTo: (slice: number, point: ImagePoint) => void
}

const Kept = z.object({
  layout: z.enum(['1x1', '1x2', '2x2']),
  panes: z
    .array(
      z.object({
        name: z.enum(['axial', 'coronal', 'sagittal']),
        slab: z.object({ thicknessMm: z.number().nonnegative(), take: z.enum(['mean', 'largest']) }),
        seriesUid: z.string().nullable().default(null),
      }),
    )
    .readonly(),
  crossMm: PatientPoint.nullable(),
})
type Kept = z.infer<typeof Kept>

function keptPlanes(name: string): Kept | null {
  try {
    return Kept.safeParse(JSON.parse(keptForVisit(name) ?? 'null')).data ?? null
  } catch {
    return null
  }
}

export function usePlanes(subject: Subject, shown: SubjectPicture, view: ViewSettings): Planes {
  const name = `planes.${keyOfSubject(subject)}`
  const kept = keptPlanes(name)
  const volume = useVolume(shown.detail)
  const { places } = volume
  const layout = ref<PlanesLayout>(kept?.layout ?? '1x1')
  const chosen = shallowRef<readonly PaneChoice[] | null>(kept?.panes ?? null)
  const all = computed(
    () => chosen.value ?? (places.value === null ? PLANE_NAMES.map(thinPlane) : firstPanes(places.value)),
  )
  const cross = useCross(shown, volume, kept?.crossMm ?? null)
  const { crossMm } = cross
  const panes = computed(() => all.value.slice(0, paneCount(layout.value)))

  watch(
    [panes, places, shown.picture],
    () => {
      // A view of another series fetches its own slices; the volume is for planes.
      if (
        panes.value.every(({ seriesUid }) => seriesUid !== null) ||
        places.value === null ||
        shown.picture.value === null
      )
        return
      volume.open(shown.wanted.value)
      cross.begin()
    },
    { immediate: true },
  )
  watch(layout, (now, before) => {
    // In the planes the left button moves the crosshair; alone, the slice is clicked as ever.
    if (before === '1x1' && view.tool.value === 'select') view.tool.value = 'cross'
    if (now === '1x1' && view.tool.value === 'cross') view.tool.value = 'select'
  })
  watch([layout, chosen, crossMm], () => {
    keepForVisit(
      name,
      JSON.stringify({ layout: layout.value, panes: all.value, crossMm: crossMm.value } satisfies Kept),
    )
  })
  return {
    ...{ volume, layout, crossMm },
    ...{ moveCross: cross.move, moveOnSlice: cross.moveOnSlice, goTo: cross.goTo },
    panes,
    hasOther: computed(() => panes.value.some(({ seriesUid }) => seriesUid !== null)),
    choose: (pane, choice) => {
      chosen.value = all.value.with(pane, choice)
    },
    onSlice: computed(() => (layout.value === '1x1' ? null : cross.onSlice.value)),
  }
}

/** The place under the crosshair, and the slice that goes with it. */
function useCross(shown: SubjectPicture, { places }: OpenVolume, begunAt: PatientPoint | null) {
  const crossMm = shallowRef<PatientPoint | null>(begunAt)
  const { wanted, index } = shown

  function move(toMm: PatientPoint): void {
    crossMm.value = toMm
    if (places.value === null) return
    const slice = nearestSlice(places.value, toMm)
    if (slice !== wanted.value) shown.goTo(slice)
  }
  const goTo = (slice: number, point: ImagePoint): void => {
    if (places.value !== null) move(placeOfPoint(slicePlane(places.value, slice), point))
  }
  // Whoever turns the slices takes the crosshair along.
  watch(wanted, (slice) => {
    if (places.value === null || crossMm.value === null) return
    if (nearestSlice(places.value, crossMm.value) !== slice)
      crossMm.value = ontoSlice(places.value, slice, crossMm.value)
  })
  return {
    ...{ crossMm, move, goTo },
    begin: (): void => {
      const { columns = 1, rows = 1 } = places.value ?? {}
      if (crossMm.value === null) goTo(wanted.value, { column: (columns - 1) / 2, row: (rows - 1) / 2 })
    },
    moveOnSlice: (point: ImagePoint): void => {
      goTo(index.value, point)
    },
    onSlice: computed((): CrossMarks | null =>
      places.value === null || crossMm.value === null
        ? null
        : { at: pointOnPlane(slicePlane(places.value, index.value), crossMm.value), cuts: [] },
    ),
  }
}

/** The layout after this one. */
export const nextLayout = (layout: PlanesLayout): PlanesLayout =>
  PLANES_LAYOUTS[(PLANES_LAYOUTS.indexOf(layout) + 1) % PLANES_LAYOUTS.length] ?? '1x1'
