/** NIfTI label maps as readings on a series, and readings as label maps. */
import { accept, refuse, type Result, type Warning } from '../../../contract'
import { cropToBox } from '../../contour/box-mask'
import type { Inflate } from '../../files/inflate'
import { cross, dot, length, type Vector } from '../../geometry/vector'
import { readBackEqual } from '../read-back'
import { gzipFile } from '../../files/deflate-runs'
import {
  type Counts,
  type ExchangeReading,
  type ExchangeSlice,
  type ExchangeStructure,
  type Rgb,
  wholeMask,
} from '../exchange-reading'
import type { PlacedReading } from '../placed-readings'
import { type ImageTarget, requireSeries, type SeriesTarget, numberOfSlice } from '../image-target'
import {
  EXTENSION_COMMENT,
  NIFTI_DATA_START,
  NIFTI_HEADER_BYTES,
  type NiftiAffine,
  type NiftiImage,
  readNifti,
  unpackNifti,
} from './nifti-file'
import { kindOf, type Kind, wholeValues } from './nifti-values'
import { markedByShares } from '../shares'
import { type GridMap, mapGrid, niftiAffine, requirePlacesOfSlices, seriesAffine } from './nifti-grid'

interface Told {
  readonly reader: string
  readonly labels: ReadonlyMap<number, { readonly label: string; readonly colour: Rgb | null }>
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
const isRgb = (value: unknown): value is Rgb =>
  Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === 'number')

/** What our own comment extension says; nothing for other comments. */
function toldBy(comment: string): Told {
  let parsed: unknown = null
  try {
    parsed = JSON.parse(comment)
  } catch {
    parsed = null
  }
  const labels = new Map<number, { label: string; colour: Rgb | null }>()
  if (!isRecord(parsed)) return { reader: '', labels }
  const structures: readonly unknown[] = Array.isArray(parsed['structures']) ? parsed['structures'] : []
  for (const structure of structures) {
    if (!isRecord(structure)) continue
    const { value, label, colour } = structure
    if (typeof value !== 'number' || typeof label !== 'string') continue
    labels.set(value, { label, colour: isRgb(colour) ? colour : null })
  }
  const { reader } = parsed
  return { reader: typeof reader === 'string' ? reader : '', labels }
}

/** Values of one slice of the series, row by row. */
function sliceValues(image: NiftiImage, map: GridMap, target: SeriesTarget, slice: number): Float64Array {
  const strides = [1, image.dimensions[0], image.dimensions[0] * image.dimensions[1]] as const
  const [across, down, along] = map.axes.map(({ axis, reversed }) => {
    const stride = strides[axis]
    return reversed
      ? { first: (image.dimensions[axis] - 1) * stride, step: -stride }
      : { first: 0, step: stride }
  })
  const values = new Float64Array(target.widthPx * target.heightPx)
  if (across === undefined || down === undefined || along === undefined) return values
  const base = across.first + down.first + along.first + slice * along.step
  for (let row = 0; row < target.heightPx; row += 1) {
    for (let column = 0; column < target.widthPx; column += 1) {
      values[row * target.widthPx + column] = image.values[base + row * down.step + column * across.step] ?? 0
    }
  }
  return values
}

function exchangeSlice(
  values: Float64Array,
  target: SeriesTarget,
  sliceIndex: number,
  label: number | null,
): ExchangeSlice | null {
  const { widthPx, heightPx } = target
  const isSet = label === null ? (value: number) => value > 0 : (value: number) => value === label
  const pixels = new Uint8Array(values.length)
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = isSet(values[at] ?? 0) ? 1 : 0
  const box = cropToBox({ originColumn: 0, originRow: 0, mask: { widthPx, heightPx, pixels } })
  if (box.mask.pixels.length === 0) return null
  if (label !== null) return { sliceIndex, mask: box, fraction: null }
  const shares = Float32Array.from(box.mask.pixels, (_pixel, at) => {
    const row = box.originRow + Math.floor(at / box.mask.widthPx)
    return Math.min(1, values[row * widthPx + box.originColumn + (at % box.mask.widthPx)] ?? 0)
  })
  const marked = markedByShares(box, shares, 'probability')
  return marked === null ? null : { sliceIndex, ...marked }
}

