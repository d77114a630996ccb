/** NIfTI images in a decode thread: one file is one series, known by its content. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { accept, refuse } from '../../../contract'
import type { Result, WindowSetting } from '../../../contract'
import type { Instance } from '../../../core/dicom/instance'
import type { Named } from '../../../core/dicom/describe-object'
import { madeUpUid } from '../../../core/dicom/made-up-uid'
import { isLabelMap } from '../../../core/exchange/nifti/label-map'
import {
  isNifti,
  NIFTI_LONGEST_HEADER_BYTES,
  readNiftiHeader,
} from '../../../core/exchange/nifti/nifti-header'
import {
  niftiVolume,
  type NiftiVolume,
  planeValues,
  rescaleOfNifti,
  shownValues,
} from '../../../core/exchange/nifti/nifti-volume'
import { type PixelArray, sampleType } from '../../../core/image/pixel-layout'
import { valueRange } from '../../../core/image/range'
import { colourSlice, greySlice } from '../../../core/image/slice-body'
import { SOFT_TISSUE_WINDOW, LUNG_WINDOW } from '../../../core/image/window'
import { NIFTI } from '../../../core/subject/modalities'
import type { OpenSource } from './file-bytes'
import type { Answer, Inspection } from './job'

const headerBytes = (open: OpenSource): Uint8Array<ArrayBuffer> =>
  open.read(0, Math.min(open.totalBytes, NIFTI_LONGEST_HEADER_BYTES))

export const isNiftiSource = (open: OpenSource): boolean => isNifti(headerBytes(open))

/** The volume that a file holds, all of it there. */
function openVolume(open: OpenSource): Result<NiftiVolume> {
  const header = readNiftiHeader(headerBytes(open))
  if (!header.ok) return header
  const volume = niftiVolume(header.value)
  if (!volume.ok) return volume
  const { planeBytes, stored } = volume.value
  const end = header.value.dataStart + planeBytes * stored[2]
  if (end <= open.totalBytes) return volume
  return refuse('truncated', `The NIfTI file has ${open.totalBytes} bytes; its voxels end at byte ${end}.`, {
    next: 'Copy or export the file again.',
  })
}

const planeBytes = (open: OpenSource, volume: NiftiVolume, slice: number): Uint8Array<ArrayBuffer> =>
  open.read(volume.header.dataStart + slice * volume.planeBytes, volume.planeBytes)

function* planes(open: OpenSource, volume: NiftiVolume): Generator<PixelArray> {
  for (let slice = 0; slice < volume.stored[2]; slice += 1)
    yield planeValues(volume, planeBytes(open, volume, slice))
}

/** As many slices say what values there are: each is read for it. */
const SAMPLED_SLICES = 12

/** Values of a CT in HU lie between these; air is there, and bone. The file names no unit, so that the windows ask. */
const AIR = [-3100, -900] as const
const BONE = [500, 33_000] as const
const within = (value: number, [least, most]: readonly [number, number]): boolean =>
  value >= least && value <= most

function windowsOf(open: OpenSource, volume: NiftiVolume): readonly WindowSetting[] {
  const { header, layout, stored } = volume
  if (layout.colour !== 'grey') return []
  const [least, most] = header.shown
  const named = Number.isFinite(most - least) && most > least
  const own = named
    ? [{ centre: (least + most + 1) / 2, width: most - least + 1, label: 'from the file' }]
    : []
  const { slope, intercept } = rescaleOfNifti(header)
  const count = Math.min(SAMPLED_SLICES, stored[2])
  const ends: number[] = []
  for (let k = 0; k < count; k += 1) {
    const slice = Math.floor(((k + 0.5) * stored[2]) / count)
    const range = valueRange(planeValues(volume, planeBytes(open, volume, slice)))
    ends.push(range.least * slope + intercept, range.most * slope + intercept)
  }
  const isLikeHu = within(Math.min(...ends), AIR) && within(Math.max(...ends), BONE)
  const asHu = [SOFT_TISSUE_WINDOW, LUNG_WINDOW].map((window) => ({
    ...window,
    label: `${window.label}, if HU`,
  }))
  return isLikeHu ? [...own, ...asHu] : own
}

