/** How voxels of a NIfTI file lie on a series: by swapping and turning axes alone, or not at all. */
import { accept, refuse, type Result } from '../../../contract'
import { planeNormal } from '../../geometry/orientation'
import { offLineMm, STRAIGHT_TOLERANCE_MM } from '../../geometry/stack'
import { add, cross, dot, length, scale, subtract, type Vector } from '../../geometry/vector'
import { numberOfSlice, type SeriesTarget } from '../image-target'
import type { NiftiAffine, Triple } from './nifti-file'

/** How far a voxel may lie off the pixel that it becomes, anywhere in the volume, in steps of the grid. */
const TOLERANCE_STEPS = 0.1
/** Thickness that a lone slice gets, since nothing says how thick it is. */
const LONE_SLICE_MM = 1

/** Steps of column, row and slice and the place of the first pixel, LPS millimetres. */
export interface SeriesAffine {
  readonly steps: readonly [Vector, Vector, Vector]
  readonly origin: Vector
}

const unplaced = (reason: string): Result<never> =>
  refuse('annotation-mismatch', reason, { next: 'Use DICOM segmentations or PNG masks.' })

/** How far slices lie beside the straight line from the first to the last. */
function asideMm({ orientation, slices }: SeriesTarget): number {
  const places = slices.flatMap(({ positionMm }) => (positionMm === null ? [] : [positionMm]))
  const [first] = places
  if (orientation === null || first === undefined) return 0
  const normal = planeNormal(orientation)
  return offLineMm(
    places,
    places.map((position) => dot(subtract(position, first), normal)),
  )
}

/** The straight grid of a series. Refused: no places, slices that are shifted or steps that are not even. */
export function seriesAffine(target: SeriesTarget): Result<SeriesAffine> {
  const { orientation, spacingMm, slices } = target
  const first = slices[0]?.positionMm ?? null
  const last = slices.at(-1)?.positionMm ?? null
  if (orientation === null || spacingMm === null || first === null || last === null) {
    return unplaced('The series does not say where its slices lie in the patient, as NIfTI needs.')
  }
  const shifted = asideMm(target)
  if (shifted > STRAIGHT_TOLERANCE_MM) {
    return unplaced(
      `The slices of the series are shifted against each other by up to ${shifted.toFixed(1)} mm, which NIfTI cannot say.`,
    )
  }
  if (slices.length > 1 && target.sliceStepMm === null) {
    return unplaced('The steps between the slices of the series are uneven, which NIfTI cannot say.')
  }
  const sliceStep =
    slices.length > 1
      ? scale(subtract(last, first), 1 / (slices.length - 1))
      : scale(planeNormal(orientation), LONE_SLICE_MM)
  return accept({
    steps: [scale(orientation.row, spacingMm.column), scale(orientation.column, spacingMm.row), sliceStep],
    origin: first,
  })
}

/** LPS against RAS: x and y turn round. */
export const turned = ([x, y, z]: Vector | Triple): Vector => [-x, -y, z]

/** For each axis of the series (column, row, slice): the axis of the file that runs along it, and whether backwards. */
export interface GridMap {
  readonly axes: readonly { readonly axis: 0 | 1 | 2; readonly reversed: boolean }[]
}

/** Index of the series from patient millimetres. */
function indexOf({ steps }: SeriesAffine): (offset: Vector) => Triple {
  const [a, b, c] = steps
  const volume = dot(a, cross(b, c))
  const [inverseA, inverseB, inverseC] = [cross(b, c), cross(c, a), cross(a, b)]
  return (offset) => [
    dot(offset, inverseA) / volume,
    dot(offset, inverseB) / volume,
    dot(offset, inverseC) / volume,
  ]
}

const AXES = [0, 1, 2] as const
const largest = (values: Triple): 0 | 1 | 2 => {
  const sizes = values.map(Math.abs)
  return (sizes[0] ?? 0) >= (sizes[1] ?? 0)
    ? (sizes[0] ?? 0) >= (sizes[2] ?? 0)
      ? 0
      : 2
    : (sizes[1] ?? 0) >= (sizes[2] ?? 0)
      ? 1
      : 2
}

const elsewhere = (reason: string): Result<never> =>
  refuse('annotation-mismatch', `${reason}; it would have to be resampled, which changes what was drawn.`, {
    next: 'Resample it onto the grid of the series first, where you can see the result.',
  })

/**
 * The map of a file's voxels onto a series. Refused by name: other numbers of voxels, axes that are not those of the
 * series up to order and direction, other spacing, a shift.
 */
