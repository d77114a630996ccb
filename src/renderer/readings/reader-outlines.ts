import type { Agreement, PixelSpacing, Reading, Structure } from '../../contract'
import { decodeBoxMask } from '../../core/contour/box-mask'
import { countPixels } from '../../core/image/mask'
import { pixelSizeOf, sizesOfMask } from '../../core/uncertainty/sizes'
import { readerOutlines } from '../viewer/worker/reader-outlines'
import type { ReaderOutline } from '../viewer/viewport-types'
import { formatSizeWithUnit } from '../../core/words/numbers'
import type { ReaderRow } from '../run/reader-row'
import { colourIndexOf } from '../../core/words/size-rows'

/** Outlines of all structures' readers on one slice. */
export function outlinesOnSlice(
  structures: readonly Structure[],
  sliceIndex: number,
  hiddenReaders: ReadonlySet<string>,
): readonly ReaderOutline[] {
  return structures.flatMap((structure) =>
    structure.readings.flatMap((reading): ReaderOutline[] => {
      const rings = ringsOn(reading, sliceIndex)
      if (rings.length === 0) return []
      return [
        {
          letter: reading.letter,
          label: reading.label,
          colourIndex: colourIndexOf(reading.letter),
          rings,
          visible: !hiddenReaders.has(reading.letter),
        },
      ]
    }),
  )
}

/** Traced once: the readings themselves never change. */
const traced = new WeakMap<Reading, Map<number, readonly Float32Array[]>>()

function ringsOn(reading: Reading, sliceIndex: number): readonly Float32Array[] {
  const bySlice = traced.get(reading) ?? new Map<number, readonly Float32Array[]>()
  traced.set(reading, bySlice)
  const known = bySlice.get(sliceIndex)
  if (known !== undefined) return known
  const rings = reading.slices
    .filter((slice) => slice.sliceIndex === sliceIndex)
    .flatMap((slice) => readerOutlines(slice.mask))
  bySlice.set(sliceIndex, rings)
  return rings
}

/** The readers of a structure with their size on a slice, or why there is none. */
export function readerRows(
  structure: Structure | null,
  sliceIndex: number,
  spacingMm: PixelSpacing | null,
): readonly ReaderRow[] {
  return (structure?.readings ?? []).map((reading) => ({
    letter: reading.letter,
    label: reading.label,
    colourIndex: colourIndexOf(reading.letter),
    size: sizeOn(reading, sliceIndex, spacingMm),
  }))
}

function sizeOn(reading: Reading, sliceIndex: number, spacingMm: PixelSpacing | null): string {
  if (reading.empty) return 'nothing'
  const box = reading.slices.find((slice) => slice.sliceIndex === sliceIndex)
  if (box === undefined) return 'not here'
  const { mask } = decodeBoxMask(box.mask)
  const pixel = pixelSizeOf({ columnStep: 1, rowStep: 1 }, spacingMm)
  const sizes = sizesOfMask(mask, countPixels(mask), pixel)
  return sizes === null ? 'not here' : formatSizeWithUnit(sizes.equivalentDiameter, pixel.unit)
}

/** The readers of a photograph with their share of the field, which is known once a run has found the field. */
export function fieldShares(structure: Structure | null, agreement: Agreement | null): readonly ReaderRow[] {
  return (structure?.readings ?? []).map((reading) => {
    const compared = agreement?.readers.find((one) => one.readingId === reading.readingId)
    const area = formatSizeWithUnit(reading.voxels, 'px²')
    return {
      letter: reading.letter,
      label: reading.label,
      colourIndex: colourIndexOf(reading.letter),
      size: compared?.shareOfField === undefined ? area : formatSizeWithUnit(compared.shareOfField, '%'),
    }
  })
}
