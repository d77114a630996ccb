/** Lookup tables of the standard: modality LUT (PS3.3 C.11.1) and palettes (C.7.6.3.1.5, C.7.9.2). */
import type { PixelArray } from './pixel-layout'

/** `entries[k]` is the output for input `first + k`; inputs outside take the first or last entry. */
export interface LookupTable {
  readonly first: number
  readonly entries: Uint16Array
  readonly bits: number
}

/** LUT Descriptor: number of entries (0 means 65,536), first input, bits of an entry. */
export interface LutDescriptor {
  readonly count: number
  readonly first: number
  readonly bits: number
}

/** Reads a descriptor of three words; the second is signed when the pixels are. Null when it makes no sense. */
export function lutDescriptor(words: readonly number[], signed: boolean): LutDescriptor | null {
  const [count, first, bits] = words
  if (count === undefined || first === undefined || bits === undefined || bits < 1 || bits > 16) return null
  return { count: count === 0 ? 65536 : count, first: signed && first > 32767 ? first - 65536 : first, bits }
}

/**
 * Entries from the bytes of LUT Data: 16-bit words, or single bytes where exactly as many bytes as entries are
 * there. Null when fewer entries are present than declared.
 */
export function lutEntries(
  bytes: Uint8Array,
  descriptor: LutDescriptor,
  littleEndian: boolean,
): Uint16Array | null {
  const entries = new Uint16Array(descriptor.count)
  const isBytes = descriptor.bits <= 8 && bytes.length < 2 * descriptor.count
  if (bytes.length < (isBytes ? 1 : 2) * descriptor.count) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let index = 0; index < descriptor.count; index += 1) {
    if (!isBytes) entries[index] = view.getUint16(2 * index, littleEndian)
    else entries[index] = bytes[littleEndian ? index : Math.min(index ^ 1, bytes.length - 1)] ?? 0
  }
  return entries
}

/**
 * A segmented palette written out, C.7.9.2: runs of values (0), lines from the last value to an end (1), and
 * earlier segments again (2). Null when it does not give exactly the declared entries.
 */
export function expandSegments(words: readonly number[], count: number): Uint16Array | null {
  const entries: number[] = []
  let at = 0
  const readOne = (position: number): number => {
    const kind = words[position]
    const size = words[position + 1] ?? 0
    if (kind === 0) {
      entries.push(...words.slice(position + 2, position + 2 + size))
      return position + 2 + size
    }
    if (kind !== 1) return words.length + 1
    const start = entries.at(-1) ?? 0
    const end = words[position + 2] ?? 0
    for (let k = 1; k <= size; k += 1) entries.push(Math.round(start + ((end - start) * k) / size))
    return position + 3
  }
  while (at < words.length && entries.length <= count) {
    if (words[at] !== 2) {
      at = readOne(at)
      continue
    }
    let inner = (words[at + 2] ?? 0) + (words[at + 3] ?? 0) * 0x10000
    for (let k = words[at + 1] ?? 0; k > 0 && inner < at && entries.length <= count; k -= 1)
      inner = readOne(inner)
    at += 4
  }
  return entries.length === count ? Uint16Array.from(entries) : null
}

/** Looks every value up; inputs outside the table take its ends. */
export function lookUp(values: PixelArray, table: LookupTable): Uint16Array<ArrayBuffer> {
  const last = table.entries.length - 1
  const result = new Uint16Array(values.length)
  for (let index = 0; index < values.length; index += 1) {
    const at = (values[index] ?? 0) - table.first
    result[index] = table.entries[at < 0 ? 0 : at > last ? last : at] ?? 0
  }
  return result
}