export function mapGrid(target: SeriesTarget, affine: NiftiAffine, dimensions: Triple): Result<GridMap> {
  const series = seriesAffine(target)
  if (!series.ok) return series
  const toIndex = indexOf(series.value)
  const sizes: Triple = [target.widthPx, target.heightPx, target.slices.length]
  const found = new Map<0 | 1 | 2, { axis: 0 | 1 | 2; reversed: boolean }>()
  const steps = affine.steps.map((step) => toIndex(turned(step)))
  // Axes of one voxel have no direction to be wrong in: they take what is left over.
  const byLength = [...AXES].sort((a, b) => dimensions[b] - dimensions[a])
  for (const axis of byLength) {
    const step: Triple = steps[axis] ?? [0, 0, 0]
    const length = dimensions[axis] - 1
    const along = length > 0 ? largest(step) : (AXES.find((candidate) => !found.has(candidate)) ?? 0)
    if (found.has(along)) return elsewhere('The voxels lie askew to the series')
    const value = step[along]
    found.set(along, { axis, reversed: length > 0 && value < 0 })
    const isAskew = AXES.some((other) => other !== along && Math.abs(step[other]) * length > TOLERANCE_STEPS)
    if (isAskew) return elsewhere('The voxels lie askew to the series')
    if (Math.abs(Math.abs(value) - 1) * length > TOLERANCE_STEPS) {
      return elsewhere('The voxels have another spacing than the series')
    }
  }
  const axes = AXES.map((along) => found.get(along) ?? { axis: along, reversed: false })
  const told: Triple = [
    dimensions[axes[0]?.axis ?? 0],
    dimensions[axes[1]?.axis ?? 1],
    dimensions[axes[2]?.axis ?? 2],
  ]
  if (told.some((size, along) => size !== sizes[along])) {
    return refuse(
      'annotation-mismatch',
      `The NIfTI file has ${told.join(' × ')} voxels, the series ${sizes.join(' × ')}.`,
      { next: 'Open the series that it was drawn on, with all its slices.' },
    )
  }
  const first = toIndex(subtract(turned(affine.origin), series.value.origin))
  const isShifted = AXES.some((along) => {
    const expected = axes[along]?.reversed === true ? sizes[along] - 1 : 0
    const tolerance = sizes[along] === 1 && along === 2 ? 2 * TOLERANCE_STEPS : TOLERANCE_STEPS
    return Math.abs(first[along] - expected) > tolerance
  })
  return isShifted ? elsewhere('The voxels are shifted against the series') : accept({ axes })
}

/** Affine of the series for a file that keeps its order of pixels, RAS. */
export function niftiAffine(series: SeriesAffine): NiftiAffine {
  const [column, row, slice] = series.steps
  return {
    steps: [turned(column), turned(row), turned(slice)],
    origin: turned(add(series.origin, [0, 0, 0])),
  }
}

/** How far a corner of a slice may lie beside its place in the file, beyond rounding to float32. */
const CORNER_TOLERANCE_MM = STRAIGHT_TOLERANCE_MM

/**
 * Whether a file's affine puts the corners of each slice where the slice itself says that they lie: told from the
 * positions of the slices, one by one, and not from the grid that the affine was made of. `internal` where not.
 */
export function requirePlacesOfSlices(target: SeriesTarget, affine: NiftiAffine): Result<null> {
  const { orientation, spacingMm, widthPx, heightPx } = target
  if (orientation === null || spacingMm === null) return accept(null)
  const [column, row, slice] = affine.steps.map(turned)
  if (column === undefined || row === undefined || slice === undefined) return accept(null)
  for (const [index, { positionMm }] of target.slices.entries()) {
    if (positionMm === null) continue
    for (const [across, down] of [
      [0, 0],
      [widthPx - 1, 0],
      [0, heightPx - 1],
    ] as const) {
      const inFile = add(
        add(turned(affine.origin), scale(slice, index)),
        add(scale(column, across), scale(row, down)),
      )
      const inPlane = add(
        scale(orientation.row, across * spacingMm.column),
        scale(orientation.column, down * spacingMm.row),
      )
      const offMm = length(subtract(inFile, add(positionMm, inPlane)))
      if (offMm > CORNER_TOLERANCE_MM) {
        return refuse(
          'internal',
          `The file would put slice ${numberOfSlice(target, index)} ${offMm.toFixed(1)} mm beside its place.`,
          { next: 'Nothing was exported. Choose another format, and report this.' },
        )
      }
    }
  }
  return accept(null)
}
