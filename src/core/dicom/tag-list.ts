/**
 * The elements of a file as rows to read: what the file says, not what the program makes of it. Depth is bounded by the
 * reader of elements, rows and characters here, so that no file makes the list large.
 */
import { MAX_TAG_ROWS, TAG_VALUE_CHARACTERS, type SliceTags, type TagRow } from '../../contract'
import { ELEMENTS, TAG } from './elements'
import { type DataSet, type Element, UNDEFINED_LENGTH } from './read-elements'
import type { DicomFile } from './read-file'
import { ascii, cleanText, type TextReader } from './text'
import { code, codes, readerOf, valueBytes } from './values'

/** What PS3.6 calls an element, and its value representation. */
export interface TagName {
  readonly keyword: string
  readonly vr: string
}

/** A dictionary; null for what it does not have. */
export type TagNames = (tag: number) => TagName | null

const own = new Map<number, TagName>(
  Object.entries(ELEMENTS).map(([keyword, [tag, vr]]) => [tag, { keyword, vr }]),
)

/** Groups with an odd number belong to the maker of the device, PS3.5 7.8. */
const isPrivate = (tag: number): boolean => Math.floor(tag / 0x10000) % 2 === 1

const PIXELS = new Set<number>([TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData])
const PLAIN_TEXT = new Set(['AE', 'AS', 'CS', 'DA', 'DS', 'DT', 'IS', 'TM', 'UI', 'UR'])
const WRITTEN_TEXT = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT'])
/** A value of so many bytes is text as a whole; the longest character of any set has four. */
const TEXT_BYTES = 4 * TAG_VALUE_CHARACTERS

type ReadNumber = (view: DataView, at: number, littleEndian: boolean) => string

