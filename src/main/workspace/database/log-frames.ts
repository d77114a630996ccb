import { readSync } from 'node:fs'

/** Frames of SQLite's write-ahead log, verified by their checksums (sqlite.org/fileformat2.html 4.1 to 4.3). */

/** How far a log was verified. */
export interface LogEnd {
  /** Of the log's generation, hex; empty: nothing stands in it. */
  readonly salt: string
  readonly frames: number
  /** Checksum over the header and all these frames. */
  readonly sums: readonly [number, number]
}
export const EMPTY_LOG: LogEnd = { salt: '', frames: 0, sums: [0, 0] }

export interface LogHeader {
  readonly salt: string
  readonly frameBytes: number
  /** Whether checksums are over words of the higher byte first. */
  readonly isBigEndian: boolean
  /** Before the first frame. */
  readonly start: LogEnd
}

const HEADER_BYTES = 32
/** Of the header that its own checksum is over. */
const SUMMED_HEADER_BYTES = 24
const FRAME_HEADER_BYTES = 24
/** Of the header of a frame that its checksum is over, with the page. */
const SUMMED_FRAME_BYTES = 8
const MAGIC = 0x377f0682

/** null: it is no header of a log, or was written over. */
export function readLogHeader(descriptor: number): LogHeader | null {
  const bytes = bytesAt(descriptor, 0, HEADER_BYTES)
  if (bytes === null || (bytes.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return null
  const isBigEndian = (bytes.readUInt32BE(0) & 1) === 1
  const sums = sumsOver([0, 0], bytes, 0, SUMMED_HEADER_BYTES, isBigEndian)
  if (!isSummed(bytes, SUMMED_HEADER_BYTES, sums)) return null
  const salt = bytes.toString('hex', 16, 24)
  const frameBytes = FRAME_HEADER_BYTES + bytes.readUInt32BE(8)
  return { salt, frameBytes, isBigEndian, start: { salt, frames: 0, sums } }
}

/** Verifies the frames after those of `from` up to the number `frames`; null: one is missing or was written over. */
export function verifyFrames(
  descriptor: number,
  { salt, frameBytes, isBigEndian }: LogHeader,
  from: LogEnd,
  frames: number,
): LogEnd | null {
  let { sums } = from
  for (let frame = from.frames; frame < frames; frame += 1) {
    const bytes = bytesAt(descriptor, HEADER_BYTES + frame * frameBytes, frameBytes)
    if (bytes?.toString('hex', 8, 16) !== salt) return null
    sums = sumsOver(sums, bytes, 0, SUMMED_FRAME_BYTES, isBigEndian)
    sums = sumsOver(sums, bytes, FRAME_HEADER_BYTES, frameBytes, isBigEndian)
    if (!isSummed(bytes, 16, sums)) return null
  }
  return { salt, frames, sums }
}

const isSummed = (bytes: Buffer, at: number, [first, second]: readonly [number, number]): boolean =>
  bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second

/** Goes on with a checksum over the bytes from `start` to `end`, a multiple of eight. */
function sumsOver(
  [before, after]: readonly [number, number],
  bytes: Buffer,
  start: number,
  end: number,
  isBigEndian: boolean,
): readonly [number, number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let [first, second] = [before, after]
  for (let at = start; at < end; at += 8) {
    first = (first + view.getUint32(at, !isBigEndian) + second) >>> 0
    second = (second + view.getUint32(at + 4, !isBigEndian) + first) >>> 0
  }
  return [first, second]
}

/** null: the file ends before. */
function bytesAt(descriptor: number, at: number, count: number): Buffer | null {
  const bytes = Buffer.alloc(count)
  return readSync(descriptor, bytes, 0, count, at) === count ? bytes : null
}