function labelsIn(values: Float64Array): ReadonlySet<number> {
  const seen = new Set<number>()
  let last = 0
  for (const value of values) {
    if (value !== last && value !== 0) seen.add(value)
    last = value
  }
  return seen
}

function structuresOf(
  image: NiftiImage,
  map: GridMap,
  target: SeriesTarget,
  kind: Kind,
  told: Told,
): readonly ExchangeStructure[] {
  const labels = [...new Set([...kind.labels, ...told.labels.keys()])].sort((a, b) => a - b)
  const slices = new Map(labels.map((label): [number, ExchangeSlice[]] => [label, []]))
  for (let sliceIndex = 0; sliceIndex < target.slices.length; sliceIndex += 1) {
    const values = sliceValues(image, map, target, sliceIndex)
    for (const label of kind.shares ? [1] : labelsIn(values)) {
      const slice = exchangeSlice(values, target, sliceIndex, kind.shares ? null : label)
      if (slice !== null) slices.get(label)?.push(slice)
    }
  }
  return labels.map((ordinal) => ({
    ordinal,
    label: told.labels.get(ordinal)?.label ?? `Label ${ordinal}`,
    category: null,
    type: null,
    colour: told.labels.get(ordinal)?.colour ?? null,
    facts: {},
    slices: slices.get(ordinal) ?? [],
  }))
}

/**
 * A NIfTI-1 label map (.nii, .nii.gz) as one reading: a structure for each whole value above 0 (values that a scale
 * or floats made almost whole count as whole); values between 0 and 1 are shares of one structure. Axes may be swapped and turned, nothing is resampled. Refused by name: all that
 * `readNifti` and `mapGrid` refuse, negative values, images.
 */
export function readNiftiReading(
  bytes: Uint8Array,
  onto: ImageTarget,
  inflate: Inflate,
): Result<PlacedReading> {
  const series = requireSeries(onto, 'The NIfTI file')
  if (!series.ok) return series
  const target = series.value
  const mostVoxels = target.widthPx * target.heightPx * target.slices.length
  const unpacked = unpackNifti(bytes, mostVoxels, inflate)
  if (!unpacked.ok) return unpacked
  const read = readNifti(unpacked.value, mostVoxels)
  if (!read.ok) return read
  const map = mapGrid(target, read.value.affine, read.value.dimensions)
  if (!map.ok) return map
  const image = { ...read.value, values: wholeValues(read.value) }
  const kind = kindOf(image.values)
  if (!kind.ok) return kind
  const told = toldBy(image.comment)
  const structures = structuresOf(image, map.value, target, kind.value, told)
  const facts = image.description === '' ? {} : { description: image.description }
  const warnings: Warning[] = [
    {
      code: 'frame-of-reference-unnamed',
      text: 'A NIfTI file names no series and no frame of reference; it was placed by its coordinates alone.',
    },
  ]
  if (kind.value.shares) {
    const text = 'The file holds shares; pixels of one half or more are shown as the mask.'
    warnings.push({ code: 'fractional', text })
  }
  return accept({ reading: { reader: told.reader, facts, structures }, warnings })
}

const stepLengths = (steps: NiftiAffine['steps']): readonly number[] =>
  steps.map(([x, y, z]) => length([x, y, z]))

