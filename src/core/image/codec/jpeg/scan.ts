/** What a scan needs from the segments before it: tables, restart interval, scan header (T.81 B.2.3). */
import { JpegDamage, cutStream } from './damage'
import { readHuffmanTables } from './huffman'
import type { HuffmanTable } from './huffman'
import { MARKER, isFrameHeader, nextSegment, readFrameHeader } from './segments'
import type { FrameHeader, Segment } from './segments'

export interface ScanComponent {
  /** Place of the component in the frame header. */
  readonly index: number
  readonly dcTable: number
  readonly acTable: number
}

export interface Scan {
  readonly frame: FrameHeader
  readonly components: readonly ScanComponent[]
  /** Spectral selection; the first is the predictor of a lossless scan. */
  readonly spectralStart: number
  readonly spectralEnd: number
  /** Successive approximation; the second is the point transform. */
  readonly approximationHigh: number
  readonly approximationLow: number
  readonly huffman: ReadonlyMap<number, HuffmanTable>
  readonly quantisation: ReadonlyMap<number, Uint16Array>
  /** Units between restart markers; 0 without them. */
  readonly restartInterval: number
  /** First byte of the entropy-coded data. */
  readonly start: number
}

function readQuantisation(
  bytes: Uint8Array,
  { start, end }: Segment,
  tables: Map<number, Uint16Array>,
): void {
  let at = start
  while (at < end) {
    const kind = bytes[at] ?? 0
    const size = kind >> 4 === 0 ? 1 : 2
    if (at + 1 + 64 * size > end || (kind & 15) > 3) throw new JpegDamage('a quantisation table is damaged')
    const table = new Uint16Array(64)
    for (let k = 0; k < 64; k += 1) {
      const from = at + 1 + k * size
      table[k] = size === 1 ? (bytes[from] ?? 0) : (bytes[from] ?? 0) * 256 + (bytes[from + 1] ?? 0)
    }
    tables.set(kind & 15, table)
    at += 1 + 64 * size
  }
}

interface Tables {
  readonly huffman: Map<number, HuffmanTable>
  readonly quantisation: Map<number, Uint16Array>
  restartInterval: number
}

function readScanHeader(bytes: Uint8Array, segment: Segment, frame: FrameHeader, tables: Tables): Scan {
  const { start, end } = segment
  const count = bytes[start] ?? 0
  if (count < 1 || count > 4 || end - start < 4 + 2 * count) throw new JpegDamage('a scan header is damaged')
  const components = Array.from({ length: count }, (_, k): ScanComponent => {
    const id = bytes[start + 1 + 2 * k] ?? 0
    const chosen = bytes[start + 2 + 2 * k] ?? 0
    const index = frame.components.findIndex((component) => component.id === id)
    if (index < 0) throw new JpegDamage('a scan names a component that its frame does not have')
    return { index, dcTable: chosen >> 4, acTable: chosen & 15 }
  })
  if (new Set(components.map(({ index }) => index)).size < count)
    throw new JpegDamage('a scan names a component twice')
  const at = start + 1 + 2 * count
  const approximation = bytes[at + 2] ?? 0
  return {
    frame,
    components,
    spectralStart: bytes[at] ?? 0,
    spectralEnd: bytes[at + 1] ?? 0,
    approximationHigh: approximation >> 4,
    approximationLow: approximation & 15,
    huffman: tables.huffman,
    quantisation: tables.quantisation,
    restartInterval: tables.restartInterval,
    start: end,
  }
}

/** More scans than any encoder writes: libjpeg's longest script for colour has 10, each component and bit apart 64 or so. */
const MOST_SCANS = 200

/**
 * Goes through the scans of a stream; `decode` gives the first byte behind the entropy-coded data that it read.
 * Throws when the stream ends before its end marker.
 */
export function eachScan(bytes: Uint8Array, decode: (scan: Scan) => number): void {
  const tables: Tables = { huffman: new Map(), quantisation: new Map(), restartInterval: 0 }
  let frame: FrameHeader | null = null
  let at = 2
  let scans = 0
  for (;;) {
    const segment = nextSegment(bytes, at)
    if (segment === null) throw cutStream()
    const { marker, start, end } = segment
    at = end
    if (marker === MARKER.endOfImage) break
    if (marker === MARKER.huffmanTables) readHuffmanTables(bytes, start, end, tables.huffman)
    else if (marker === MARKER.quantisationTables) readQuantisation(bytes, segment, tables.quantisation)
    else if (marker === MARKER.restartInterval)
      tables.restartInterval = (bytes[start] ?? 0) * 256 + (bytes[start + 1] ?? 0)
    else if (isFrameHeader(marker)) {
      if (frame !== null) throw new JpegDamage('it has two frame headers')
      frame = readFrameHeader(bytes, segment)
    } else if (marker === MARKER.startOfScan) {
      if (frame === null) throw new JpegDamage('a scan stands before its frame header')
      scans += 1
      if (scans > MOST_SCANS) throw new JpegDamage(`it has more than ${MOST_SCANS} scans`)
      at = decode(readScanHeader(bytes, segment, frame, tables))
    }
  }
  if (scans === 0) throw new JpegDamage('it holds no picture')
}
