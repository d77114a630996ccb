/**
 * Deflate (RFC 1951) that only looks for runs of one byte: one block of fixed codes. Masks are runs, so this is
 * nearly as small as the real thing, and the same on every computer and every version of zlib, as hashes of what is
 * exported need.
 */
import { adler32, crc32 } from './checksums'

const SHORTEST_MATCH = 3
const LONGEST_MATCH = 258
/** First length of each length code from 257 on, and the extra bits that say how much longer (RFC 1951 3.2.5). */
const LENGTH_BASES = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
]
const LENGTH_EXTRA_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]
const END_OF_BLOCK = 256

/** Bits, the first in the lowest place of the first byte. */
class BitWriter {
  private bytes = new Uint8Array(1024)
  private length = 0
  private pending = 0
  private pendingBits = 0

  put(value: number, count: number): void {
    this.pending |= value << this.pendingBits
    this.pendingBits += count
    while (this.pendingBits >= 8) {
      this.putByte(this.pending & 0xff)
      this.pending >>>= 8
      this.pendingBits -= 8
    }
  }

  finish(): Uint8Array<ArrayBuffer> {
    if (this.pendingBits > 0) this.putByte(this.pending & 0xff)
    return this.bytes.slice(0, this.length)
  }

  private putByte(byte: number): void {
    if (this.length === this.bytes.length) {
      const grown = new Uint8Array(this.bytes.length * 2)
      grown.set(this.bytes)
      this.bytes = grown
    }
    this.bytes[this.length] = byte
    this.length += 1
  }
}

function reversed(code: number, count: number): number {
  let result = 0
  for (let bit = 0; bit < count; bit += 1) result |= ((code >> bit) & 1) << (count - 1 - bit)
  return result
}

/** Code and number of bits of a literal or length symbol in the fixed code, ready to be put lowest bit first. */
const FIXED = Array.from({ length: 288 }, (_unused, symbol) => {
  if (symbol < 144) return { bits: reversed(0x30 + symbol, 8), count: 8 }
  if (symbol < 256) return { bits: reversed(0x190 + symbol - 144, 9), count: 9 }
  if (symbol < 280) return { bits: reversed(symbol - 256, 7), count: 7 }
  return { bits: reversed(0xc0 + symbol - 280, 8), count: 8 }
})

function putSymbol(writer: BitWriter, symbol: number): void {
  const code = FIXED[symbol]
  if (code !== undefined) writer.put(code.bits, code.count)
}

/** A repetition of the byte before: its length, then distance 1 (code 0, five bits). */
function putRun(writer: BitWriter, length: number): void {
  let place = LENGTH_BASES.findLastIndex((base) => base <= length)
  if (length < LONGEST_MATCH) place = Math.min(place, LENGTH_BASES.length - 2)
  putSymbol(writer, 257 + place)
  writer.put(length - (LENGTH_BASES[place] ?? 0), LENGTH_EXTRA_BITS[place] ?? 0)
  writer.put(0, 5)
}

/** Raw deflate of any bytes. */
export function deflateRuns(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new BitWriter()
  writer.put(1, 1)
  writer.put(1, 2)
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0
    putSymbol(writer, byte)
    at += 1
    let run = 0
    while (at + run < bytes.length && bytes[at + run] === byte) run += 1
    at += run
    while (run >= SHORTEST_MATCH) {
      const length = Math.min(run, LONGEST_MATCH)
      putRun(writer, length)
      run -= length
    }
    for (; run > 0; run -= 1) putSymbol(writer, byte)
  }
  putSymbol(writer, END_OF_BLOCK)
  return writer.finish()
}

/** A zlib stream (RFC 1950), as PNG holds it. */
export function zlibStream(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const deflated = deflateRuns(bytes)
  const stream = new Uint8Array(deflated.length + 6)
  stream.set([0x78, 0x01])
  stream.set(deflated, 2)
  new DataView(stream.buffer).setUint32(deflated.length + 2, adler32(bytes), false)
  return stream
}

/** A gzip file (RFC 1952) without name and time. */
export function gzipFile(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const deflated = deflateRuns(bytes)
  const file = new Uint8Array(deflated.length + 18)
  file.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
  file.set(deflated, 10)
  const view = new DataView(file.buffer)
  view.setUint32(deflated.length + 10, crc32(bytes), true)
  view.setUint32(deflated.length + 14, bytes.length >>> 0, true)
  return file
}
