/** The coefficients of a JPEG picture, read from sequential and progressive scans (T.81 annexes F and G). */
import { BitReader } from './bit-reader'
import { JpegDamage, cutStream } from './damage'
import { nextPair, nextSigned, nextSymbol } from './huffman'
import type { HuffmanTable } from './huffman'
import { MARKER } from './segments'
import type { FrameHeader } from './segments'
import type { Scan, ScanComponent } from './scan'

/** One component: blocks of 64 coefficients in natural order, row by row, padded to whole interleaved units. */
export interface ComponentBlocks {
  readonly horizontal: number
  readonly vertical: number
  /** Blocks that hold picture. */
  readonly across: number
  readonly down: number
  /** Blocks of a stored row. */
  readonly stride: number
  readonly values: Int16Array
  /** Of each block the place of its last coefficient that may not be zero, in the order of the stream. */
  readonly last: Uint8Array
  /** Taken over from the tables when its first scan begins. */
  quantisation: Uint16Array | null
}

/** Figure A.6. */
const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6],
  ...[7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31],
  ...[39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
)

export const naturalOrder = (index: number): number => ZIGZAG[index] ?? 0

/** Largest sampling factors of a frame. */
export const mostSampling = (
  frame: FrameHeader,
): { readonly horizontal: number; readonly vertical: number } => ({
  horizontal: Math.max(...frame.components.map(({ horizontal }) => horizontal)),
  vertical: Math.max(...frame.components.map(({ vertical }) => vertical)),
})

/** Room for the coefficients of a frame, all zero. */
export function emptyBlocks(frame: FrameHeader): readonly ComponentBlocks[] {
  const most = mostSampling(frame)
  const unitsAcross = Math.ceil(frame.columns / (8 * most.horizontal))
  const unitsDown = Math.ceil(frame.rows / (8 * most.vertical))
  return frame.components.map(({ horizontal, vertical }) => {
    const stride = unitsAcross * horizontal
    return {
      horizontal,
      vertical,
      across: Math.ceil(Math.ceil((frame.columns * horizontal) / most.horizontal) / 8),
      down: Math.ceil(Math.ceil((frame.rows * vertical) / most.vertical) / 8),
      stride,
      values: new Int16Array(stride * unitsDown * vertical * 64),
      last: new Uint8Array(stride * unitsDown * vertical),
      quantisation: null,
    }
  })
}

/** What a scan carries from block to block. */
interface ScanState {
  readonly bits: BitReader
  readonly scan: Scan
  /** Last DC value of each component of the scan. */
  readonly predictions: Int32Array
  /** Blocks that still end at once, G.1.2.2. */
  endRun: number
}

/** Where a component of the scan is being read; one for all of its blocks. */
interface Block {
  readonly values: Int16Array
  readonly last: Uint8Array
  at: number
  /** Place in the scan. */
  readonly place: number
  readonly dc: HuffmanTable | undefined
  readonly ac: HuffmanTable | undefined
}

type BlockReader = (state: ScanState, block: Block) => void

function table(found: HuffmanTable | undefined): HuffmanTable {
  if (found === undefined) throw new JpegDamage('a Huffman table is missing')
  return found
}

function nextDc(state: ScanState, { place, dc }: Block): number {
  const size = nextSymbol(state.bits, table(dc))
  if (size > 16) throw new JpegDamage('it holds a coefficient of more than 16 bits')
  const value = (state.predictions[place] ?? 0) + nextSigned(state.bits, size)
  state.predictions[place] = value
  return value
}

const readSequential: BlockReader = (state, block) => {
  const { bits } = state
  const { values, at } = block
  values[at] = nextDc(state, block)
  const ac = table(block.ac)
  for (let k = 1; k < 64; k += 1) {
    const pair = nextPair(bits, ac)
    const run = (pair >> 4) & 15
    if ((pair & 15) === 0) {
      if (run !== 15) break
      k += 15
      continue
    }
    k += run
    if (k > 63) throw new JpegDamage('a run of zeros leaves its block')
    values[at + (ZIGZAG[k] ?? 0)] = pair >> 8
    block.last[at >> 6] = k
  }
}

const readDcFirst: BlockReader = (state, block) => {
  block.values[block.at] = nextDc(state, block) << state.scan.approximationLow
}

const refineDc: BlockReader = ({ bits, scan }, { values, at }) => {
  if (bits.take(1) === 1) values[at] = (values[at] ?? 0) | (1 << scan.approximationLow)
}

const readAcFirst: BlockReader = (state, block) => {
  const { bits, scan } = state
  if (state.endRun > 0) {
    state.endRun -= 1
    return
  }
  const { values, last, at } = block
  const ac = table(block.ac)
  const { spectralEnd, approximationLow } = scan
  for (let k = scan.spectralStart; k <= spectralEnd; k += 1) {
    const pair = nextPair(bits, ac)
    const run = (pair >> 4) & 15
    if ((pair & 15) === 0) {
      if (run < 15) {
        state.endRun = (1 << run) - 1 + bits.take(run)
        return
      }
      k += 15
      continue
    }
    k += run
    if (k > 63) throw new JpegDamage('a run of zeros leaves its block')
    values[at + (ZIGZAG[k] ?? 0)] = (pair >> 8) << approximationLow
    if (k > (last[at >> 6] ?? 0)) last[at >> 6] = k
  }
}

/** One more bit for a coefficient that is not zero, G.1.2.3. */
function refineValue(bits: BitReader, values: Int16Array, place: number, bit: number): void {
  const value = values[place] ?? 0
  if (bits.take(1) === 1 && (Math.abs(value) & bit) === 0) values[place] = value + (value > 0 ? bit : -bit)
}

