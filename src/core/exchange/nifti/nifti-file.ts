/**
 * NIfTI-1 files (.nii): header, affine, values. https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h is the
 * format's definition. Coordinates of the format are RAS millimetres (x to the right, y to the front, z up).
 */
import { accept, refuse, type Result } from '../../../contract'
import type { Inflate } from '../../files/inflate'

export const NIFTI_HEADER_BYTES = 348
/** Magic, four bytes that announce extensions. */
export const NIFTI_DATA_START = 352
export const EXTENSION_COMMENT = 6

/** Steps of the three voxel axes and the place of the first voxel, RAS millimetres. */
export interface NiftiAffine {
  readonly steps: readonly [Triple, Triple, Triple]
  readonly origin: Triple
}
export type Triple = readonly [number, number, number]

export interface NiftiImage {
  readonly dimensions: Triple
  readonly affine: NiftiAffine
  /** Where the affine comes from. */
  readonly source: 'sform' | 'qform'
  readonly description: string
  /** Text of the first comment extension; empty where there is none. */
  readonly comment: string
  /** Values after scl_slope and scl_inter, the first axis fastest. */
  readonly values: ArrayLike<number>
  /** What neighbouring stored values differ by: `scl_slope` of integers; 0 where values are as they were stored. */
  readonly stepOfValues: number
}

type Values =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

interface DataType {
  readonly bytes: 1 | 2 | 4 | 8
  /** A view of a buffer of its own, in the byte order of the computer (little endian wherever Margin runs). */
  readonly view: (buffer: ArrayBuffer) => Values
}

const DATA_TYPES: Readonly<Record<number, DataType>> = {
  2: { bytes: 1, view: (buffer) => new Uint8Array(buffer) },
  4: { bytes: 2, view: (buffer) => new Int16Array(buffer) },
  8: { bytes: 4, view: (buffer) => new Int32Array(buffer) },
  16: { bytes: 4, view: (buffer) => new Float32Array(buffer) },
  64: { bytes: 8, view: (buffer) => new Float64Array(buffer) },
  256: { bytes: 1, view: (buffer) => new Int8Array(buffer) },
  512: { bytes: 2, view: (buffer) => new Uint16Array(buffer) },
  768: { bytes: 4, view: (buffer) => new Uint32Array(buffer) },
  1024: { bytes: 8, view: (buffer) => new BigInt64Array(buffer) },
  1280: { bytes: 8, view: (buffer) => new BigUint64Array(buffer) },
}

const damaged = (reason: string): Result<never> =>
  refuse('annotation-damaged', reason, { next: 'Export the NIfTI file again.' })

/** Beyond the voxels themselves: header and extensions. */
const OVERHEAD_BYTES = 1024 * 1024

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Unpacks .nii.gz, to no more than `mostVoxels` of the widest type need; .nii comes back as it is. */
export function unpackNifti(bytes: Uint8Array, mostVoxels: number, inflate: Inflate): Result<Uint8Array> {
  return isGzip(bytes) ? inflate(bytes, mostVoxels * 8 + OVERHEAD_BYTES) : accept(bytes)
}

/** How far b, c and d may go beyond a unit quaternion: single precision, and no more. */
const QUATERNION_EXCESS = 1e-3

/**
 * Rotation of a unit quaternion (its b, c and d) with qfac and voxel sizes (nifti1.h, METHOD 2). Slightly beyond the
 * unit, b, c and d are a half turn and brought to length 1, as the reference does; far beyond it they are none, and
 * every step is NaN: as they stand they would scale the millimetres.
 */
export function affineOfQuaternion(
  quaternion: Triple,
  qfac: 1 | -1,
  [sx, sy, thickness]: Triple,
  origin: Triple,
): NiftiAffine {
  const size = Math.hypot(...quaternion)
  const over = size > 1 + QUATERNION_EXCESS ? NaN : Math.max(1, size)
  const [b, c, d] = quaternion.map((part) => part / over) as unknown as Triple
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)))
  const sz = thickness * qfac
  const scaled = (step: Triple, by: number): Triple => [step[0] * by, step[1] * by, step[2] * by]
  return {
    steps: [
      scaled([a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)], sx),
      scaled([2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)], sy),
      scaled([2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c], sz),
    ],
    origin,
  }
}

function qformOf(view: DataView, little: boolean): NiftiAffine {
  const float = (at: number): number => view.getFloat32(at, little)
  const triple = (at: number): Triple => [float(at), float(at + 4), float(at + 8)]
  return affineOfQuaternion(triple(256), float(76) < 0 ? -1 : 1, triple(80), triple(268))
}

function sformOf(view: DataView, little: boolean): NiftiAffine {
  const row = (at: number): readonly number[] =>
    [0, 4, 8, 12].map((offset) => view.getFloat32(at + offset, little))
  const rows = [row(280), row(296), row(312)]
  const column = (at: number): Triple => [rows[0]?.[at] ?? 0, rows[1]?.[at] ?? 0, rows[2]?.[at] ?? 0]
  return { steps: [column(0), column(1), column(2)], origin: column(3) }
}

function affineOf(
  view: DataView,
  little: boolean,
): Result<{ readonly affine: NiftiAffine; readonly source: 'sform' | 'qform' }> {
  const sformCode = view.getInt16(254, little)
  const qformCode = view.getInt16(252, little)
  if (sformCode <= 0 && qformCode <= 0) {
    return refuse('annotation-mismatch', 'The NIfTI file does not say where its voxels lie in the patient.', {
      next: 'Export it with a qform or sform of the scanner.',
    })
  }
  const source = sformCode > 0 ? 'sform' : 'qform'
  const affine = sformCode > 0 ? sformOf(view, little) : qformOf(view, little)
  const numbers = [...affine.steps.flat(), ...affine.origin]
  if (numbers.some((value) => !Number.isFinite(value))) return damaged(`The ${source} holds no numbers.`)
  return accept({ affine, source })
}

