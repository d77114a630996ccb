import { dot } from '../../core/geometry/vector'
import { PLANE_NAMES, planeNormalOf, type PlaneName } from '../../core/volume/planes'
import type { SlabChoice } from '../../core/volume/slab'
import type { VolumePlaces } from '../../core/volume/volume-places'

/** How many views stand beside one another; the first is always the slice as it was taken. */
export type PlanesLayout = '1x1' | '1x2' | '2x2'
export const PLANES_LAYOUTS: readonly PlanesLayout[] = ['1x1', '1x2', '2x2']
export const paneCount = (layout: PlanesLayout): number => ({ '1x1': 0, '1x2': 1, '2x2': 3 })[layout]

/** What a view beside the slice shows. */
export interface PaneChoice {
  readonly name: PlaneName
  readonly slab: SlabChoice
  /** Another series of the patient instead of a plane; null: the plane. */
  readonly seriesUid: string | null
}

const THIN: SlabChoice = { thicknessMm: 0, take: 'mean' }
/** The slabs that are offered: thick enough to follow a vessel, thin enough to keep a nodule apart. */
export const SLABS: readonly SlabChoice[] = [
  THIN,
  ...[5, 10, 20].map((thicknessMm): SlabChoice => ({ thicknessMm, take: 'mean' })),
  ...[5, 10, 20].map((thicknessMm): SlabChoice => ({ thicknessMm, take: 'largest' })),
]

export const slabKey = ({ thicknessMm, take }: SlabChoice): string => `${take} ${thicknessMm}`

/** "10 mm MIP": maximum intensity projection, as readers call it. */
export const slabWords = ({ thicknessMm, take }: SlabChoice): string =>
  thicknessMm === 0 ? 'thin' : `${thicknessMm}\u00a0mm ${take === 'mean' ? 'mean' : 'MIP'}`

export const planeTitle = (name: PlaneName): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`

/** A plane as it is offered first. */
export const thinPlane = (name: PlaneName): PaneChoice => ({ name, slab: THIN, seriesUid: null })

/** A stack whose normal is this near to a plane's (cosine) was taken in that plane. */
const SAME_PLANE = 0.9999

/** What the views show at first: the two other planes and a slab of the own one; of an oblique or tilted stack all three. */
export function firstPanes({ normal }: VolumePlaces): readonly PaneChoice[] {
  const own = PLANE_NAMES.find((name) => Math.abs(dot(planeNormalOf(name), normal)) > SAME_PLANE)
  const others = IN_ORDER.filter((name) => name !== own).map(thinPlane)
  return own === undefined
    ? others
    : [...others, { name: own, slab: { thicknessMm: 10, take: 'largest' }, seriesUid: null }]
}

/** The coronal plane first: it is the one that stands alone beside an axial slice. */
const IN_ORDER: readonly PlaneName[] = ['coronal', 'sagittal', 'axial']
