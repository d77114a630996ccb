/**
 * The elements of a data set, without recursion: nesting is a list, so that no depth of sequences overflows the
 * stack; values are left where they are, so that no declared length allocates; the walk ends at the pixel data, so
 * that the beginning of a file is enough. PS3.5 section 7.
 */
import type { Refusal, Warning } from '../../contract'
import { KNOWN_SEQUENCES, TAG } from './elements'
import { ITEM, ITEM_END, SEQUENCE_END, tagName } from './tag'

export interface Element {
  readonly tag: number
  readonly vr: string
  /** Where the value starts, and its bytes; `UNDEFINED_LENGTH` for what ends with a delimiter. */
  readonly offset: number
  readonly length: number
  /** Items of a sequence; empty for anything else. */
  readonly items: readonly DataSet[]
}

export interface DataSet {
  readonly bytes: Uint8Array
  readonly littleEndian: boolean
  /** Byte at which the data set (or the item's tag) starts. */
  readonly start: number
  readonly elements: ReadonlyMap<number, Element>
}

export interface Encoding {
  readonly explicit: boolean
  readonly littleEndian: boolean
}

/** Bytes of a file from its beginning, perhaps not all of them. */
export interface FilePart {
  readonly bytes: Uint8Array
  readonly totalBytes: number
}

export type Reading =
  | { readonly kind: 'complete'; readonly dataSet: DataSet; readonly warnings: readonly Warning[] }
  /** The part ends too early: at least so many bytes of the file are needed. */
  | { readonly kind: 'more'; readonly bytes: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export const UNDEFINED_LENGTH = 0xffffffff
/** Items are remembered down to this depth; deeper ones are stepped over. No standard object nests deeper than 10. */
const DEEPEST_REMEMBERED = 24
/** A header of more elements than this is an attack or rubbish: the largest real ones (whole slides) have about 10^5. */
export const MAX_ELEMENTS = 2_000_000

const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
const SHORT_VRS = new Set('AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '))
const PIXELS = new Set<number>([TAG.PixelData, TAG.FloatPixelData, TAG.DoubleFloatPixelData])

/** True for two letters that the standard knows as a value representation. */
export const isVr = (vr: string): boolean => LONG_VRS.has(vr) || SHORT_VRS.has(vr)

interface Representation {
  readonly name: string
  readonly isLong: boolean
  readonly isKnown: boolean
}

/** By the two letters as one number: a header has a hundred elements, a scan a hundred thousand. */
const representations = new Map<number, Representation>()

function representationOf(letters: number): Representation {
  const found = representations.get(letters)
  if (found !== undefined) return found
  const name = String.fromCharCode(letters >> 8, letters & 0xff)
  const made = { name, isLong: LONG_VRS.has(name), isKnown: isVr(name) }
  representations.set(letters, made)
  return made
}

const NO_ITEMS: readonly DataSet[] = []

interface Level {
  readonly kind: 'elements' | 'items' | 'fragments'
  /** First byte after it, null when a delimiter ends it. */
  readonly end: number | null
  readonly encoding: Encoding
  /** True in a sequence hidden in UN: how its items are written is told by looking at each. */
  readonly isUnknown: boolean
  /** Null where nothing is remembered any more. */
  readonly elements: Map<number, Element> | null
  readonly items: DataSet[] | null
}

interface Walk {
  readonly part: FilePart
  readonly view: DataView
  readonly levels: Level[]
  readonly warnings: Warning[]
  position: number
  count: number
  stop: Reading | null
}

function stopTruncated(walk: Walk, what: string): void {
  walk.stop = {
    kind: 'refused',
    refusal: {
      code: 'truncated',
      reason: `The file ends inside ${what} (byte ${walk.part.totalBytes}).`,
      where: `byte ${walk.position}`,
      next: 'Copy or export the file again.',
    },
  }
}

function stopDamaged(walk: Walk, reason: string): void {
  walk.stop = {
    kind: 'refused',
    refusal: {
      code: 'structure-damaged',
      reason,
      where: `byte ${walk.position}`,
      next: 'Export the file again.',
    },
  }
}

function warnOnce(walk: Walk, code: string, text: string): void {
  if (!walk.warnings.some((warning) => warning.code === code)) walk.warnings.push({ code, text })
}

/** True when `size` bytes from the position on are at hand; else the walk is stopped. */
function have(walk: Walk, size: number, what: string | (() => string)): boolean {
  const end = walk.position + size
  if (end <= walk.part.bytes.length && end <= walk.part.totalBytes) return true
  if (end > walk.part.totalBytes) stopTruncated(walk, typeof what === 'string' ? what : what())
  else walk.stop = { kind: 'more', bytes: end }
  return false
}

function readTag(walk: Walk, littleEndian: boolean): number {
  const group = walk.view.getUint16(walk.position, littleEndian)
  return group * 0x10000 + walk.view.getUint16(walk.position + 2, littleEndian)
}