/** SHA-256 of header and first volume. */
function contentOf(open: OpenSource, volume: NiftiVolume): string {
  const hash = createHash('sha256').update(open.read(0, volume.header.dataStart))
  for (let slice = 0; slice < volume.stored[2]; slice += 1) hash.update(planeBytes(open, volume, slice))
  return hash.digest('hex')
}

const UNSTATED =
  'Neither modality nor unit is stated (NIfTI): values are as the file has them. Models that read CT may be wrong on them.'

function instanceOf(open: OpenSource, volume: NiftiVolume, { path }: Named): Instance {
  const { layout, frames, warnings } = volume
  const content = contentOf(open, volume)
  const name = basename(path.split('!/').at(-1) ?? path).normalize('NFC')
  const none = { patientId: '', bodyPart: '', studyDate: '', seriesDate: '', kernel: '', kilovoltagePeak: '' }
  return {
    path,
    // By its content: a file that is moved keeps its readings.
    sopInstanceUid: madeUpUid('instance', content),
    seriesUid: madeUpUid('series', content),
    studyUid: madeUpUid('study', content),
    ...{ sopClassUid: '', transferSyntaxUid: '', modality: NIFTI, description: name, ...none },
    ...{ seriesNumber: null, instanceNumber: null, sliceThicknessMm: null, paddingStored: null },
    ...{ stackKeys: [], layout, frames, lossy: false },
    photometric: layout.colour === 'grey' ? 'MONOCHROME2' : 'RGB',
    windows: windowsOf(open, volume),
    warnings: [{ code: 'modality-unstated', text: UNSTATED }, ...warnings],
  }
}

/** A label map is a reading, and listed as one: whoever reads blind is not to see it as a picture. */
const LABELS = 'NIfTI label map: what somebody drew. It comes in as a reading of its series.'
const LABEL_INTENT = 1002

/** What a NIfTI file is: the image of a series, or what somebody drew. */
export function inspectNifti(open: OpenSource, named: Named): Result<Inspection> {
  const found = openVolume(open)
  if (!found.ok) return found
  const volume = found.value
  const isDrawn = volume.header.intent === LABEL_INTENT || isLabelMap(planes(open, volume))
  if (!isDrawn) return accept({ kind: 'image', instance: instanceOf(open, volume, named) })
  const document = { path: named.path, sopClassUid: '', seriesUid: null, note: LABELS }
  return accept({ kind: 'document', document })
}

/** One slice as it is shown. */
export function niftiSlice(open: OpenSource, slice: number): Result<Answer> {
  const found = openVolume(open)
  if (!found.ok) return found
  const volume = found.value
  const { layout, stored } = volume
  if (slice < 0 || slice >= stored[2]) return refuse('not-found', `The file has ${stored[2]} slices.`)
  const values = shownValues(volume, planeValues(volume, planeBytes(open, volume, slice)))
  const form = layout.colour === 'rgb' ? 'rgb' : 'grey'
  const size = { widthPx: layout.columns, heightPx: layout.rows }
  const frame = { ...size, form, dtype: sampleType(layout), values } as const
  const meaning = { ...rescaleOfNifti(volume.header), paddingStored: null }
  const body = form === 'rgb' ? colourSlice(frame, values, []) : greySlice(frame, values, meaning, [])
  return accept({ kind: 'slice', ...body, graphics: null })
}

/** Of a NIfTI file there are no DICOM elements. */
export const withoutElements = (): Result<never> =>
  refuse('not-dicom', 'The series is a NIfTI file, which has no DICOM elements.', {
    next: 'Choose NIfTI or the masks as PNG.',
  })
