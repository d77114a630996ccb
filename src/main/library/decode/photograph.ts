/** A DICOM photograph in a decode thread: described when it is found, drawn when it is asked for. */
import { accept, refuse } from '../../../contract'
import type { Result, Warning } from '../../../contract'
import { describeObject } from '../../../core/dicom/describe-object'
import type { DicomObject, Named } from '../../../core/dicom/describe-object'
import {
  describeDicomPhotograph,
  isOphthalmicPhotograph,
  photographRgb,
} from '../../../core/dicom/photograph'
import type { DicomPhotograph } from '../../../core/dicom/photograph'
import { decodeFrame, leftOverWarnings } from '../../../core/dicom/pixels/decode-frame'
import type { Unpackers } from '../../../core/dicom/pixels/decode-frame'
import { overlayPlanes } from '../../../core/dicom/pixels/overlay-planes'
import type { DicomFile } from '../../../core/dicom/read-file'
import { blackWarnings } from '../../../core/image/almost-black'
import { rgbDescription } from '../../../core/image/slice-body'
import { MAX_PICTURE_PIXELS } from '../../pictures/limits'
import { readBeginning, readDicomSource } from './dicom-source'
import type { OpenSource } from './file-bytes'
import type { Answer } from './job'
import { readerOf, sliceBody } from './open-frames'

type DicomImage = Extract<DicomObject, { kind: 'image' }>

interface Shown {
  readonly photograph: DicomPhotograph
  readonly rgb: Uint8Array<ArrayBuffer>
}

const OVERLAY_LEFT: Warning = {
  code: 'overlay-not-shown',
  text: 'The file lays an overlay plane over the photograph, which is not shown.',
}

/** Whether what was found is one photograph: of several frames it is a series. */
export const isPhotograph = ({ instance }: DicomImage): boolean =>
  isOphthalmicPhotograph(instance) && instance.frames.length === 1

/** Decodes it: what it is, with all that was noticed, and its colours. */
export function shownPhotograph(
  open: OpenSource,
  file: DicomFile,
  { instance, pixels }: DicomImage,
  unpackers: Unpackers,
): Result<Shown> {
  const { rows, columns } = instance.layout
  if (rows * columns > MAX_PICTURE_PIXELS)
    return refuse('pixels-too-large', `The photograph has more than ${MAX_PICTURE_PIXELS} pixels.`)
  const read = readerOf(open, file)
  const stored = decodeFrame(file, pixels, 0, read, unpackers)
  if (!stored.ok) return stored
  const rescale = instance.frames[0]?.rescale ?? { slope: 1, intercept: 0, unit: '' }
  const body = sliceBody({ file, pixels, read, warnings: [] }, stored.value, rescale)
  if (!body.ok) return body
  const { rgb, warnings } = photographRgb(instance, stored.value, body.value)
  const described = describeDicomPhotograph(file.dataSet, instance)
  const noticed = [
    ...leftOverWarnings(stored.value),
    ...body.value.description.warnings.filter(({ code }) => code !== 'colour-depth'),
    ...warnings,
    ...(overlayPlanes(file.dataSet, 0, { ...pixels, read }) === null ? [] : [OVERLAY_LEFT]),
    ...blackWarnings(rgb),
  ]
  return accept({ photograph: { ...described, warnings: [...described.warnings, ...noticed] }, rgb })
}

/** The photograph that a source holds, as the page shows it. */
export function photographAnswer(open: OpenSource, named: Named, unpackers: Unpackers): Result<Answer> {
  const file = readDicomSource(open, readBeginning(open))
  if (!file.ok) return file
  const found = describeObject(file.value, named)
  if (!found.ok) return found
  if (found.value.kind !== 'image' || !isPhotograph(found.value))
    return refuse('not-found', 'The file holds no photograph any more.', { next: 'Open its folder again.' })
  const shown = shownPhotograph(open, file.value, found.value, unpackers)
  if (!shown.ok) return shown
  const { photograph, rgb } = shown.value
  const { width: widthPx, height: heightPx, warnings } = photograph
  const description = rgbDescription({ widthPx, heightPx }, warnings)
  return accept({ kind: 'slice', description, bytes: rgb, graphics: null })
}
