/**
 * Readings as mask pictures and back: one PNG a structure and slice, white is set. Text chunks say whose it is
 * (Author), of what (Title) and of which slice (Source); pictures without them are read by their names
 * (picture-names.ts). A structure that nothing was drawn of has one black picture.
 */
import { accept, refuse, type Result } from '../../../contract'
import { cropToBox } from '../../contour/box-mask'
import { uidInFiles } from '../../dicom/made-up-uid'
import type { Mask } from '../../image/mask'
import type { Inflate } from '../../files/inflate'
import { readBackEqual, wellFormed } from '../read-back'
import type { Counts, ExchangeReading, ExchangeSlice, ExchangeStructure } from '../exchange-reading'
import type { PlacedReadings } from '../placed-readings'
import { wholeMask } from '../exchange-reading'
import { type ImageTarget, numberOfSlice, requireSize, type SeriesTarget } from '../image-target'
import {
  countedWarnings,
  nameKey,
  nameOfSlice,
  type NamedSlice,
  pathPart,
  sliceOfName,
  stemOf,
  structureOfName,
} from './picture-names'
import type { NamedFile } from '../../files/named-file'
import { pngTexts, writePngMask, writtenPngMask } from '../../files/png-file'

const NUMBER_DIGITS = 4
const SOFTWARE = 'Margin'

/** What a picture marks (`core/image/marked-pixels.ts`), as the program's one decoder of pictures gave it. */
export type PictureDecoder = (file: NamedFile) => Result<Mask>

interface Picture {
  readonly reader: string
  readonly ordinal: number
  readonly label: string
  readonly sliceIndex: number
  /** Placed by a number in its name. */
  readonly isCounted: boolean
  readonly slice: ExchangeSlice | null
}

const hasUid = (target: SeriesTarget, index: number): boolean =>
  uidInFiles(target.slices[index]?.sopInstanceUid ?? '') !== null

/**
 * The slice of a mask: the one that its text names, else its file. A text that Margin wrote is never passed over: the
 * file's own number may be that of another series.
 */
function sliceOf(path: string, texts: ReadonlyMap<string, string>, target: ImageTarget): Result<NamedSlice> {
  const source = texts.get('Source') ?? ''
  // Other programs write texts of their own under this keyword.
  const isOurs = texts.get('Software') === SOFTWARE && source !== ''
  const isElsewhere = target.kind === 'image' && isOurs && nameKey(source) !== nameKey(target.name)
  const named = isElsewhere ? null : sliceOfName(target, source)
  // Margin counts slices only where they have no UIDs: one that has was not meant.
  const isConfirmed =
    named !== null && !(isOurs && named.isCounted && target.kind === 'series' && hasUid(target, named.index))
  if (isConfirmed) return accept(named)
  const byPath = isOurs ? null : sliceOfName(target, path)
  if (byPath !== null) return accept(byPath)
  if (isOurs) {
    const here = target.kind === 'series' ? 'no slice of this series' : `not ${target.name}`
    return refuse('annotation-mismatch', `The mask was drawn on ${source}, which is ${here}.`, {
      next: 'Open the image that it was drawn on, with all its slices.',
    })
  }
  return refuse('annotation-mismatch', 'The name of the mask leads to no slice of the series.', {
    next: 'Name it slice-12.png (the 12th along the normal, of an axial CT from the feet) or by the SOP Instance UID of its slice.',
  })
}

function pictureOf(file: NamedFile, target: ImageTarget, maskOf: PictureDecoder): Result<Picture> {
  const at = { path: file.path }
  const read = maskOf(file)
  if (!read.ok) return { ok: false, refusal: { ...read.refusal, ...at } }
  const mask = read.value
  const said = pngTexts(file.bytes)
  if (!said.ok) return { ok: false, refusal: { ...said.refusal, ...at } }
  const texts = said.value
  const size = requireSize(target, mask.widthPx, mask.heightPx, `The mask ${stemOf(file.path)}`)
  if (!size.ok) return { ok: false, refusal: { ...size.refusal, ...at } }
  const named = sliceOf(file.path, texts, target)
  if (!named.ok) return { ok: false, refusal: { ...named.refusal, ...at } }
  const { index: sliceIndex, isCounted } = named.value
  const box = cropToBox({ originColumn: 0, originRow: 0, mask })
  const ordinal = structureOfName(file.path)
  return accept({
    reader: texts.get('Author') ?? '',
    ordinal,
    label: texts.get('Title') ?? `Structure ${ordinal}`,
    sliceIndex,
    isCounted,
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
  maskOf: PictureDecoder,
): Result<PlacedReadings> {
  const pictures: Picture[] = []
  const taken = new Set<string>()
  for (const file of files) {
    const picture = pictureOf(file, target, maskOf)
    if (!picture.ok) return picture
    const { reader, ordinal, sliceIndex } = picture.value
    const key = JSON.stringify([reader, ordinal, sliceIndex])
    if (taken.has(key)) {
      const where = target.kind === 'series' ? ` on slice ${numberOfSlice(target, sliceIndex)}` : ''
      const reason = `Two masks are of structure ${ordinal}${where}.`
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
  const counted = pictures.filter(({ isCounted }) => isCounted).length
  return accept({ readings, warnings: countedWarnings(counted, counted === 1 ? 'mask was' : 'masks were') })
}

/**
 * The number that stands on the page, and the instance, which alone places it again: a number in a name counts along the
 * normal. Where slices have no UID there is only that number.
 */
function nameOfMask(target: SeriesTarget, index: number): string {
  const numbered = (number: number): string => `slice-${String(number).padStart(NUMBER_DIGITS, '0')}`
  const uid = target.slices[index]?.sopInstanceUid ?? ''
  // One that was made up for a copy would be found as the other copy.
  return uidInFiles(uid) === uid
    ? `${numbered(numberOfSlice(target, index))}_${nameOfSlice(target, index)}`
    : numbered(index + 1)
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
  const name =
    target.kind === 'series' ? nameOfMask(target, index) : pathPart(stemOf(target.name), 'photograph')
  const folder = `structure-${ordinal}-${pathPart(structure.label, 'unnamed')}`
  const texts = { Author: reading.reader, Title: structure.label, Source: source, Software: SOFTWARE }
  return {
    path: `${folder}/${name}${slice === null ? '-nothing-drawn' : ''}.png`,
    bytes: writePngMask({ widthPx, heightPx, pixels }, texts),
  }
}

/** Names as a text chunk holds them: a mark of byte order at the start is no letter of UTF-8. */
const held = (name: string): string => wellFormed(name).replace(/^\ufeff/u, '')

/** Pictures read back and compared with the reading that they were written from. */
export function verifyMaskPictures(
  files: readonly NamedFile[],
  reading: ExchangeReading,
  target: ImageTarget,
  inflate: Inflate,
): Result<Counts> {
  const read = readMaskPictures(files, target, ({ bytes }) => writtenPngMask(bytes, inflate))
  return read.ok ? readBackEqual([reading], read.value.readings, { reader: held, label: held }) : read
}

/** A reading as PNG masks under `structure-1-…/slice-0012_UID.png`, verified before they are returned. */
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
