/**
 * Readings as mask pictures and back: one PNG a structure and slice, white is set. Text chunks say whose it is
 * (Author), of what (Title) and of which slice (Source); pictures without them are read by their names
 * (picture-names.ts). A structure that nothing was drawn of has one black picture.
 */
import { accept, refuse, type Result, type Warning } from '../../../contract'
import { cropToBox } from '../../contour/box-mask'
import type { Inflate } from '../../files/inflate'
import { compareReadings } from '../compare-readings'
import {
  type Counts,
  type ExchangeReading,
  type ExchangeSlice,
  type ExchangeStructure,
  wholeMask,
} from '../exchange-reading'
import { type ImageTarget, requireSize } from '../image-target'
import { nameOfSlice, pathPart, sliceOfName, stemOf, structureOfName } from './picture-names'
import type { NamedFile } from '../../files/named-file'
import { readPngMask, writePngMask } from '../../files/png-file'

const NUMBER_DIGITS = 4

interface Picture {
  readonly reader: string
  readonly ordinal: number
  readonly label: string
  readonly sliceIndex: number
  readonly slice: ExchangeSlice | null
}

function pictureOf(file: NamedFile, target: ImageTarget, inflate: Inflate): Result<Picture> {
  const at = { path: file.path }
  const read = readPngMask(file.bytes, inflate)
  if (!read.ok) return { ok: false, refusal: { ...read.refusal, ...at } }
  const { mask, texts } = read.value
  const size = requireSize(target, mask.widthPx, mask.heightPx, `The mask ${stemOf(file.path)}`)
  if (!size.ok) return { ok: false, refusal: { ...size.refusal, ...at } }
  // Other programs write texts of their own under this keyword.
  const sliceIndex = sliceOfName(target, texts.get('Source') ?? '') ?? sliceOfName(target, file.path)
  if (sliceIndex === null) {
    return refuse('annotation-mismatch', 'The name of the mask leads to no slice of the series.', {
      ...at,
      next: 'Name it slice-12.png (the 12th slice, as shown) or by the SOP Instance UID of its slice.',
    })
  }
  const box = cropToBox({ originColumn: 0, originRow: 0, mask })
  const ordinal = structureOfName(file.path)
  return accept({
    reader: texts.get('Author') ?? '',
    ordinal,
    label: texts.get('Title') ?? `Structure ${ordinal}`,
    sliceIndex,
    slice: box.mask.pixels.length === 0 ? null : { sliceIndex, mask: box, fraction: null },
  })
}

function structuresOf(pictures: readonly Picture[]): readonly ExchangeStructure[] {
  const ordinals = [...new Set(pictures.map(({ ordinal }) => ordinal))].sort((a, b) => a - b)
  return ordinals.map((ordinal) => {
    const own = pictures.filter((picture) => picture.ordinal === ordinal)
    return {
      ordinal,
      label: own[0]?.label ?? '',
      category: null,
      type: null,
      colour: null,
      facts: {},
      slices: own.flatMap(({ slice }) => slice ?? []).sort((a, b) => a.sliceIndex - b.sliceIndex),
    }
  })
}

/**
 * Mask pictures as readings, one for each author that they name. Refused: pictures of another size, names that lead to
 * no slice, two pictures of one structure by one reader on one slice, and what is no PNG mask.
 */
export function readMaskPictures(
  files: readonly NamedFile[],
  target: ImageTarget,
  inflate: Inflate,
): Result<{ readonly readings: readonly ExchangeReading[]; readonly warnings: readonly Warning[] }> {
  const pictures: Picture[] = []
  const taken = new Set<string>()
  for (const file of files) {
    const picture = pictureOf(file, target, inflate)
    if (!picture.ok) return picture
    const { reader, ordinal, sliceIndex } = picture.value
    const key = JSON.stringify([reader, ordinal, sliceIndex])
    if (taken.has(key)) {
      const reason = `Two masks are of structure ${ordinal} on slice ${sliceIndex + 1}.`
      return refuse('annotation-mismatch', reason, {
        path: file.path,
        next: 'Bring masks of several readers in one reader at a time.',
      })
    }
    taken.add(key)
    pictures.push(picture.value)
  }
  const readers = [...new Set(pictures.map(({ reader }) => reader))]
  const readings = readers.map((reader) => ({
    reader,
    facts: {},
    structures: structuresOf(pictures.filter((picture) => picture.reader === reader)),
  }))
  return accept({ readings, warnings: [] })
}

function pictureFile(
  reading: ExchangeReading,
  structure: ExchangeStructure,
  ordinal: number,
  target: ImageTarget,
  slice: ExchangeSlice | null,
): NamedFile {
  const { widthPx, heightPx } = target
  const index = slice?.sliceIndex ?? 0
  const pixels = slice === null ? new Uint8Array(widthPx * heightPx) : wholeMask(slice, widthPx, heightPx)
  const source = target.kind === 'series' ? nameOfSlice(target, index) : target.name
  const number = String(index + 1).padStart(NUMBER_DIGITS, '0')
  const name = target.kind === 'series' ? `slice-${number}` : pathPart(stemOf(target.name), 'photograph')
  const folder = `structure-${ordinal}-${pathPart(structure.label, 'unnamed')}`
  const texts = { Author: reading.reader, Title: structure.label, Source: source, Software: 'Margin' }
  return {
    path: `${folder}/${name}${slice === null ? '-nothing-drawn' : ''}.png`,
    bytes: writePngMask({ widthPx, heightPx, pixels }, texts),
  }
}

/** Pictures read back and compared with the reading that they were written from. */
export function verifyMaskPictures(
  files: readonly NamedFile[],
  reading: ExchangeReading,
  target: ImageTarget,
  inflate: Inflate,
): Result<Counts> {
  const read = readMaskPictures(files, target, inflate)
  return read.ok ? compareReadings([reading], read.value.readings) : read
}

/** A reading as PNG masks under `structure-1-…/slice-0012.png`, verified before they are returned. */
export function writeMaskPictures(
  reading: ExchangeReading,
  target: ImageTarget,
  inflate: Inflate,
): Result<readonly NamedFile[]> {
  if (reading.structures.length === 0) {
    return refuse(
      'annotation-unsupported',
      `The reading of ${reading.reader || 'the reader'} has no structure.`,
    )
  }
  const files = reading.structures.flatMap((structure, at) => {
    const slices = structure.slices.length === 0 ? [null] : structure.slices
    return slices.map((slice) => pictureFile(reading, structure, at + 1, target, slice))
  })
  const verified = verifyMaskPictures(files, reading, target, inflate)
  return verified.ok ? accept(files) : verified
}
