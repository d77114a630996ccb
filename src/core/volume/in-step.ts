/** Two series turned together: by position where both are measured from one point of the patient, else slice by slice. */
import type { PatientPoint, SeriesDetail } from '../../contract'
import { planeNormal } from '../geometry/orientation'
import type { ImagePoint } from '../geometry/image-point'
import { countedStack } from '../geometry/slice-number'
import { add, dot, scale, subtract } from '../geometry/vector'

/** How two series go together; `why` says in words why not by position. */
export type InStep = { readonly by: 'position' } | { readonly by: 'slice'; readonly why: string }

/** Stacks whose normals differ by less than about 15 degrees show the same anatomy slice by slice (cosine). */
const ALIKE = 0.966

/** Centre of a slice; null where its files do not say where it lies. */
function centreOf({ summary, slices, orientation }: SeriesDetail, index: number): PatientPoint | null {
  const corner = slices[index]?.positionMm ?? null
  if (corner === null || orientation === null || summary.spacingMm === null) return null
  const { row, column } = summary.spacingMm
  const across = scale(orientation.row, (column * (summary.columns - 1)) / 2)
  const down = scale(orientation.column, (row * (summary.rows - 1)) / 2)
  return add(corner, add(across, down))
}

const hasPlaces = (detail: SeriesDetail): boolean =>
  detail.slices.every((_slice, index) => centreOf(detail, index) !== null)

/** PS3.3 C.7.4.1: positions in one Frame of Reference are of one coordinate system, and of different ones they are not. */
export function inStepOf(one: SeriesDetail, other: SeriesDetail): InStep {
  const frame = one.frameOfReferenceUid
  if (frame === undefined || frame !== other.frameOfReferenceUid)
    return { by: 'slice', why: 'no common frame of reference' }
  if (one.orientation === null || other.orientation === null || !hasPlaces(one) || !hasPlaces(other))
    return { by: 'slice', why: 'the files do not say where each slice lies' }
  const cosine = dot(planeNormal(one.orientation), planeNormal(other.orientation))
  return Math.abs(cosine) < ALIKE ? { by: 'slice', why: 'their planes differ' } : { by: 'position' }
}

/** The slice of another series at the place of one, and how far off it lies along the normal of the first, in mm. */
export interface SliceAtPlace {
  readonly index: number
  readonly offMm: number
}

/** Null: a place is not known. */
export function sliceAtPlace(from: SeriesDetail, index: number, to: SeriesDetail): SliceAtPlace | null {
  const place = centreOf(from, index)
  if (place === null || from.orientation === null) return null
  const normal = planeNormal(from.orientation)
  let nearest: SliceAtPlace | null = null
  for (const [at] of to.slices.entries()) {
    const centre = centreOf(to, at)
    if (centre === null) return null
    const offMm = Math.abs(dot(subtract(centre, place), normal))
    if (nearest === null || offMm < nearest.offMm) nearest = { index: at, offMm }
  }
  return nearest
}

/** The slice that stands as far into its stack, first to first and last to last. */
export const sliceAsFar = (index: number, count: number, otherCount: number): number =>
  count < 2 ? Math.floor(otherCount / 2) : Math.round((index / (count - 1)) * (otherCount - 1))

/** From the first slice of a stack to the last, where both lie somewhere. */
function directionOf(detail: SeriesDetail): PatientPoint | null {
  const [first, last] = [centreOf(detail, 0), centreOf(detail, detail.slices.length - 1)]
  return first === null || last === null ? null : subtract(last, first)
}

/**
 * Whether a stack goes through the patient against another one: by their places where they lie alike, whatever their frames
 * of reference, else by the ends from which they are counted.
 */
export function runsAgainst(one: SeriesDetail, other: SeriesDetail): boolean {
  const [first, second] = [directionOf(one), directionOf(other)]
  if (first !== null && second !== null) {
    const cosine = dot(first, second) / (Math.hypot(...first) * Math.hypot(...second))
    if (Math.abs(cosine) >= ALIKE) return cosine < 0
  }
  return countedStack(one).numbering !== countedStack(other).numbering
}

/** What of a slice is in sight: screen pixels a pixel along its smaller side, and the pixel in the middle. */
interface Sight {
  readonly zoom: number
  readonly centre: ImagePoint
}

/** A slice of a series. */
export interface SliceOf {
  readonly detail: SeriesDetail
  readonly index: number
}

/**
 * What of one slice shows as much of the body as is in sight of another, at the same size: by position the same place, else as
 * far from the middle of the slice, to the same side of the patient where both say how they lie. Null: a spacing is not known.
 */
export function sameSight(
  { zoom, centre }: Sight,
  from: SliceOf,
  to: SliceOf,
  by: InStep['by'],
): Sight | null {
  const [one, other] = [from.detail.summary, to.detail.summary]
  if (one.spacingMm === null || other.spacingMm === null) return null
  const offMm = {
    column: (centre.column - (one.columns - 1) / 2) * one.spacingMm.column,
    row: (centre.row - (one.rows - 1) / 2) * one.spacingMm.row,
  }
  const inOther = offInOther(offMm, from, to, by)
  const smaller = Math.min(one.spacingMm.row, one.spacingMm.column)
  return {
    zoom: (zoom * Math.min(other.spacingMm.row, other.spacingMm.column)) / smaller,
    centre: {
      column: (other.columns - 1) / 2 + inOther.column / other.spacingMm.column,
      row: (other.rows - 1) / 2 + inOther.row / other.spacingMm.row,
    },
  }
}

/** A place by its millimetres from the middle of one slice, in those from the middle of the other: by slice, one point. */
function offInOther(offMm: ImagePoint, from: SliceOf, to: SliceOf, by: InStep['by']): ImagePoint {
  const [axes, otherAxes] = [from.detail.orientation, to.detail.orientation]
  if (axes === null || otherAxes === null) return offMm
  const [middle, otherMiddle] = [centreOf(from.detail, from.index), centreOf(to.detail, to.index)]
  const fromMiddle = add(scale(axes.row, offMm.column), scale(axes.column, offMm.row))
  const apart =
    middle === null || otherMiddle === null || by === 'slice' ? null : subtract(middle, otherMiddle)
  const off = apart === null ? fromMiddle : add(fromMiddle, apart)
  return { column: dot(off, otherAxes.row), row: dot(off, otherAxes.column) }
}
