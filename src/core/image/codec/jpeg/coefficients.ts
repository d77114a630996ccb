/** The coefficients of a JPEG picture, read from sequential and progressive scans (T.81 annexes F and G). */
import { BitReader } from './bit-reader'
import { JpegDamage, cutStream } from './damage'
import { nextSigned, nextSymbol } from './huffman'
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

interface Block {
  readonly values: Int16Array
  readonly at: number
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
    const symbol = nextSymbol(bits, ac)
    const size = symbol & 15
    if (size === 0) {
      if (symbol >> 4 !== 15) break
      k += 15
      continue
    }
    k += symbol >> 4
    if (k > 63) throw new JpegDamage('a run of zeros leaves its block')
    values[at + (ZIGZAG[k] ?? 0)] = nextSigned(bits, size)
  }
}

const readDcFirst: BlockReader = (state, block) => {
  block.values[block.at] = nextDc(state, block) << state.scan.approximationLow
}

const refineDc: BlockReader = ({ bits, scan }, { values, at }) => {
  if (bits.take(1) === 1) values[at] = (values[at] ?? 0) | (1 << scan.approximationLow)
}

const readAcFirst: BlockReader = (state, { values, at, ac }) => {
  const { bits, scan } = state
  if (state.endRun > 0) {
    state.endRun -= 1
    return
  }
  for (let k = scan.spectralStart; k <= scan.spectralEnd; k += 1) {
    const symbol = nextSymbol(bits, table(ac))
    const run = symbol >> 4
    const size = symbol & 15
    if (size === 0) {
      if (run < 15) {
        state.endRun = (1 << run) - 1 + bits.take(run)
        return
      }
      k += 15
      continue
    }
    k += run
    if (k > 63) throw new JpegDamage('a run of zeros leaves its block')
    values[at + (ZIGZAG[k] ?? 0)] = nextSigned(bits, size) << scan.approximationLow
  }
}

/** One more bit for a coefficient that is not zero, G.1.2.3. */
function refineValue(bits: BitReader, values: Int16Array, place: number, bit: number): void {
  const value = values[place] ?? 0
  if (bits.take(1) === 1 && (Math.abs(value) & bit) === 0) values[place] = value + (value > 0 ? bit : -bit)
}

const refineAc: BlockReader = (state, { values, at, ac }) => {
  const { bits, scan } = state
  const bit = 1 << scan.approximationLow
  let k = scan.spectralStart
  while (state.endRun === 0 && k <= scan.spectralEnd) {
    const symbol = nextSymbol(bits, table(ac))
    let run = symbol >> 4
    let fresh = 0
    if ((symbol & 15) === 1) fresh = bits.take(1) === 1 ? bit : -bit
    else if ((symbol & 15) > 1) throw new JpegDamage('a refinement is larger than one bit')
    else if (run < 15) {
      state.endRun = (1 << run) + bits.take(run)
      break
    }
    for (; k <= scan.spectralEnd; k += 1) {
      const place = at + (ZIGZAG[k] ?? 0)
      if (values[place] !== 0) refineValue(bits, values, place, bit)
      else if (run > 0) run -= 1
      else {
        values[place] = fresh
        k += 1
        break
      }
    }
  }
  if (state.endRun === 0) return
  for (; k <= scan.spectralEnd; k += 1) {
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

/** Reads every block of one component in the unit at (across, down): its share of an interleaved unit, or one block. */
function readUnit(
  state: ScanState,
  read: BlockReader,
  component: ScanComponent,
  place: number,
  blocks: ComponentBlocks,
  unit: { readonly across: number; readonly down: number; readonly wide: number; readonly high: number },
): void {
  const dc = state.scan.huffman.get(component.dcTable)
  const ac = state.scan.huffman.get(4 + component.acTable)
  for (let down = 0; down < unit.high; down += 1) {
    for (let across = 0; across < unit.wide; across += 1) {
      const row = unit.down * unit.high + down
      const at = (row * blocks.stride + unit.across * unit.wide + across) * 64
      read(state, { values: blocks.values, at, place, dc, ac })
    }
  }
}

/** Reads one scan into the blocks; gives the first byte behind it. */
export function readScan(bytes: Uint8Array, scan: Scan, all: readonly ComponentBlocks[]): number {
  const { frame, components } = scan
  const parts = components.flatMap((component, place) => {
    const blocks = all[component.index]
    if (blocks === undefined) return []
    blocks.quantisation ??=
      scan.quantisation.get(frame.components[component.index]?.quantisation ?? 0) ?? null
    return [{ component, place, blocks }]
  })
  const [first] = parts
  if (first === undefined) throw new JpegDamage('a scan has no component')
  // A scan of one component goes block by block, and not in interleaved units, A.2.2.
  const isAlone = parts.length === 1
  const most = mostSampling(frame)
  const unitsAcross = isAlone ? first.blocks.across : Math.ceil(frame.columns / (8 * most.horizontal))
  const unitsDown = isAlone ? first.blocks.down : Math.ceil(frame.rows / (8 * most.vertical))
  const read = blockReader(scan)
  const bits = new BitReader(bytes, scan.start)
  const state: ScanState = { bits, scan, predictions: new Int32Array(components.length), endRun: 0 }
  for (let unit = 0; unit < unitsAcross * unitsDown; unit += 1) {
    if (scan.restartInterval > 0 && unit > 0 && unit % scan.restartInterval === 0) {
      if (bits.isOverrun || !bits.restart()) throw cutStream()
      state.predictions.fill(0)
      state.endRun = 0
    }
    const across = unit % unitsAcross
    const down = Math.floor(unit / unitsAcross)
    for (const { component, place, blocks } of parts) {
      const size = isAlone ? { wide: 1, high: 1 } : { wide: blocks.horizontal, high: blocks.vertical }
      readUnit(state, read, component, place, blocks, { across, down, ...size })
    }
    if (across === 0 && bits.isOverrun) throw cutStream()
  }
  if (bits.isOverrun) throw cutStream()
  return bits.position
}
