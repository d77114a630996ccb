/** Headers of NIfTI-1 and NIfTI-2 in both byte orders (nifti1.h, nifti2.h): the fields that an image needs. */
import { refuse, type Result } from '../../../contract'
import type { Triple } from './nifti-file'

export interface NiftiHeader {
  readonly little: boolean
  /** Sizes of up to seven axes, those that are used. */
  readonly sizes: readonly number[]
  /** Of the three axes of space, as the file's unit counts. */
  readonly pixelSizes: Triple
  /** Sign of the third axis of the qform. */
  readonly qfac: 1 | -1
  readonly dataType: number
  /** First byte of the values. */
  readonly dataStart: number
  readonly slope: number
  readonly intercept: number
  /** Values to be shown from black to white; alike where none are named. */
  readonly shown: readonly [least: number, most: number]
  /** Code of the unit of length: 0 unknown, 1 metre, 2 millimetre, 3 micrometre. */
  readonly lengthUnit: number
  readonly intent: number
  readonly qformCode: number
  readonly sformCode: number
  /** b, c and d of the unit quaternion. */
  readonly quaternion: Triple
  readonly qformOrigin: Triple
  /** Rows of the sform: x, y and z of the steps of the three axes and of the origin. */
  readonly sformRows: readonly (readonly number[])[]
}

const SIZE_1 = 348
const SIZE_2 = 540
export const NIFTI_LONGEST_HEADER_BYTES = SIZE_2

interface Layout {
  readonly size: number
  readonly magicAt: number
  /** Reads one of several numbers of a kind: dimensions, voxel sizes, factors. */
  readonly dim: (view: DataView, k: number, little: boolean) => number
  readonly pixdim: (view: DataView, k: number, little: boolean) => number
  readonly at: Readonly<Record<'dataType' | 'intent' | 'units' | 'qform' | 'sform', number>>
  readonly wordBytes: 2 | 4
  readonly offset: (view: DataView, little: boolean) => number
  readonly real: (view: DataView, at: number, little: boolean) => number
  readonly realBytes: 4 | 8
  readonly realAt: Readonly<
    Record<'slope' | 'intercept' | 'most' | 'least' | 'quaternion' | 'origin' | 'rows', number>
  >
}

const VERSION_1: Layout = {
  size: SIZE_1,
  magicAt: 344,
  dim: (view, k, little) => view.getInt16(40 + 2 * k, little),
  pixdim: (view, k, little) => view.getFloat32(76 + 4 * k, little),
  at: { dataType: 70, intent: 68, units: 123, qform: 252, sform: 254 },
  wordBytes: 2,
  offset: (view, little) => view.getFloat32(108, little),
  real: (view, at, little) => view.getFloat32(at, little),
  realBytes: 4,
  realAt: { slope: 112, intercept: 116, most: 124, least: 128, quaternion: 256, origin: 268, rows: 280 },
}
const VERSION_2: Layout = {
  size: SIZE_2,
  magicAt: 4,
  dim: (view, k, little) => Number(view.getBigInt64(16 + 8 * k, little)),
  pixdim: (view, k, little) => view.getFloat64(104 + 8 * k, little),
  at: { dataType: 12, intent: 504, units: 500, qform: 344, sform: 348 },
  wordBytes: 4,
  offset: (view, little) => Number(view.getBigInt64(168, little)),
  real: (view, at, little) => view.getFloat64(at, little),
  realBytes: 8,
  realAt: { slope: 176, intercept: 184, most: 192, least: 200, quaternion: 352, origin: 376, rows: 400 },
}

interface Found {
  readonly layout: Layout
  readonly little: boolean
  readonly isPair: boolean
}

/** Which version it is, by its size and its magic; null for anything else. */
function versionOf(bytes: Uint8Array): Found | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const layout of [VERSION_1, VERSION_2]) {
    if (bytes.length < layout.magicAt + 4) continue
    const magic = String.fromCharCode(...bytes.subarray(layout.magicAt, layout.magicAt + 3))
    const number = layout === VERSION_1 ? '1' : '2'
    if (magic !== `n+${number}` && magic !== `ni${number}`) continue
    for (const little of [true, false])
      if (view.getInt32(0, little) === layout.size) return { layout, little, isPair: magic.startsWith('ni') }
  }
  return null
}

/** Whether these first bytes of a file are those of a NIfTI file. */
export const isNifti = (bytes: Uint8Array): boolean => versionOf(bytes) !== null

const damaged = (reason: string): Result<never> =>
  refuse('structure-damaged', reason, { next: 'Export the NIfTI file again.' })

function sizesOf(view: DataView, { layout, little }: Found): Result<readonly number[]> {
  const count = layout.dim(view, 0, little)
  if (!(count >= 1 && count <= 7)) return damaged(`The NIfTI file has ${count} dimensions.`)
  const sizes = Array.from({ length: count }, (_, k) => layout.dim(view, k + 1, little))
  const wrong = sizes.find((size) => !(size >= 1))
  return wrong === undefined
    ? { ok: true, value: sizes }
    : damaged(`The NIfTI file has a dimension of ${wrong}.`)
}

/** Reads the header of a file that is one. Refused: header-and-image pairs, dimensions that are not positive, a cut header. */
export function readNiftiHeader(bytes: Uint8Array): Result<NiftiHeader> {
  const found = versionOf(bytes)
  if (found === null) return refuse('structure-damaged', 'The file is no NIfTI file.')
  const { layout, little } = found
  if (found.isPair)
    return refuse('pixel-format-unsupported', 'Header and voxels of the NIfTI image lie in two files.', {
      next: 'Export it as one .nii or .nii.gz file.',
    })
  if (bytes.length < layout.size) return refuse('truncated', 'The NIfTI file ends inside its header.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sizes = sizesOf(view, found)
  if (!sizes.ok) return sizes
  const word = (at: number): number =>
    layout.wordBytes === 2 ? view.getInt16(at, little) : view.getInt32(at, little)
  const real = (at: number): number => layout.real(view, at, little)
  const triple = (at: number): Triple => [
    real(at),
    real(at + layout.realBytes),
    real(at + 2 * layout.realBytes),
  ]
  const row = (k: number): readonly number[] => {
    const at = layout.realAt.rows + 4 * k * layout.realBytes
    return [...triple(at), real(at + 3 * layout.realBytes)]
  }
  const dataStart = layout.offset(view, little)
  if (!(Number.isInteger(dataStart) && dataStart >= layout.size))
    return damaged(`The voxels of the NIfTI file begin at byte ${dataStart}.`)
  const pixdim = (k: number): number => layout.pixdim(view, k, little)
  return {
    ok: true,
    value: {
      little,
      sizes: sizes.value,
      pixelSizes: [pixdim(1), pixdim(2), pixdim(3)],
      qfac: pixdim(0) < 0 ? -1 : 1,
      dataType: view.getInt16(layout.at.dataType, little),
      dataStart,
      slope: real(layout.realAt.slope),
      intercept: real(layout.realAt.intercept),
      shown: [real(layout.realAt.least), real(layout.realAt.most)],
      lengthUnit:
        (layout === VERSION_1 ? view.getUint8(layout.at.units) : view.getInt32(layout.at.units, little)) & 7,
      intent: word(layout.at.intent),
      qformCode: word(layout.at.qform),
      sformCode: word(layout.at.sform),
      quaternion: triple(layout.realAt.quaternion),
      qformOrigin: triple(layout.realAt.origin),
      sformRows: [row(0), row(1), row(2)],
    },
  }
}
