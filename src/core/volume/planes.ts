/**
 * The three planes of the body through a point. They are the patient's own, as the letters at the edges say, whichever
 * way the scanner cut: of an axial CT without tilt the axial plane is the slice itself, pixel for pixel.
 *
 *            axial            coronal          sagittal
 *     R  -> L (+x)      R  -> L (+x)      A  -> P (+y)
 *     A                 H                 H
 *     |                 |                 |
 *     v  P (+y)         v  F (-z)         v  F (-z)
 */
import type { Orientation, PatientPoint, PixelSpacing } from '../../contract'
import type { ImagePoint } from '../geometry/image-point'
import { add, cross, dot, scale, subtract, type Vector } from '../geometry/vector'
import type { VolumePlaces } from './volume-places'

export type PlaneName = 'axial' | 'coronal' | 'sagittal'
export const PLANE_NAMES: readonly PlaneName[] = ['axial', 'coronal', 'sagittal']

/** Looked at from the feet, from the front, from the left: the patient's left is on the right, or the front on the left. */
export const PLANE_ORIENTATIONS: { readonly [name in PlaneName]: Orientation } = {
  axial: { row: [1, 0, 0], column: [0, 1, 0] },
  coronal: { row: [1, 0, 0], column: [0, 0, -1] },
  sagittal: { row: [0, 1, 0], column: [0, 0, -1] },
}

/** A grid of pixels that lies flat in the patient. Pixel (column, row) lies at origin + column * step + row * step. */
export interface Plane {
  readonly orientation: Orientation
  /** Centre of the first pixel. */
  readonly originMm: PatientPoint
  readonly spacingMm: PixelSpacing
  readonly widthPx: number
  readonly heightPx: number
}

/** A direction this near to a direction of the voxels (cosine) shares their raster. */
const SAME_DIRECTION = 1 - 1e-9
/** More pixels than this along one side show no more. */
const MOST_PX = 2048

interface Raster {
  readonly stepMm: number
  /** Of the first and the last pixel, along the direction. */
  readonly firstMm: number
  readonly count: number
}

/** Corners of all slices along a direction: the first and the last place that the volume reaches. */
function reach(
  places: VolumePlaces,
  direction: Vector,
): { readonly leastMm: number; readonly mostMm: number } {
  const { orientation, spacingMm, columns, rows, positionsMm } = places
  const across = (columns - 1) * spacingMm.column * dot(orientation.row, direction)
  const down = (rows - 1) * spacingMm.row * dot(orientation.column, direction)
  const begins = positionsMm.map((position) => dot(position, direction))
  return {
    leastMm: Math.min(...begins) + Math.min(0, across) + Math.min(0, down),
    mostMm: Math.max(...begins) + Math.max(0, across) + Math.max(0, down),
  }
}

/** The step of the voxels along a direction that is theirs; else the finer of the two steps within a slice. */
function stepAlong(places: VolumePlaces, direction: Vector): number {
  const { orientation, spacingMm, normal, stepMm } = places
  const isAlong = (own: Vector): boolean => Math.abs(dot(own, direction)) > SAME_DIRECTION
  if (isAlong(orientation.row)) return spacingMm.column
  if (isAlong(orientation.column)) return spacingMm.row
  if (stepMm !== null && isAlong(normal)) return stepMm
  return Math.min(spacingMm.row, spacingMm.column)
}

function rasterAlong(places: VolumePlaces, direction: Vector): Raster {
  const { leastMm, mostMm } = reach(places, direction)
  const stepMm = Math.max(stepAlong(places, direction), (mostMm - leastMm) / (MOST_PX - 1))
  return { stepMm, firstMm: leastMm, count: Math.floor((mostMm - leastMm) / stepMm + 1e-6) + 1 }
}

/** The plane of this name that holds a point, as wide and high as the volume reaches, at true proportions. */
export function planeThrough(places: VolumePlaces, name: PlaneName, throughMm: PatientPoint): Plane {
  const orientation = PLANE_ORIENTATIONS[name]
  const across = rasterAlong(places, orientation.row)
  const down = rasterAlong(places, orientation.column)
  const normal = planeNormalOf(name)
  const originMm = add(
    add(scale(orientation.row, across.firstMm), scale(orientation.column, down.firstMm)),
    scale(normal, dot(throughMm, normal)),
  )
  return {
    ...{ orientation, originMm, widthPx: across.count, heightPx: down.count },
    spacingMm: { row: down.stepMm, column: across.stepMm },
  }
}

/** Away from the plane: axial to the head, coronal to the back, sagittal to the left. */
export function planeNormalOf(name: PlaneName): Vector {
  const { row, column } = PLANE_ORIENTATIONS[name]
  return name === 'axial' ? cross(row, column) : scale(cross(row, column), name === 'coronal' ? 1 : -1)
}

/** Where planes of this name may lie: places in steps along its normal, the first and the last reached by the volume. */
export function planeStops(places: VolumePlaces, name: PlaneName): Raster {
  return rasterAlong(places, planeNormalOf(name))
}

/** Where a point lies in the picture of a plane; of one beside the plane, its foot. */
export function pointOnPlane({ orientation, originMm, spacingMm }: Plane, atMm: PatientPoint): ImagePoint {
  const from = subtract(atMm, originMm)
  return {
    column: dot(from, orientation.row) / spacingMm.column,
    row: dot(from, orientation.column) / spacingMm.row,
  }
}

/** The place in the patient of a point of the picture. */
export function placeOfPoint({ orientation, originMm, spacingMm }: Plane, at: ImagePoint): PatientPoint {
  const across = scale(orientation.row, at.column * spacingMm.column)
  return add(add(originMm, across), scale(orientation.column, at.row * spacingMm.row))
}