/** Quaternion of three steps at right angles (nifti1.h); null where they are not, as with a tilted gantry. */
function quaternionOf({ steps }: NiftiAffine): { readonly bcd: Vector; readonly qfac: number } | null {
  const sizes = stepLengths(steps)
  const [x, y, z] = steps.map((step, at): Vector => {
    const size = sizes[at] ?? 1
    return [step[0] / size, step[1] / size, step[2] / size]
  })
  if (x === undefined || y === undefined || z === undefined) return null
  const isSquare = [dot(x, y), dot(y, z), dot(x, z)].every((cosine) => Math.abs(cosine) < 1e-4)
  if (!isSquare) return null
  const qfac = dot(cross(x, y), z) < 0 ? -1 : 1
  const third: Vector = [z[0] * qfac, z[1] * qfac, z[2] * qfac]
  const [r11, r22, r33] = [x[0], y[1], third[2]]
  // The largest of the four parts first: no division by what may be zero.
  const squares = [1 + r11 + r22 + r33, 1 + r11 - r22 - r33, 1 - r11 + r22 - r33, 1 - r11 - r22 + r33]
  const best = squares.indexOf(Math.max(...squares))
  const part = Math.sqrt(squares[best] ?? 1) / 2
  const [p, q, r] = [third[1], third[0], y[0]]
  const [p2, q2, r2] = [y[2], x[2], x[1]]
  const quarter = 1 / (4 * part)
  const [a, b, c, d] = [
    [part, (p2 - p) * quarter, (q - q2) * quarter, (r2 - r) * quarter],
    [(p2 - p) * quarter, part, (r + r2) * quarter, (q + q2) * quarter],
    [(q - q2) * quarter, (r + r2) * quarter, part, (p + p2) * quarter],
    [(r2 - r) * quarter, (q + q2) * quarter, (p + p2) * quarter, part],
  ][best] ?? [1, 0, 0, 0]
  const sign = (a ?? 1) < 0 ? -1 : 1
  return { bcd: [(b ?? 0) * sign, (c ?? 0) * sign, (d ?? 0) * sign], qfac }
}

const HEADER_INTENT_LABEL = 1002
const UNITS_MM = 2
const SCANNER = 1

function headerOf(
  affine: NiftiAffine,
  sizes: readonly number[],
  bytesPerVoxel: 1 | 2,
  dataStart: number,
): Uint8Array {
  const bytes = new Uint8Array(NIFTI_DATA_START)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, NIFTI_HEADER_BYTES, true)
  bytes[38] = 0x72
  ;[3, ...sizes, 1, 1, 1, 1].forEach((size, at) => {
    view.setInt16(40 + 2 * at, size, true)
  })
  view.setInt16(68, HEADER_INTENT_LABEL, true)
  view.setInt16(70, bytesPerVoxel === 1 ? 2 : 512, true)
  view.setInt16(72, 8 * bytesPerVoxel, true)
  const quaternion = quaternionOf(affine)
  ;[quaternion?.qfac ?? 1, ...stepLengths(affine.steps)].forEach((size, at) => {
    view.setFloat32(76 + 4 * at, size, true)
  })
  view.setFloat32(108, dataStart, true)
  view.setFloat32(112, 1, true)
  bytes[123] = UNITS_MM
  bytes.set(new TextEncoder().encode('Margin reading'), 148)
  view.setInt16(252, quaternion === null ? 0 : SCANNER, true)
  view.setInt16(254, SCANNER, true)
  ;[...(quaternion?.bcd ?? [0, 0, 0]), ...affine.origin].forEach((value, at) => {
    view.setFloat32(256 + 4 * at, value, true)
  })
  for (const row of [0, 1, 2] as const) {
    ;[...affine.steps.map((step) => step[row]), affine.origin[row]].forEach((value, at) => {
      view.setFloat32(280 + 16 * row + 4 * at, value, true)
    })
  }
  bytes.set(new TextEncoder().encode('n+1'), 344)
  return bytes
}

/** One comment extension; its size is a multiple of 16. */
function extensionOf(text: string): Uint8Array {
  const body = new TextEncoder().encode(text)
  const bytes = new Uint8Array(Math.ceil((body.length + 8) / 16) * 16)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, bytes.length, true)
  view.setInt32(4, EXTENSION_COMMENT, true)
  bytes.set(body, 8)
  return bytes
}

