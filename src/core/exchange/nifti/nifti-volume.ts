/** A NIfTI image as slices: where each lies in the patient, which way up it is shown, and its stored values. */
import { accept, refuse } from '../../../contract'
import type { Orientation, PatientPoint, PixelSpacing, Result, Warning } from '../../../contract'
import { MAX_FRAME_BYTES } from '../../dicom/limits'
import type { FramePlace, Rescale } from '../../dicom/instance'
import { isBelievableSpacing } from '../../geometry/spacing'
import { add, cross, dot, length, scale, type Vector } from '../../geometry/vector'
import type { PixelArray, PixelLayout } from '../../image/pixel-layout'
import { affineOfQuaternion, type NiftiAffine } from './nifti-file'
import { type SeriesAffine, turned } from './nifti-grid'
import type { NiftiHeader } from './nifti-header'

interface DataType {
  readonly bytes: 1 | 2 | 3 | 4 | 8
  readonly signed: boolean
  readonly float: boolean
  readonly view: (buffer: ArrayBuffer) => PixelArray | BigInt64Array | BigUint64Array
}

const type = (
  bytes: DataType['bytes'],
  kind: 'unsigned' | 'signed' | 'float',
  view: DataType['view'],
): DataType => ({ bytes, signed: kind === 'signed', float: kind === 'float', view })

/** Three bytes a voxel, red, green and blue. */
const RGB = 128
const DATA_TYPES: Readonly<Record<number, DataType>> = {
  2: type(1, 'unsigned', (buffer) => new Uint8Array(buffer)),
  4: type(2, 'signed', (buffer) => new Int16Array(buffer)),
  8: type(4, 'signed', (buffer) => new Int32Array(buffer)),
  16: type(4, 'float', (buffer) => new Float32Array(buffer)),
  64: type(8, 'float', (buffer) => new Float64Array(buffer)),
  [RGB]: type(3, 'unsigned', (buffer) => new Uint8Array(buffer)),
  256: type(1, 'signed', (buffer) => new Int8Array(buffer)),
  512: type(2, 'unsigned', (buffer) => new Uint16Array(buffer)),
  768: type(4, 'unsigned', (buffer) => new Uint32Array(buffer)),
  1024: type(8, 'signed', (buffer) => new BigInt64Array(buffer)),
  1280: type(8, 'unsigned', (buffer) => new BigUint64Array(buffer)),
}

/** How the axes of a stored plane become columns and rows: which one, and whether it is run through backwards. */
export interface PlaneAxes {
  readonly columns: PlaneAxis
  readonly rows: PlaneAxis
}
interface PlaneAxis {
  readonly axis: 0 | 1
  readonly isReversed: boolean
}

export interface NiftiVolume {
  readonly header: NiftiHeader
  /** Sizes of the three stored axes. */
  readonly stored: readonly [number, number, number]
  readonly layout: PixelLayout
  readonly axes: PlaneAxes
  readonly frames: readonly FramePlace[]
  /** Bytes of one stored plane. */
  readonly planeBytes: number
  readonly warnings: readonly Warning[]
}

const warn = (code: string, text: string): Warning => ({ code, text })
const AS_STORED: PlaneAxes = {
  columns: { axis: 0, isReversed: false },
  rows: { axis: 1, isReversed: false },
}

const UNITS_MM: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 0.001 }
/** Nothing of a patient lies further from the origin. */
const MOST_COORDINATE_MM = 1e5
/** Axes of a plane are at right angles to this cosine, as in DICOM. */
const RIGHT_ANGLE_COSINE = 0.01
/** Steps of two affines of one file are the same to this share of their length. */
const SAME_STEP = 0.01

