/** Lossless JPEG (T.81 annex H, process 14): each sample is a difference from a prediction out of its neighbours. */
import { BitReader } from './bit-reader'
import { JpegDamage, cutStream } from './damage'
import { nextPair } from './huffman'
import type { HuffmanTable } from './huffman'
import { eachScan } from './scan'
import type { Scan } from './scan'

interface Plane {
  readonly table: HuffmanTable
  /** Which sample of a pixel. */
  readonly sample: number
}

/** A difference of 16 bits of size is 32,768 and has no bits behind it, H.1.2.2. */
function nextDifference(bits: BitReader, table: HuffmanTable): number {
  const pair = nextPair(bits, table)
  const size = pair & 255
  if (size < 16) return pair >> 8
  if (size === 16) return 32768
  throw new JpegDamage('it holds a difference of more than 16 bits')
}

/** Prediction from the left (a), above (b) and above left (c), table H.1; integers, halves rounded down. */
function predict(predictor: number, a: number, b: number, c: number): number {
  switch (predictor) {
    case 1:
      return a
    case 2:
      return b
    case 3:
      return c
    case 4:
      return a + b - c
    case 5:
      return a + ((b - c) >> 1)
    case 6:
      return b + ((a - c) >> 1)
    case 7:
      return (a + b) >> 1
    default:
      throw new JpegDamage(`it names predictor ${predictor}, which does not exist`)
  }
}

interface Rows {
  readonly samples: Uint16Array<ArrayBuffer>
  readonly scan: Scan
  readonly planes: readonly Plane[]
  readonly bits: BitReader
}

/**
 * Decodes one row of the scan's components, from `first` pixels on. `isFresh` marks the first row and the one behind
 * a restart: predicted from the left, its first sample from the middle of the range (H.1.1).
 */
function decodeRow({ samples, scan, planes, bits }: Rows, row: number, isFresh: boolean): void {
  const { columns, precisionBits, components } = scan.frame
  const step = components.length
  const stride = columns * step
  const shift = scan.approximationLow
  const mask = (1 << precisionBits) - 1
  const middle = 1 << (precisionBits - shift - 1)
  for (let column = 0; column < columns; column += 1) {
    for (const { table, sample } of planes) {
      const at = row * stride + column * step + sample
      const difference = nextDifference(bits, table)
      const left = column > 0 ? (samples[at - step] ?? 0) >> shift : 0
      const above = isFresh ? 0 : (samples[at - stride] ?? 0) >> shift
      const corner = column > 0 && !isFresh ? (samples[at - stride - step] ?? 0) >> shift : 0
      const prediction =
        column === 0
          ? isFresh
            ? middle
            : above
          : isFresh
            ? left
            : predict(scan.spectralStart, left, above, corner)
      samples[at] = ((prediction + difference) << shift) & mask
    }
  }
}

/** The same of a picture of one component that keeps all of its bits: what nearly all lossless streams are. */
function decodePlainRow({ samples, scan, planes, bits }: Rows, row: number, isFresh: boolean): void {
  const [plane] = planes
  if (plane === undefined) return
  const { table } = plane
  const { columns, precisionBits } = scan.frame
  const predictor = scan.spectralStart
  const mask = (1 << precisionBits) - 1
  const start = row * columns
  const first = isFresh ? 1 << (precisionBits - 1) : (samples[start - columns] ?? 0)
  let left = (first + nextDifference(bits, table)) & mask
  samples[start] = left
  if (isFresh || predictor === 1) {
    for (let at = start + 1; at < start + columns; at += 1) {
      left = (left + nextDifference(bits, table)) & mask
      samples[at] = left
    }
    return
  }
  let corner = samples[start - columns] ?? 0
  for (let at = start + 1; at < start + columns; at += 1) {
    const above = samples[at - columns] ?? 0
    left = (predict(predictor, left, above, corner) + nextDifference(bits, table)) & mask
    samples[at] = left
    corner = above
  }
}

function decodeScan(bytes: Uint8Array, scan: Scan, samples: Uint16Array<ArrayBuffer>): number {
  const { frame, restartInterval } = scan
  const planes = scan.components.map(({ index, dcTable }): Plane => {
    const table = scan.huffman.get(dcTable)
    if (table === undefined) throw new JpegDamage('a Huffman table is missing')
    return { table, sample: index }
  })
  if (scan.approximationLow >= frame.precisionBits) throw new JpegDamage('its point transform leaves no bits')
  if (restartInterval % frame.columns !== 0)
    throw new JpegDamage('it restarts in the middle of a row, which is not supported')
  const rowsBetween = restartInterval / frame.columns
  const bits = new BitReader(bytes, scan.start)
  const rows: Rows = { samples, scan, planes, bits }
  const isPlain = frame.components.length === 1 && scan.approximationLow === 0
  const decode = isPlain ? decodePlainRow : decodeRow
  for (let row = 0; row < frame.rows; row += 1) {
    const isRestart = rowsBetween > 0 && row > 0 && row % rowsBetween === 0
    if (isRestart && !bits.restart()) throw cutStream()
    decode(rows, row, row === 0 || isRestart)
    if (bits.isOverrun) throw cutStream()
  }
  return bits.position
}

/** Decodes a lossless stream whose header was compared with the object; samples as [row][column][component]. */
export function decodeLossless(
  bytes: Uint8Array,
  rows: number,
  columns: number,
  components: number,
): Uint16Array<ArrayBuffer> {
  const samples = new Uint16Array(rows * columns * components)
  const seen = new Set<number>()
  eachScan(bytes, (scan) => {
    for (const { index } of scan.components) seen.add(index)
    return decodeScan(bytes, scan, samples)
  })
  if (seen.size < components) throw cutStream()
  return samples
}