function dimensionsOf(view: DataView, little: boolean): Result<Triple> {
  const count = view.getInt16(40, little)
  if (count < 1 || count > 7) return damaged(`The NIfTI file has ${count} dimensions.`)
  const all = Array.from({ length: 7 }, (_unused, at) =>
    at < count ? view.getInt16(42 + 2 * at, little) : 1,
  )
  const [x = 0, y = 0, z = 0, ...others] = all
  if (all.some((size) => size < 1)) return damaged(`The NIfTI file has a dimension of ${Math.min(...all)}.`)
  if (others.some((size) => size > 1)) {
    return refuse('annotation-unsupported', 'The NIfTI file holds more than one volume.', {
      next: 'Split it into volumes.',
    })
  }
  return accept([x, y, z])
}

const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return new TextDecoder('utf-8').decode(end < 0 ? bytes : bytes.subarray(0, end)).trim()
}

/** First comment between header and voxels. */
function commentOf(bytes: Uint8Array, view: DataView, little: boolean, dataStart: number): string {
  if (dataStart <= NIFTI_DATA_START || bytes[NIFTI_HEADER_BYTES] === 0) return ''
  let at = NIFTI_DATA_START
  while (at + 8 <= dataStart) {
    const size = view.getInt32(at, little)
    if (size < 8 || at + size > dataStart) return ''
    if (view.getInt32(at + 4, little) === EXTENSION_COMMENT) return textOf(bytes.subarray(at + 8, at + size))
    at += size
  }
  return ''
}

/** Values with slope and intercept; a slope of 0 means none (nifti1.h). `stored` is a copy of the file's bytes. */
function valuesOf(
  view: DataView,
  little: boolean,
  type: DataType,
  stored: Uint8Array<ArrayBuffer>,
): Pick<NiftiImage, 'values' | 'stepOfValues'> {
  if (!little && type.bytes > 1) {
    for (let at = 0; at < stored.length; at += type.bytes) stored.subarray(at, at + type.bytes).reverse()
  }
  const values = type.view(stored.buffer)
  const plain =
    values instanceof BigInt64Array || values instanceof BigUint64Array
      ? Float64Array.from(values, Number)
      : values
  const slope = view.getFloat32(112, little)
  const intercept = view.getFloat32(116, little)
  const isScaled = slope !== 0 && Number.isFinite(slope) && (slope !== 1 || intercept !== 0)
  if (!isScaled) return { values: plain, stepOfValues: 0 }
  const scaled = new Float64Array(plain.length)
  for (let at = 0; at < scaled.length; at += 1) scaled[at] = (plain[at] ?? 0) * slope + intercept
  const isFloat = values instanceof Float32Array || values instanceof Float64Array
  return { values: scaled, stepOfValues: isFloat ? 0 : Math.abs(slope) }
}

/**
 * Reads an unpacked NIfTI-1 file of at most `mostVoxels`. Refused: NIfTI-2, Analyze and header-and-image pairs, more
 * than one volume, colours, dimensions that are not positive or too many, missing orientation, too few voxels; all
 * before anything is allocated.
 */
export function readNifti(bytes: Uint8Array, mostVoxels: number): Result<NiftiImage> {
  if (bytes.length < NIFTI_DATA_START) return refuse('truncated', 'The NIfTI file ends inside its header.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const little = view.getInt32(0, true) === NIFTI_HEADER_BYTES
  if (!little && view.getInt32(0, false) !== NIFTI_HEADER_BYTES) {
    return refuse('annotation-unsupported', 'The file is no NIfTI-1 file.', { next: 'Export it as NIfTI-1.' })
  }
  if (textOf(bytes.subarray(344, 348)) !== 'n+1') {
    return refuse('annotation-unsupported', 'Header and voxels lie in two files, or the file is Analyze.', {
      next: 'Export it as one .nii or .nii.gz file.',
    })
  }
  const dimensions = dimensionsOf(view, little)
  if (!dimensions.ok) return dimensions
  const code = view.getInt16(70, little)
  const type = Object.hasOwn(DATA_TYPES, code) ? DATA_TYPES[code] : undefined
  if (type === undefined) {
    return refuse('annotation-unsupported', `NIfTI voxels of data type ${code} are no labels.`)
  }
  const count = dimensions.value.reduce((product, size) => product * size, 1)
  if (count > mostVoxels) {
    const [x, y, z] = dimensions.value
    return refuse(
      'annotation-mismatch',
      `The NIfTI file has ${x} × ${y} × ${z} voxels, more than the series.`,
      {
        next: 'Open the series that it was drawn on.',
      },
    )
  }
  const dataStart = view.getFloat32(108, little)
  if (!(dataStart >= NIFTI_DATA_START && Number.isInteger(dataStart))) {
    return damaged(`The voxels begin at byte ${dataStart}.`)
  }
  if (dataStart + count * type.bytes > bytes.length) {
    return refuse('truncated', `The NIfTI file has ${bytes.length} bytes; its voxels end beyond them.`, {
      next: 'Copy or export the file again.',
    })
  }
  const affine = affineOf(view, little)
  if (!affine.ok) return affine
  return accept({
    dimensions: dimensions.value,
    ...affine.value,
    description: textOf(bytes.subarray(148, 228)),
    comment: commentOf(bytes, view, little, dataStart),
    ...valuesOf(view, little, type, bytes.slice(dataStart, dataStart + count * type.bytes)),
  })
}