/** The affine in LPS millimetres; null where its numbers cannot be places. */
function believable({ steps, origin }: NiftiAffine, unitMm: number): SeriesAffine | null {
  const inLps = (step: NiftiAffine['origin']): Vector => scale(turned(step), unitMm)
  const [i, j, k] = [inLps(steps[0]), inLps(steps[1]), inLps(steps[2])]
  const lps: SeriesAffine = { steps: [i, j, k], origin: inLps(origin) }
  const areSteps = lps.steps.every((step) => isBelievableSpacing(length(step)))
  const isPlace = lps.origin.every((value) => Math.abs(value) <= MOST_COORDINATE_MM)
  const volume = Math.abs(dot(i, cross(j, k))) / (length(i) * length(j) * length(k))
  return areSteps && isPlace && volume > RIGHT_ANGLE_COSINE ? lps : null
}

interface Placed {
  readonly affine: SeriesAffine | null
  readonly warnings: readonly Warning[]
}

/** Where voxels lie: by sform, else by qform, in LPS millimetres; null where neither is named or can be true. */
function placed(header: NiftiHeader): Placed {
  const { qformCode, sformCode, sformRows, quaternion, qfac, pixelSizes, qformOrigin, lengthUnit } = header
  const unitMm = UNITS_MM[lengthUnit] ?? 1
  const column = (k: number): Vector => [
    sformRows[0]?.[k] ?? NaN,
    sformRows[1]?.[k] ?? NaN,
    sformRows[2]?.[k] ?? NaN,
  ]
  const sform =
    sformCode > 0 ? believable({ steps: [column(0), column(1), column(2)], origin: column(3) }, unitMm) : null
  const qform =
    qformCode > 0 ? believable(affineOfQuaternion(quaternion, qfac, pixelSizes, qformOrigin), unitMm) : null
  const warnings: Warning[] = []
  if (!(lengthUnit in UNITS_MM))
    warnings.push(warn('spacing-unit-assumed', 'The file names no unit of length: millimetres are assumed.'))
  if (sform !== null && qform !== null && differ(sform, qform))
    warnings.push(
      warn(
        'orientation-doubted',
        'The two places of the file (sform, qform) disagree in direction, size or origin: sform is shown. Look at left and right.',
      ),
    )
  const isBroken = (sformCode > 0 && sform === null) || (sform === null && qformCode > 0 && qform === null)
  if (isBroken)
    warnings.push(
      warn(
        'orientation-unusable',
        'An orientation of the file (sform, qform) cannot be true and is not used.',
      ),
    )
  return { affine: sform ?? qform, warnings }
}

/** Origins further apart than a step are two places. */
const differ = (one: SeriesAffine, other: SeriesAffine): boolean =>
  length(add(one.origin, scale(other.origin, -1))) > Math.max(...one.steps.map(length)) ||
  one.steps.some((step, k) => {
    const beside = other.steps[k] ?? [0, 0, 0]
    return length(add(step, scale(beside, -1))) > SAME_STEP * length(step)
  })

/** Columns run to the left or to the back, rows to the back or to the feet: as slices of each plane are looked at. */
const RIGHT_WAY_UP: readonly (readonly [columns: Vector, rows: Vector])[] = [
  [
    [0, 1, 0],
    [0, 0, -1],
  ],
  [
    [1, 0, 0],
    [0, 0, -1],
  ],
  [
    [1, 0, 0],
    [0, 1, 0],
  ],
]

function rightWayUp([i, j]: readonly [Vector, Vector]): PlaneAxes {
  const sizes = cross(i, j).map(Math.abs)
  const across = sizes.indexOf(Math.max(...sizes))
  const [columns, rows] = RIGHT_WAY_UP[across] ?? RIGHT_WAY_UP[2] ?? [i, j]
  const isSwapped = Math.abs(dot(j, columns)) / length(j) > Math.abs(dot(i, columns)) / length(i)
  const [along, down] = isSwapped ? [j, i] : [i, j]
  return {
    columns: { axis: isSwapped ? 1 : 0, isReversed: dot(along, columns) < 0 },
    rows: { axis: isSwapped ? 0 : 1, isReversed: dot(down, rows) < 0 },
  }
}

