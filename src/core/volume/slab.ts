import type { PatientPoint } from '../../contract'
import { cross, dot, subtract, type Vector } from '../geometry/vector'
import { PLANE_ORIENTATIONS, type PlaneName, planeStops } from './planes'
import { type Slab, THIN } from './reslice'
import type { VolumePlaces } from './volume-places'

export interface SlabChoice {
  /** 0: the plane alone. */
  readonly thicknessMm: number
  readonly take: Slab['take']
}

const PARALLEL = 1 - 1e-9

/**
 * The layers of a slab about a plane. Where the plane lies along the slices they are the slices themselves, so that the
 * largest value is one that was measured; else layers one step of the voxels apart.
 */
export function slabThrough(
  places: VolumePlaces,
  name: PlaneName,
  throughMm: PatientPoint,
  { thicknessMm, take }: SlabChoice,
): Slab {
  if (!(thicknessMm > 0)) return THIN
  const { row, column } = PLANE_ORIENTATIONS[name]
  const half = thicknessMm / 2 + 1e-6
  const normal: Vector = cross(row, column)
  const cosine = dot(normal, places.normal)
  if (Math.abs(cosine) > PARALLEL) {
    const first = places.positionsMm[0] ?? throughMm
    const atMm = dot(subtract(throughMm, first), places.normal)
    const offsetsMm = places.alongMm.map((mm) => (mm - atMm) * cosine).filter((mm) => Math.abs(mm) <= half)
    return offsetsMm.length === 0 ? THIN : { offsetsMm, take }
  }
  const { stepMm } = planeStops(places, name)
  const steps = Math.floor(half / stepMm)
  return { offsetsMm: Array.from({ length: 2 * steps + 1 }, (_, at) => (at - steps) * stepMm), take }
}
