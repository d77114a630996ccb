import type { PatientPoint, PixelDescription } from '../../../contract'
import type { Plane, PlaneName } from '../../../core/volume/planes'
import type { SlabChoice } from '../../../core/volume/slab'
import type { VolumePlaces } from '../../../core/volume/volume-places'

/** Which plane is cut, through which place. */
export interface CutAsked {
  readonly name: PlaneName
  readonly throughMm: PatientPoint
  readonly slab: SlabChoice
}

/** Page to worker: the volume's places once, its slices as they come, and planes that are asked for. */
export type PlaneRequest =
  | { readonly kind: 'begin'; readonly places: VolumePlaces }
  | {
      readonly kind: 'slice'
      readonly index: number
      readonly description: PixelDescription
      readonly bytes: ArrayBuffer
    }
  | { readonly kind: 'cut'; readonly cut: number; readonly asked: CutAsked }

/** A plane as it was cut: stored values as `description` says, [row][column]. */
export interface CutPlane {
  readonly plane: Plane
  readonly description: PixelDescription
  readonly bytes: ArrayBuffer
}

/** Worker to page: null where no slice has come yet. */
export interface PlaneAnswer {
  readonly cut: number
  readonly made: CutPlane | null
}