interface Geometry {
  readonly axes: PlaneAxes
  readonly spacingMm: PixelSpacing | null
  readonly orientation: Orientation | null
  readonly positionOf: (slice: number) => PatientPoint | null
  readonly warnings: readonly Warning[]
}

/** Without an orientation: as stored, pixels of the size that the header names, and no place. */
function unplaced(
  { pixelSizes: [column, row], lengthUnit }: NiftiHeader,
  warnings: readonly Warning[],
): Geometry {
  const unitMm = UNITS_MM[lengthUnit] ?? 1
  const [columnMm, rowMm] = [column * unitMm, row * unitMm]
  const isSized = isBelievableSpacing(columnMm) && isBelievableSpacing(rowMm)
  const text =
    'The file does not say how its voxels lie in the patient: slices are shown as they are stored, left and right are unknown, no volume.'
  return {
    ...{ axes: AS_STORED, orientation: null, positionOf: () => null },
    spacingMm: isSized ? { row: rowMm, column: columnMm } : null,
    warnings: [
      ...warnings,
      warn('orientation-missing', text),
      ...(isSized ? [] : [warn('spacing-missing', 'No pixel spacing: sizes in pixels only.')]),
    ],
  }
}

function geometryOf(header: NiftiHeader, stored: NiftiVolume['stored']): Result<Geometry> {
  const { affine, warnings } = placed(header)
  if (affine === null) return accept(unplaced(header, warnings))
  const { steps, origin } = affine
  const [i, j, k] = steps
  if (Math.abs(dot(i, j)) / (length(i) * length(j)) > RIGHT_ANGLE_COSINE)
    return refuse(
      'pixel-format-unsupported',
      'The voxels of a slice are sheared: their rows and columns are not at right angles.',
      {
        next: 'Resample the image onto a straight grid first, where you can see the result.',
      },
    )
  const axes = rightWayUp([i, j])
  const stepOf = ({ axis, isReversed }: PlaneAxis): Vector => scale(steps[axis], isReversed ? -1 : 1)
  const [columns, rows] = [stepOf(axes.columns), stepOf(axes.rows)]
  const first = [axes.columns, axes.rows].reduce(
    (at, { axis, isReversed }) => (isReversed ? add(at, scale(steps[axis], stored[axis] - 1)) : at),
    origin,
  )
  const orientation = {
    row: scale(columns, 1 / length(columns)),
    // At right angles, as far as rounding goes.
    column: scale(rows, 1 / length(rows)),
  }
  return accept({
    axes,
    orientation,
    spacingMm: { row: length(rows), column: length(columns) },
    positionOf: (slice) => add(first, scale(k, slice)),
    warnings,
  })
}

const isScaled = ({ slope, intercept }: NiftiHeader): boolean =>
  slope !== 0 && Number.isFinite(slope) && Number.isFinite(intercept)

/** The unit is never known: the format names none for values. */
export const rescaleOfNifti = (header: NiftiHeader): Rescale =>
  isScaled(header)
    ? { slope: header.slope, intercept: header.intercept, unit: '' }
    : { slope: 1, intercept: 0, unit: '' }