const makeDataSet = (walk: Walk, encoding: Encoding, elements: Map<number, Element>): DataSet => ({
  bytes: walk.part.bytes,
  littleEndian: encoding.littleEndian,
  start: walk.position,
  elements,
})

/** One element of a data set: remembered, and stepped over or into. */
function readElement(walk: Walk, level: Level): void {
  const { littleEndian } = level.encoding
  if (!have(walk, 8, 'an element')) return
  const tag = readTag(walk, littleEndian)
  if (tag === ITEM_END || tag === SEQUENCE_END) {
    closeLevel(walk, level, tag)
    return
  }
  const head = readHead(walk, level.encoding, tag)
  if (head === null) return
  walk.count += 1
  if (walk.count > MAX_ELEMENTS) {
    stopDamaged(walk, `More than ${MAX_ELEMENTS} elements.`)
    return
  }
  const offset = walk.position + head.size
  const isRoot = walk.levels.length === 1
  if (isRoot && PIXELS.has(tag)) {
    level.elements?.set(tag, { tag, vr: head.vr, offset, length: head.length, items: NO_ITEMS })
    finish(walk)
    return
  }
  const isOpen = head.length === UNDEFINED_LENGTH
  if (isOpen || head.vr === 'SQ' || KNOWN_SEQUENCES.has(tag)) {
    openSequence(walk, level, { tag, vr: head.vr, offset, length: head.length })
    return
  }
  const end = offset + head.length
  if (level.end !== null && end > level.end && level.end <= walk.part.totalBytes) {
    warnOnce(
      walk,
      'item-damaged',
      `${tagName(tag)} is longer than the item it lies in; the rest of the item was left out.`,
    )
    walk.position = level.end
    return
  }
  if (end > walk.part.totalBytes) {
    stopTruncated(walk, `${tagName(tag)}, which declares ${head.length} bytes,`)
    return
  }
  level.elements?.set(tag, { tag, vr: head.vr, offset, length: head.length, items: NO_ITEMS })
  walk.position = end
}

interface Head {
  readonly vr: string
  readonly length: number
  readonly size: number
}

function readHead(walk: Walk, encoding: Encoding, tag: number): Head | null {
  const { view, position } = walk
  if (!encoding.explicit)
    return { vr: '', length: view.getUint32(position + 4, encoding.littleEndian), size: 8 }
  const { name: vr, isLong, isKnown } = representationOf(view.getUint16(position + 4))
  if (!isLong) {
    if (!isKnown) {
      warnOnce(
        walk,
        'vr-unknown',
        `${tagName(tag)} has a value representation that the standard does not know.`,
      )
    }
    return { vr, length: view.getUint16(position + 6, encoding.littleEndian), size: 8 }
  }
  if (!have(walk, 12, () => tagName(tag))) return null
  return { vr, length: view.getUint32(position + 8, encoding.littleEndian), size: 12 }
}

/** Steps into a sequence, or (pixel data of an icon) into a list of fragments. */
function openSequence(walk: Walk, level: Level, element: Omit<Element, 'items'>): void {
  const isOpen = element.length === UNDEFINED_LENGTH
  const end = isOpen ? null : element.offset + element.length
  if (end !== null && end > walk.part.totalBytes) {
    stopTruncated(walk, `the sequence ${tagName(element.tag)}, which declares ${element.length} bytes,`)
    return
  }
  const isFragments = element.vr === 'OB' || element.vr === 'OW'
  const isDeep = walk.levels.length > DEEPEST_REMEMBERED
  if (isDeep)
    warnOnce(
      walk,
      'sequence-deep',
      'Sequences are nested deeper than any standard object; the deepest were left out.',
    )
  const remember = level.elements !== null && !isDeep && !isFragments
  const items: DataSet[] | null = remember ? [] : null
  if (items !== null) level.elements?.set(element.tag, { ...element, items })
  walk.position = element.offset
  walk.levels.push({
    kind: isFragments ? 'fragments' : 'items',
    end,
    // A sequence hidden in UN is implicit little endian inside, PS3.5 6.2.2 note 2; not all writers know.
    encoding: element.vr === 'UN' ? { explicit: false, littleEndian: true } : level.encoding,
    isUnknown: element.vr === 'UN',
    elements: null,
    items,
  })
}

/**
 * How the items of a sequence hidden in UN are written from here on: the bytes of the item's tag tell the byte order,
 * two letters behind the first tag inside that are a value representation tell that there are such. Null: more bytes
 * are needed to say.
 */
function encodingOfHidden(walk: Walk, level: Level): Encoding | null {
  const littleEndian = readTag(walk, false) !== ITEM && readTag(walk, false) !== SEQUENCE_END
  const isItem = readTag(walk, littleEndian) === ITEM
  const length = walk.view.getUint32(walk.position + 4, littleEndian)
  if (!isItem || length === 0) return { ...level.encoding, littleEndian }
  if (!have(walk, 16, 'a sequence')) return null
  const first = walk.position + 8
  const tag =
    walk.view.getUint16(first, littleEndian) * 0x10000 + walk.view.getUint16(first + 2, littleEndian)
  if (tag === ITEM_END) return { ...level.encoding, littleEndian }
  const vr = String.fromCharCode(walk.view.getUint8(first + 4), walk.view.getUint8(first + 5))
  return { explicit: isVr(vr), littleEndian }
}

