/** The pixels of a DICOM file, open for decoding, and one frame of them as it crosses to the page. */
import type { Result, Warning } from '../../../contract'
import { openPixels, requireDecoder, unusedBitsWarnings } from '../../../core/dicom/pixels/decode-frame'
import type { OpenPixels, ReadBytes } from '../../../core/dicom/pixels/decode-frame'
import type { Rescale } from '../../../core/dicom/instance'
import { modalityLutOf, paletteOf } from '../../../core/dicom/pixels/lookup-tables'
import { overlayBits } from '../../../core/dicom/pixels/overlay-planes'
import { describePixels } from '../../../core/dicom/pixels/image-pixels'
import type { DicomFile } from '../../../core/dicom/read-file'
import { TAG } from '../../../core/dicom/elements'
import { words } from '../../../core/dicom/values'
import { lookUp } from '../../../core/image/lookup-table'
import { paletteRgb8 } from '../../../core/image/palette'
import type { StoredFrame } from '../../../core/image/pixel-layout'
import { colourSlice, greySlice } from '../../../core/image/slice-body'
import type { SliceBody } from '../../../core/image/slice-body'
import { readBeginning, readDicomSource } from './dicom-source'
import type { OpenSource } from './file-bytes'

/** Bytes of a DICOM file: of the inflated data set where it was deflated, else of the source, read where they are needed. */
export const readerOf = (open: OpenSource, file: DicomFile): ReadBytes =>
  file.syntax.deflated ? (offset, length) => file.dataSet.bytes.subarray(offset, offset + length) : open.read

export const doubtsOf = (stored: StoredFrame, file: DicomFile, { layout }: OpenPixels): readonly Warning[] =>
  unusedBitsWarnings(stored, layout, overlayBits(file.dataSet))

export interface Decoding {
  readonly file: DicomFile
  readonly pixels: OpenPixels
  readonly read: ReadBytes
  readonly warnings: readonly { code: string; text: string }[]
}

/** Opens the pixels of a DICOM file for decoding, whatever kind of object it is. */
export function openForDecoding(open: OpenSource): Result<Decoding> {
  const file = readDicomSource(open, readBeginning(open))
  if (!file.ok) return file
  const supported = requireDecoder(file.value)
  if (!supported.ok) return supported
  const described = describePixels(file.value.dataSet, file.value.syntax)
  if (!described.ok) return described
  const pixels = openPixels(file.value, described.value.layout)
  if (!pixels.ok) return pixels
  const warnings = [...file.value.warnings, ...described.value.warnings, ...pixels.value.warnings]
  return {
    ok: true,
    value: { file: file.value, pixels: pixels.value, read: readerOf(open, file.value), warnings },
  }
}

/** `rescale`: of the frame, used where the file brings no modality LUT. */
export function sliceBody(decoding: Decoding, stored: StoredFrame, rescale: Rescale): Result<SliceBody> {
  const { dataSet } = decoding.file
  const { signed } = decoding.pixels.layout
  const doubts = doubtsOf(stored, decoding.file, decoding.pixels)
  if (stored.form === 'rgb') return { ok: true, value: colourSlice(stored, stored.values, doubts) }
  if (stored.form === 'index') {
    const palette = paletteOf(dataSet, signed)
    return palette.ok
      ? { ok: true, value: colourSlice(stored, paletteRgb8(stored.values, palette.value), doubts) }
      : palette
  }
  const lut = modalityLutOf(dataSet, signed)
  if (lut.ok && lut.value !== null) {
    const meaning = { slope: 1, intercept: 0, unit: lut.value.unit, paddingStored: null }
    return { ok: true, value: greySlice(stored, lookUp(stored.values, lut.value.table), meaning, doubts) }
  }
  const paddingStored = words(dataSet, TAG.PixelPaddingValue, signed)[0] ?? null
  const limit = words(dataSet, TAG.PixelPaddingRangeLimit, signed)[0]
  const padding = { paddingStored, ...(limit === undefined ? {} : { paddingLimitStored: limit }) }
  return { ok: true, value: greySlice(stored, stored.values, { ...rescale, ...padding }, doubts) }
}