const NUMBERS: Readonly<Record<string, readonly [sizeBytes: number, ReadNumber]>> = {
  US: [2, (view, at, little) => String(view.getUint16(at, little))],
  SS: [2, (view, at, little) => String(view.getInt16(at, little))],
  UL: [4, (view, at, little) => String(view.getUint32(at, little))],
  SL: [4, (view, at, little) => String(view.getInt32(at, little))],
  FL: [4, (view, at, little) => String(Number(view.getFloat32(at, little).toPrecision(7)))],
  FD: [8, (view, at, little) => String(view.getFloat64(at, little))],
  SV: [8, (view, at, little) => String(view.getBigInt64(at, little))],
  UV: [8, (view, at, little) => String(view.getBigUint64(at, little))],
  AT: [4, (view, at, little) => [0, 2].map((by) => hex(view.getUint16(at + by, little), 4)).join(',')],
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')

interface Listing {
  readonly rows: TagRow[]
  readonly names: TagNames
  /** The frame that is looked at: of the groups of each frame only its own are listed. */
  readonly frame: number
  /** Rows that nested elements may still take. */
  room: number
  leftOut: number
}

/** Rows of a file's meta group and data set, up to its pixels. `frame` from 0. */
export function listTags(file: DicomFile, frame: number, names: TagNames): SliceTags {
  const top = file.meta.elements.size + file.dataSet.elements.size
  const listing: Listing = { rows: [], names, frame, room: Math.max(0, MAX_TAG_ROWS - top), leftOut: 0 }
  for (const set of [file.meta, file.dataSet]) {
    const reader = readerOf(set)
    // A file of nothing but top-level elements is bounded too.
    for (const element of [...set.elements.values()].sort((a, b) => a.tag - b.tag)) {
      if (listing.rows.length >= MAX_TAG_ROWS) listing.leftOut += 1
      else listElement(listing, set, element, 0, reader)
    }
  }
  const { rows, leftOut } = listing
  return { sopInstanceUid: code(file.dataSet, TAG.SOPInstanceUID), rows, leftOut }
}

function listElement(
  listing: Listing,
  set: DataSet,
  element: Element,
  depth: number,
  reader: TextReader,
): void {
  const { tag } = element
  const known = isPrivate(tag) ? null : (listing.names(tag) ?? own.get(tag) ?? null)
  const isSequence = element.vr === 'SQ' || element.items.length > 0
  const vr = isSequence ? 'SQ' : /^[A-Z]{2}$/.test(element.vr) ? element.vr : (known?.vr ?? '')
  const row = {
    ...{ depth, tag: hex(tag, 8), vr, keyword: known?.keyword ?? '', isPrivate: isPrivate(tag) },
    sizeBytes: element.length === UNDEFINED_LENGTH ? null : element.length,
  }
  if (!isSequence) {
    listing.rows.push({ ...row, kind: 'element', ...valueOf(set, element, vr, reader) })
    return
  }
  const count = element.items.length
  const value = count === 1 ? '1 item' : `${count} items`
  listing.rows.push({ ...row, kind: 'sequence', value, form: 'whole' })
  for (const [index, item] of element.items.entries()) {
    if (tag === TAG.PerFrameFunctionalGroupsSequence && index !== listing.frame) continue
    listItem(listing, { ...row, keyword: '' }, item, index, reader)
  }
}

type Place = Pick<TagRow, 'depth' | 'tag' | 'vr' | 'keyword' | 'isPrivate'>

function listItem(
  listing: Listing,
  { depth, ...place }: Place,
  item: DataSet,
  index: number,
  reader: TextReader,
): void {
  const needed = 1 + item.elements.size
  if (needed > listing.room) {
    listing.leftOut += needed
    return
  }
  listing.room -= needed
  listing.rows.push({
    ...place,
    ...{ kind: 'item', depth: depth + 1, value: String(index + 1), form: 'whole', sizeBytes: null },
  })
  const own = codes(item, TAG.SpecificCharacterSet).length > 0 ? readerOf(item) : reader
  for (const element of [...item.elements.values()].sort((a, b) => a.tag - b.tag))
    listElement(listing, item, element, depth + 2, own)
}

function valueOf(
  set: DataSet,
  element: Element,
  vr: string,
  reader: TextReader,
): Pick<TagRow, 'value' | 'form'> {
  if (PIXELS.has(element.tag)) return { value: '', form: 'pixels' }
  const bytes = valueBytes(set, element.tag)
  if (bytes === null) return { value: '', form: element.length === 0 ? 'whole' : 'binary' }
  if (PLAIN_TEXT.has(vr)) return shortened(cleanText(ascii(bytes.subarray(0, TEXT_BYTES))), bytes)
  if (WRITTEN_TEXT.has(vr)) return shortened(reader.decode(bytes.subarray(0, TEXT_BYTES)), bytes)
  const number = NUMBERS[vr]
  if (number !== undefined) return shortened(numbersOf(bytes, set.littleEndian, number), bytes)
  // Of a value that the file does not name the kind of, letters alone are shown as such.
  const isReadable = vr === 'UN' || vr === ''
  const isLetters = bytes.length <= TEXT_BYTES && bytes.every((byte, at) => isLetter(byte, at, bytes.length))
  return isReadable && isLetters ? shortened(cleanText(ascii(bytes)), bytes) : { value: '', form: 'binary' }
}

const isLetter = (byte: number, at: number, count: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || (byte === 0 && at === count - 1)

function numbersOf(
  bytes: Uint8Array,
  littleEndian: boolean,
  [size, read]: readonly [number, ReadNumber],
): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values: string[] = []
  // Each number takes two characters or more.
  for (let at = 0; at + size <= bytes.length && values.length <= TAG_VALUE_CHARACTERS / 2; at += size)
    values.push(read(view, at, littleEndian))
  return values.join('\\')
}

function shortened(text: string, bytes: Uint8Array): Pick<TagRow, 'value' | 'form'> {
  const isWhole = text.length <= TAG_VALUE_CHARACTERS && bytes.length <= TEXT_BYTES
  return isWhole
    ? { value: text, form: 'whole' }
    : { value: text.slice(0, TAG_VALUE_CHARACTERS), form: 'cut' }
}