/** One item of a sequence (or fragment), or the delimiter at its end. */
function readItem(walk: Walk, level: Level): void {
  if (!have(walk, 8, 'a sequence')) return
  const encoding = level.isUnknown ? encodingOfHidden(walk, level) : level.encoding
  if (encoding === null) return
  const tag = readTag(walk, encoding.littleEndian)
  if (tag === SEQUENCE_END) {
    walk.position += 8
    walk.levels.pop()
    return
  }
  if (tag !== ITEM) {
    if (level.end === null)
      stopDamaged(walk, `${tagName(tag)} stands where an item of a sequence should begin.`)
    else {
      warnOnce(walk, 'sequence-damaged', 'A sequence holds something that is no item; it was left out.')
      walk.position = level.end
    }
    return
  }
  const length = walk.view.getUint32(walk.position + 4, encoding.littleEndian)
  if (level.kind === 'fragments') {
    walk.position += 8 + length
    if (walk.position > walk.part.totalBytes) stopTruncated(walk, 'a fragment')
    return
  }
  let end = length === UNDEFINED_LENGTH ? null : walk.position + 8 + length
  if (end !== null && level.end !== null && end > level.end) {
    warnOnce(walk, 'sequence-damaged', 'An item claims more bytes than its sequence has; it was cut there.')
    end = level.end
  }
  if (end !== null && end > walk.part.totalBytes) {
    stopTruncated(walk, 'an item of a sequence')
    return
  }
  const elements = level.items === null ? null : new Map<number, Element>()
  if (elements !== null) level.items?.push(makeDataSet(walk, encoding, elements))
  walk.position += 8
  walk.levels.push({ kind: 'elements', end, encoding, isUnknown: false, elements, items: null })
}

/** A delimiter inside a data set: the end of the item, and of its sequence when that one was meant. */
function closeLevel(walk: Walk, level: Level, tag: number): void {
  if (walk.levels.length === 1) {
    warnOnce(walk, 'delimiter-stray', 'A delimiter stands outside any sequence; it was passed over.')
    walk.position += 8
    return
  }
  walk.levels.pop()
  if (tag === ITEM_END) {
    walk.position += 8
    if (level.end !== null) walk.position = Math.max(walk.position, Math.min(level.end, walk.part.totalBytes))
  }
}

function finish(walk: Walk): void {
  const root = walk.levels[0]
  if (root?.elements == null) return
  const dataSet: DataSet = {
    bytes: walk.part.bytes,
    littleEndian: root.encoding.littleEndian,
    start: 0,
    elements: root.elements,
  }
  walk.stop = { kind: 'complete', dataSet, warnings: walk.warnings }
}

/** Zeros, spaces, line ends and DOS's end of file that transfers leave behind a data set. */
const FILLER = new Set([0x00, 0x0a, 0x0d, 0x1a, 0x20])
const MOST_FILLER = 4096

/** True where nothing but filler follows up to the end of the file: no tag that the standard has begins so. */
function isFiller(walk: Walk, left: number): boolean {
  if (left > MOST_FILLER || !FILLER.has(walk.part.bytes[walk.position] ?? -1)) return false
  const rest = walk.part.bytes.subarray(walk.position)
  return rest.length === left && rest.every((byte) => FILLER.has(byte))
}

function step(walk: Walk): void {
  const level = walk.levels.at(-1)
  if (level === undefined) return
  if (level.end !== null && walk.position >= level.end) {
    if (walk.position > level.end) {
      warnOnce(walk, 'sequence-damaged', 'A sequence runs past its own end; the rest was read from there on.')
      walk.position = level.end
    }
    walk.levels.pop()
    return
  }
  const isRoot = walk.levels.length === 1
  const left = walk.part.totalBytes - walk.position
  if (isRoot && left <= 0) finish(walk)
  else if (isRoot && isFiller(walk, left)) finish(walk)
  else if (level.kind === 'elements') readElement(walk, level)
  else readItem(walk, level)
}

/**
 * Reads elements from `offset` on, up to the pixel data or the end. Refuses what is cut or contradicts itself;
 * smaller damage is a warning.
 */
export function readElements(part: FilePart, offset: number, encoding: Encoding): Reading {
  const root: Level = {
    kind: 'elements',
    end: null,
    encoding,
    isUnknown: false,
    elements: new Map(),
    items: null,
  }
  const view = new DataView(part.bytes.buffer, part.bytes.byteOffset, part.bytes.byteLength)
  const walk: Walk = { part, view, levels: [root], warnings: [], position: offset, count: 0, stop: null }
  while (walk.stop === null) step(walk)
  return walk.stop
}
