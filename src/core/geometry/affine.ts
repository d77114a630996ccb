import type { Orientation, PatientPoint, PixelSpacing } from '../../contract'
import { add, scale } from './vector'
import type { Vector } from './vector'

/** Column, row and slice of a series, 0-based; (0, 0, 0) is the centre of the first pixel of the first slice. */
export interface ImageIndex {
  readonly column: number
  readonly row: number
  readonly slice: number
}

/**
 * From image index to patient millimetres (LPS): position = origin + column * columnStep + row * rowStep +
 * slice * sliceStep. The three steps need not be at right angles (a tilted gantry shears the volume).
 */
export interface Affine {
  readonly columnStepMm: Vector
  readonly rowStepMm: Vector
  readonly sliceStepMm: Vector
  readonly originMm: PatientPoint
}

/**
 * PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1, with the step between slices as third column. The spacing is (between
 * rows, between columns), PS3.3 10.7.1.3.
 */
export function affineFrom(
  orientation: Orientation,
  spacingMm: PixelSpacing,
  firstPositionMm: PatientPoint,
  sliceStepMm: Vector,
): Affine {
  return {
    columnStepMm: scale(orientation.row, spacingMm.column),
    rowStepMm: scale(orientation.column, spacingMm.row),
    sliceStepMm,
    originMm: firstPositionMm,
  }
}

/** Patient position of an image index, which may be fractional. */
export function indexToPatient(affine: Affine, index: ImageIndex): PatientPoint {
  const inPlane = add(scale(affine.columnStepMm, index.column), scale(affine.rowStepMm, index.row))
  return add(add(inPlane, scale(affine.sliceStepMm, index.slice)), affine.originMm)
}