/** How far a block goes while it is refined. */
interface Refined {
  k: number
  last: number
}

/** Refines what is there until a run of zeros is over, and puts `fresh` behind it: places behind the last are zeros. */
function refineRun(
  bits: BitReader,
  { values, at }: Block,
  reached: Refined,
  run: number,
  fresh: number,
  end: number,
  bit: number,
): void {
  let zeros = run
  for (; reached.k <= end; reached.k += 1) {
    const isBehind = reached.k > reached.last
    if (isBehind) reached.k += zeros
    const place = at + (ZIGZAG[reached.k] ?? 0)
    if (!isBehind && values[place] !== 0) {
      refineValue(bits, values, place, bit)
      continue
    }
    if (!isBehind && zeros > 0) {
      zeros -= 1
      continue
    }
    if (fresh !== 0 && reached.k <= end) {
      values[place] = fresh
      if (isBehind) reached.last = reached.k
    }
    reached.k += 1
    return
  }
}

const refineAc: BlockReader = (state, block) => {
  const { bits, scan } = state
  const { values, at } = block
  const bit = 1 << scan.approximationLow
  const end = scan.spectralEnd
  const reached: Refined = { k: scan.spectralStart, last: block.last[at >> 6] ?? 0 }
  while (state.endRun === 0 && reached.k <= end) {
    const symbol = nextSymbol(bits, table(block.ac))
    const run = symbol >> 4
    let fresh = 0
    if ((symbol & 15) === 1) fresh = bits.take(1) === 1 ? bit : -bit
    else if ((symbol & 15) > 1) throw new JpegDamage('a refinement is larger than one bit')
    else if (run < 15) {
      state.endRun = (1 << run) + bits.take(run)
      break
    }
    refineRun(bits, block, reached, run, fresh, end, bit)
  }
  block.last[at >> 6] = reached.last
  if (state.endRun === 0) return
  for (let { k } = reached; k <= end && k <= reached.last; k += 1) {
    const place = at + (ZIGZAG[k] ?? 0)
    if (values[place] !== 0) refineValue(bits, values, place, bit)
  }
  state.endRun -= 1
}

function blockReader(scan: Scan): BlockReader {
  if (scan.frame.process !== MARKER.frameProgressive) return readSequential
  const { spectralStart, spectralEnd, approximationHigh, components } = scan
  const isDc = spectralStart === 0
  if (spectralEnd > 63 || spectralStart > spectralEnd || (isDc ? spectralEnd > 0 : components.length > 1))
    throw new JpegDamage('a scan selects coefficients that cannot go together')
  if (isDc) return approximationHigh === 0 ? readDcFirst : refineDc
  return approximationHigh === 0 ? readAcFirst : refineAc
}

interface Part {
  readonly block: Block
  readonly stride: number
  /** Blocks of an interleaved unit. */
  readonly wide: number
  readonly high: number
}

/** Reads the unit at (across, down): of an interleaved scan a share of each component, else one block. */
function readUnit(
  state: ScanState,
  read: BlockReader,
  parts: readonly Part[],
  across: number,
  down: number,
): void {
  for (const { block, stride, wide, high } of parts) {
    for (let row = down * high; row < (down + 1) * high; row += 1) {
      for (let column = across * wide; column < (across + 1) * wide; column += 1) {
        block.at = (row * stride + column) * 64
        read(state, block)
      }
    }
  }
}

function partOf(
  scan: Scan,
  { index, dcTable, acTable }: ScanComponent,
  place: number,
  all: readonly ComponentBlocks[],
): Part | null {
  const blocks = all[index]
  if (blocks === undefined) return null
  blocks.quantisation ??= scan.quantisation.get(scan.frame.components[index]?.quantisation ?? 0) ?? null
  const { values, last, stride, horizontal, vertical } = blocks
  const [dc, ac] = [scan.huffman.get(dcTable), scan.huffman.get(4 + acTable)]
  // A scan of one component goes block by block, and not in interleaved units, A.2.2.
  const isAlone = scan.components.length === 1
  return {
    block: { values, last, at: 0, place, dc, ac },
    stride,
    wide: isAlone ? 1 : horizontal,
    high: isAlone ? 1 : vertical,
  }
}

/** Reads one scan into the blocks; gives the first byte behind it. */
export function readScan(bytes: Uint8Array, scan: Scan, all: readonly ComponentBlocks[]): number {
  const { frame, components } = scan
  const parts = components.flatMap((component, place) => partOf(scan, component, place, all) ?? [])
  const alone = components.length === 1 ? all[components[0]?.index ?? 0] : undefined
  if (parts.length === 0) throw new JpegDamage('a scan has no component')
  const most = mostSampling(frame)
  const unitsAcross = alone?.across ?? Math.ceil(frame.columns / (8 * most.horizontal))
  const unitsDown = alone?.down ?? Math.ceil(frame.rows / (8 * most.vertical))
  const read = blockReader(scan)
  const bits = new BitReader(bytes, scan.start)
  const state: ScanState = { bits, scan, predictions: new Int32Array(components.length), endRun: 0 }
  let untilRestart = scan.restartInterval
  for (let down = 0; down < unitsDown; down += 1) {
    for (let across = 0; across < unitsAcross; across += 1) {
      if (scan.restartInterval > 0 && untilRestart === 0) {
        if (bits.isOverrun || !bits.restart()) throw cutStream()
        state.predictions.fill(0)
        state.endRun = 0
        untilRestart = scan.restartInterval
      }
      untilRestart -= 1
      readUnit(state, read, parts, across, down)
    }
    if (bits.isOverrun) throw cutStream()
  }
  return bits.position
}
