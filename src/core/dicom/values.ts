/** Values of elements, read by what is wanted and not by what the file calls them (UN and implicit files have no names). */
import { LINEAR_TEXT_LIMIT } from './limits'
import type { DataSet, Element } from './read-elements'
import { ascii, textReader } from './text'
import type { TextReader } from './text'
import { TAG } from './elements'

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const INTEGER = /^[+-]?\d+$/

/** The bytes of a value; null when the element is absent, empty, a sequence, or not wholly at hand. */
export function valueBytes(set: DataSet, tag: number): Uint8Array | null {
  const element = set.elements.get(tag)
  if (element === undefined || element.length === 0 || element.items.length > 0) return null
  const end = element.offset + element.length
  return end > set.bytes.length ? null : set.bytes.subarray(element.offset, end)
}

const isPadding = (code: number): boolean => code === 0 || code === 0x20

/** Without the spaces and NULs that pad a value to an even length. */
function strip(text: string): string {
  let start = 0
  let end = text.length
  while (end > start && isPadding(text.charCodeAt(end - 1))) end -= 1
  while (start < end && isPadding(text.charCodeAt(start))) start += 1
  return text.slice(start, end)
}

/** Values of a UID or code string; [] when absent. */
export function codes(set: DataSet, tag: number): readonly string[] {
  const bytes = valueBytes(set, tag)
  if (bytes === null) return []
  const said = ascii(bytes.length > LINEAR_TEXT_LIMIT ? bytes.subarray(0, LINEAR_TEXT_LIMIT) : bytes)
  return said.includes('\\') ? said.split('\\').map(strip) : [strip(said)]
}

/** First value of a UID or code string; '' when absent. */
export const code = (set: DataSet, tag: number): string => codes(set, tag)[0] ?? ''

/** Text in the character set of the data set, cleaned for display; '' when absent. */
export function text(set: DataSet, tag: number, reader: TextReader): string {
  const bytes = valueBytes(set, tag)
  return bytes === null ? '' : reader.decode(bytes.subarray(0, LINEAR_TEXT_LIMIT))
}

/** Decimal string values; null for each one that is no finite number. */
export function decimals(set: DataSet, tag: number): readonly (number | null)[] {
  return codes(set, tag).map((value) => {
    const number = DECIMAL.test(value) ? Number(value) : Number.NaN
    return Number.isFinite(number) ? number : null
  })
}

export const decimal = (set: DataSet, tag: number): number | null => decimals(set, tag)[0] ?? null

/** First value of an integer string, or null. */
export function integer(set: DataSet, tag: number): number | null {
  const value = code(set, tag)
  const number = INTEGER.test(value) ? Number(value) : Number.NaN
  return Number.isSafeInteger(number) ? number : null
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Values of US or SS; [] when absent. */
export function words(set: DataSet, tag: number, signed = false): readonly number[] {
  const bytes = valueBytes(set, tag)
  if (bytes === null) return []
  const view = viewOf(bytes)
  const values: number[] = []
  for (let at = 0; at + 2 <= bytes.length; at += 2) {
    values.push(signed ? view.getInt16(at, set.littleEndian) : view.getUint16(at, set.littleEndian))
  }
  return values
}

export const word = (set: DataSet, tag: number): number | null => words(set, tag)[0] ?? null

/** First value of UL, or null. */
export function longWord(set: DataSet, tag: number): number | null {
  const bytes = valueBytes(set, tag)
  return bytes === null || bytes.length < 4 ? null : viewOf(bytes).getUint32(0, set.littleEndian)
}

/** First value of FD or FL; null when absent or of another length. */
export function float(set: DataSet, tag: number): number | null {
  const bytes = valueBytes(set, tag)
  if (bytes === null) return null
  if (set.elements.get(tag)?.vr === 'FL' && bytes.length >= 4)
    return viewOf(bytes).getFloat32(0, set.littleEndian)
  return bytes.length === 8 ? viewOf(bytes).getFloat64(0, set.littleEndian) : null
}

/** Items of a sequence; [] when absent. */
export const items = (set: DataSet, tag: number): readonly DataSet[] => set.elements.get(tag)?.items ?? []

export const element = (set: DataSet, tag: number): Element | undefined => set.elements.get(tag)

/** The reader for the texts of a data set. */
export const readerOf = (set: DataSet): TextReader => textReader(codes(set, TAG.SpecificCharacterSet))
