import { computed, type ComputedRef, onUnmounted, shallowRef, watch } from 'vue'
import type { PatientPoint, Subject } from '../../contract'
import { dot } from '../../core/geometry/vector'
import { bodyValues } from '../../core/image/display'
import { keyOfSubject } from '../../core/subject/subject'
import { planeNormalOf, type Plane } from '../../core/volume/planes'
import type { ViewportPicture } from '../viewer/viewport-types'
import { type PaneChoice, slabKey } from './pane-choice'
import type { Planes } from './use-planes'
import type { CutPlane } from './worker/plane-messages'

/** A plane as it is painted, and where it lies. */
export interface PlanePicture {
  readonly picture: ViewportPicture
  readonly plane: Plane
}

/** A place of a plane to a tenth of a micrometre. */
const keyOf = (subject: Subject, { name, slab }: PaneChoice, atMm: number, version: number): string =>
  `${keyOfSubject(subject)}/${name}/${atMm.toFixed(4)}/${slabKey(slab)}/${version}`

function pictureOf(
  subject: Subject,
  key: string,
  name: string,
  { plane, description, bytes }: CutPlane,
): PlanePicture {
  return {
    plane,
    picture: {
      ...{ key, description, pixelSpacingMm: plane.spacingMm },
      ...{ subjectKey: `${keyOfSubject(subject)}/${name}`, subjectKind: subject.kind, graphics: null },
      pixels: bodyValues(description, new Uint8Array(bytes)),
    },
  }
}

/**
 * The picture of one view, cut anew whenever the crosshair leaves its plane. One cut is on its way at a time: while the
 * crosshair is dragged, places that were passed meanwhile are left out.
 */
export function usePlanePicture(
  subject: Subject,
  { volume, crossMm }: Planes,
  choice: () => PaneChoice,
): ComputedRef<PlanePicture | null> {
  const made = shallowRef<PlanePicture | null>(null)
  const wanted = computed(() => {
    const throughMm: PatientPoint | null = crossMm.value
    if (throughMm === null || volume.places.value === null) return null
    const { name, slab } = choice()
    const atMm = dot(throughMm, planeNormalOf(name))
    return { name, slab, throughMm, key: keyOf(subject, choice(), atMm, volume.version.value) }
  })
  let isCutting = false
  let isClosed = false
  async function renew(): Promise<void> {
    if (isCutting || wanted.value === null) return
    isCutting = true
    const { key, ...asked } = wanted.value
    const cut = await volume.cut(asked)
    isCutting = false
    if (isClosed) return
    if (cut !== null) made.value = pictureOf(subject, key, asked.name, cut)
    if (wanted.value.key !== key) void renew()
  }
  watch(
    () => wanted.value?.key,
    () => void renew(),
    { immediate: true },
  )
  onUnmounted(() => {
    isClosed = true
  })
  return computed(() => made.value)
}