/** Labels of all voxels, 1, 2, … by place of the structure; refused where two structures share a pixel. */
function voxelsOf(reading: ExchangeReading, target: SeriesTarget): Result<Uint8Array | Uint16Array> {
  const { widthPx, heightPx } = target
  const count = widthPx * heightPx * target.slices.length
  const voxels = reading.structures.length > 255 ? new Uint16Array(count) : new Uint8Array(count)
  for (const [at, structure] of reading.structures.entries()) {
    for (const slice of structure.slices) {
      const base = slice.sliceIndex * widthPx * heightPx
      const pixels = wholeMask(slice, widthPx, heightPx)
      for (let pixel = 0; pixel < pixels.length; pixel += 1) {
        if (pixels[pixel] !== 1) continue
        const other = voxels[base + pixel] ?? 0
        if (other !== 0) {
          return refuse(
            'annotation-unsupported',
            `"${reading.structures[other - 1]?.label ?? ''}" and "${structure.label}" share pixels on slice ${numberOfSlice(target, slice.sliceIndex)}; a label map holds one label a voxel.`,
            { next: 'Export one NIfTI file for each structure, or a DICOM segmentation.' },
          )
        }
        voxels[base + pixel] = at + 1
      }
    }
  }
  return accept(voxels)
}

/** Bytes of a NIfTI file read back and compared with the reading that it was written from. */
export function verifyNifti(
  bytes: Uint8Array,
  reading: ExchangeReading,
  target: SeriesTarget,
  inflate: Inflate,
): Result<Counts> {
  const most = target.widthPx * target.heightPx * target.slices.length
  const unpacked = unpackNifti(bytes, most, inflate)
  if (!unpacked.ok) return unpacked
  const written = readNifti(unpacked.value, most)
  if (!written.ok) return written
  const placed = requirePlacesOfSlices(target, written.value.affine)
  if (!placed.ok) return placed
  const read = readNiftiReading(bytes, target, inflate)
  return read.ok ? readBackEqual([reading], [read.value.reading]) : read
}

/**
 * A reading as a gzipped NIfTI-1 label map (.nii.gz) on the grid of the series: sform (and qform, where the axes are
 * at right angles) from LPS to RAS, names of reader and structures as JSON in a comment extension. Verified before
 * it is returned. Refused: structures that overlap, a series without even places.
 */
export function writeNifti(
  reading: ExchangeReading,
  target: SeriesTarget,
  inflate: Inflate,
): Result<Uint8Array> {
  const series = seriesAffine(target)
  if (!series.ok) return series
  const voxels = voxelsOf(reading, target)
  if (!voxels.ok) return voxels
  const structures = reading.structures.map(({ label, colour }, at) => ({ value: at + 1, label, colour }))
  const extension = extensionOf(JSON.stringify({ program: 'Margin', reader: reading.reader, structures }))
  const dataStart = NIFTI_DATA_START + extension.length
  const sizes = [target.widthPx, target.heightPx, target.slices.length]
  const isByte = voxels.value instanceof Uint8Array
  const file = new Uint8Array(dataStart + voxels.value.length * (isByte ? 1 : 2))
  file.set(headerOf(niftiAffine(series.value), sizes, isByte ? 1 : 2, dataStart))
  file[NIFTI_HEADER_BYTES] = 1
  file.set(extension, NIFTI_DATA_START)
  if (isByte) file.set(voxels.value, dataStart)
  else {
    const view = new DataView(file.buffer)
    voxels.value.forEach((value, at) => {
      view.setUint16(dataStart + 2 * at, value, true)
    })
  }
  const bytes = gzipFile(file)
  const verified = verifyNifti(bytes, reading, target, inflate)
  return verified.ok ? accept(bytes) : verified
}
