/** Huffman codes of T.81 annex C and F.2.2.3. */
import type { BitReader } from './bit-reader'
import { JpegDamage } from './damage'

const LOOK_BITS = 11
const LONGEST_BITS = 16

export interface HuffmanTable {
  /** For each possible beginning of eleven bits: length * 256 + symbol, or 0 for a longer code. */
  readonly look: Uint16Array
  /**
   * Likewise with the value whose size the lower half of the symbol gives: value * 65,536 + symbol * 256 + length of both;
   * 0 where they are longer.
   */
  readonly whole: Int32Array
  /** Largest code of each length, -1 where there is none. */
  readonly largest: Int32Array
  /** Index of a symbol minus its code, by length. */
  readonly shift: Int32Array
  readonly symbols: Uint8Array
}

/** Builds a table from the numbers of codes of 1 to 16 bits and their symbols in order. */
function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const look = new Uint16Array(1 << LOOK_BITS)
  const largest = new Int32Array(LONGEST_BITS + 2).fill(-1)
  const shift = new Int32Array(LONGEST_BITS + 2)
  let code = 0
  let index = 0
  for (let bits = 1; bits <= LONGEST_BITS; bits += 1, code <<= 1) {
    const count = counts[bits - 1] ?? 0
    if (count === 0) continue
    if (code + count > 1 << bits) throw new JpegDamage('a Huffman table holds more codes than there are')
    shift[bits] = index - code
    for (let k = 0; k < count; k += 1, code += 1, index += 1) {
      const spare = LOOK_BITS - bits
      if (spare >= 0) look.fill((bits << 8) | (symbols[index] ?? 0), code << spare, (code + 1) << spare)
    }
    largest[bits] = code - 1
  }
  return { look, whole: withValues(look), largest, shift, symbols }
}

function withValues(look: Uint16Array): Int32Array {
  const whole = new Int32Array(look.length)
  for (let begin = 0; begin < look.length; begin += 1) {
    const entry = look[begin] ?? 0
    const symbol = entry & 255
    const bits = (entry >> 8) + (symbol & 15)
    // 16 is a size of its own, which the lower half of a symbol cannot say.
    if (entry === 0 || bits > LOOK_BITS || symbol === 16) continue
    const value = extended((begin >> (LOOK_BITS - bits)) & ((1 << (symbol & 15)) - 1), symbol & 15)
    whole[begin] = (value << 16) | (symbol << 8) | bits
  }
  return whole
}

/** EXTEND of F.2.2.1. */
const extended = (value: number, size: number): number =>
  size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value

/** Reads a DHT segment, B.2.4.2; tables are kept as class * 4 + destination. */
export function readHuffmanTables(
  bytes: Uint8Array,
  start: number,
  end: number,
  tables: Map<number, HuffmanTable>,
): void {
  let at = start
  while (at + 17 <= end) {
    const kind = bytes[at] ?? 0
    const counts = bytes.subarray(at + 1, at + 17)
    const total = counts.reduce((sum, count) => sum + count, 0)
    if (at + 17 + total > end || total > 256 || kind >> 4 > 1 || (kind & 15) > 3)
      throw new JpegDamage('a Huffman table is damaged')
    tables.set((kind >> 4) * 4 + (kind & 15), huffmanTable(counts, bytes.slice(at + 17, at + 17 + total)))
    at += 17 + total
  }
}

/** The next symbol. */
export function nextSymbol(bits: BitReader, table: HuffmanTable): number {
  bits.fill()
  const entry = table.look[bits.peek(LOOK_BITS)] ?? 0
  if (entry !== 0) {
    bits.skip(entry >> 8)
    return entry & 255
  }
  for (let length = LOOK_BITS + 1; length <= LONGEST_BITS; length += 1) {
    const code = bits.peek(length)
    if (code <= (table.largest[length] ?? -1)) {
      bits.skip(length)
      return table.symbols[(table.shift[length] ?? 0) + code] ?? 0
    }
  }
  throw new JpegDamage('it holds a code that its tables do not know')
}

/** A difference or coefficient of `size` bits. */
export const nextSigned = (bits: BitReader, size: number): number => extended(bits.take(size), size)

/** The next symbol and the value behind it, whose size is the lower half of the symbol: value * 256 + symbol. */
export function nextPair(bits: BitReader, table: HuffmanTable): number {
  bits.fill()
  const entry = table.whole[bits.peek(LOOK_BITS)] ?? 0
  if (entry !== 0) {
    bits.skip(entry & 255)
    return entry >> 8
  }
  const symbol = nextSymbol(bits, table)
  return (nextSigned(bits, symbol & 15) << 8) | symbol
}