/** The slices of the first volume of a file. Refused by name: colours with transparency, complex numbers, sheared planes, too many voxels. */
export function niftiVolume(header: NiftiHeader): Result<NiftiVolume> {
  const { dataType, sizes, little } = header
  const of = Object.hasOwn(DATA_TYPES, dataType) ? DATA_TYPES[dataType] : undefined
  if (of === undefined)
    return refuse('pixel-format-unsupported', `NIfTI voxels of data type ${dataType} are not shown.`, {
      next: 'Export the image as whole numbers or as float32.',
    })
  const stored = [sizes[0] ?? 1, sizes[1] ?? 1, sizes[2] ?? 1] as const
  const volumes = sizes.slice(3).reduce((product, size) => product * size, 1)
  const planeBytes = stored[0] * stored[1] * of.bytes
  if (planeBytes > MAX_FRAME_BYTES || planeBytes * stored[2] > MOST_VOLUME_BYTES) {
    const reason = `${sizes.join(' × ')} voxels of ${of.bytes} bytes are declared: more than ${MOST_VOLUME_BYTES} bytes a volume are not opened.`
    return refuse('pixels-too-large', reason)
  }
  const geometry = geometryOf(header, stored)
  if (!geometry.ok) return geometry
  const { axes, orientation, spacingMm, positionOf, warnings } = geometry.value
  const rescale = rescaleOfNifti(header)
  const left = `The file holds ${volumes} volumes; the first is shown.`
  return accept({
    ...{ header, stored, axes, planeBytes },
    layout: {
      ...{ rows: stored[axes.rows.axis], columns: stored[axes.columns.axis], frames: stored[2] },
      samplesPerPixel: dataType === RGB ? 3 : 1,
      bitsAllocated: of.bytes === 3 ? 8 : ((8 * of.bytes) as 8 | 16 | 32 | 64),
      ...{ bitsStored: of.bytes === 3 ? 8 : 8 * of.bytes, highBit: of.bytes === 3 ? 7 : 8 * of.bytes - 1 },
      ...{ signed: of.signed, float: of.float, planar: false, littleEndian: little, bytesSwapped: false },
      colour: dataType === RGB ? 'rgb' : 'grey',
    },
    frames: Array.from({ length: stored[2] }, (_, slice) => ({
      ...{ positionMm: positionOf(slice), orientation, spacingMm, rescale },
    })),
    warnings: [...warnings, ...(volumes > 1 ? [warn('volumes-left', left)] : [])],
  })
}

/** A volume of 512 × 512 × 2000 voxels of 16 bits, and the same again. */
export const MOST_VOLUME_BYTES = 2 ** 30

/** Whole numbers of 64 bits as those of 32 where they fit, else as floats. */
function narrowed(values: BigInt64Array | BigUint64Array): PixelArray {
  const numbers = Float64Array.from(values, Number)
  return numbers.every((value) => Math.abs(value) < 2 ** 31) ? Int32Array.from(numbers) : numbers
}

/** The values of a stored plane, the first axis fastest. `bytes`: its own copy, turned in place where it is big endian. */
export function planeValues({ header }: NiftiVolume, bytes: Uint8Array<ArrayBuffer>): PixelArray {
  const of = DATA_TYPES[header.dataType] ?? type(1, 'unsigned', (buffer) => new Uint8Array(buffer))
  if (!header.little && of.bytes > 1 && of.bytes !== 3)
    for (let at = 0; at < bytes.length; at += of.bytes) bytes.subarray(at, at + of.bytes).reverse()
  const values = of.view(bytes.buffer)
  return values instanceof BigInt64Array || values instanceof BigUint64Array ? narrowed(values) : values
}

/** The plane with its columns and rows as they are shown. */
export function shownValues({ axes, stored, layout }: NiftiVolume, values: PixelArray): PixelArray {
  const { rows, columns, samplesPerPixel: samples } = layout
  const steps = [1, stored[0]] as const
  const isAsStored = axes.columns.axis === 0 && !axes.columns.isReversed && !axes.rows.isReversed
  if (isAsStored) return values
  const stepOf = ({ axis, isReversed }: PlaneAxis): number => (isReversed ? -steps[axis] : steps[axis])
  const startOf = ({ axis, isReversed }: PlaneAxis): number =>
    isReversed ? (stored[axis] - 1) * steps[axis] : 0
  const [across, down] = [stepOf(axes.columns), stepOf(axes.rows)]
  const start = startOf(axes.columns) + startOf(axes.rows)
  const shown = values.slice()
  let to = 0
  for (let row = 0; row < rows; row += 1) {
    let from = (start + row * down) * samples
    for (let column = 0; column < columns; column += 1, from += across * samples)
      for (let sample = 0; sample < samples; sample += 1, to += 1) shown[to] = values[from + sample] ?? 0
  }
  return shown
}
