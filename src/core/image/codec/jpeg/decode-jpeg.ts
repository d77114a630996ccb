/**
 * JPEG streams that no kept library decodes: 12-bit DCT (processes 2 and 4 of T.81, sequential and progressive) and
 * lossless (process 14). Huffman only: arithmetic coding has not been met in DICOM.
 */
import { refuse } from '../../../../contract'
import type { Result } from '../../../../contract'
import { emptyBlocks, mostSampling, naturalOrder, readScan } from './coefficients'
import type { ComponentBlocks } from './coefficients'
import { JpegDamage, cutStream } from './damage'
import { inverseDct } from './inverse-dct'
import { decodeLossless } from './lossless'
import { eachScan } from './scan'
import { MARKER, readOpening } from './segments'
import type { FrameHeader } from './segments'

interface Canvas {
  readonly samples: Uint16Array<ArrayBuffer>
  readonly columns: number
  readonly rows: number
  /** Samples of a pixel, and which of them is painted. */
  readonly step: number
  readonly component: number
  readonly most: number
  /** What a block is about, and a half, since what is painted is rounded down. */
  readonly middle: number
  /** Pixels of a sample: more than one where the component is sampled less often than the picture. */
  readonly wide: number
  readonly high: number
}

/** A sample within its range, rounded down. */
const kept = (value: number, most: number): number => (value <= 0 ? 0 : value >= most ? most : value | 0)

/** Writes one block of 8 x 8 samples with the first of them at (left, top). */
function paint(canvas: Canvas, block: Float64Array, left: number, top: number): void {
  const { samples, columns, step, component, most, middle, wide, high } = canvas
  const right = Math.min(columns, left + 8 * wide)
  const bottom = Math.min(canvas.rows, top + 8 * high)
  for (let row = top; row < bottom; row += 1) {
    let from = (high === 1 ? row - top : Math.floor((row - top) / high)) * 8
    let at = (row * columns + left) * step + component
    if (wide === 1)
      for (let column = left; column < right; column += 1, at += step, from += 1)
        samples[at] = kept((block[from] ?? 0) + middle, most)
    else
      for (let column = left; column < right; column += 1, at += step)
        samples[at] = kept((block[from + Math.floor((column - left) / wide)] ?? 0) + middle, most)
  }
}

function paintComponent(canvas: Canvas, blocks: ComponentBlocks): void {
  const { quantisation, values, last, across, down, stride } = blocks
  const { wide, high } = canvas
  if (quantisation === null) throw new JpegDamage('a quantisation table is missing')
  if (!Number.isInteger(wide) || !Number.isInteger(high))
    throw new JpegDamage('its sampling factors do not divide')
  const steps = new Float64Array(64)
  for (let k = 0; k < 64; k += 1) steps[naturalOrder(k)] = (quantisation[k] ?? 0) / 4
  const block = new Float64Array(64)
  for (let row = 0; row < down; row += 1) {
    for (let column = 0; column < across; column += 1) {
      const place = row * stride + column
      inverseDct(values, place * 64, steps, last[place] === 0, block)
      paint(canvas, block, column * 8 * wide, row * 8 * high)
    }
  }
}

function decodeDct(bytes: Uint8Array, frame: FrameHeader): Uint16Array<ArrayBuffer> {
  const blocks = emptyBlocks(frame)
  const seen = new Set<number>()
  eachScan(bytes, (scan) => {
    for (const { index } of scan.components) seen.add(index)
    return readScan(bytes, scan, blocks)
  })
  if (seen.size < blocks.length) throw cutStream()
  const samples = new Uint16Array(frame.rows * frame.columns * blocks.length)
  const { columns, rows, precisionBits } = frame
  const most = mostSampling(frame)
  for (const [component, each] of blocks.entries())
    paintComponent(
      {
        ...{ samples, columns, rows, step: blocks.length, component },
        most: 2 ** precisionBits - 1,
        middle: 2 ** (precisionBits - 1) + 0.5,
        wide: most.horizontal / each.horizontal,
        high: most.vertical / each.vertical,
      },
      each,
    )
  return samples
}

const sequential: readonly number[] = [MARKER.frameBaseline, MARKER.frameExtended, MARKER.frameProgressive]

/** Samples as [row][column][component], in the colours of the stream. The caller has compared its size with the object. */
export function decodeJpeg(bytes: Uint8Array): Result<Uint16Array<ArrayBuffer>> {
  try {
    const opening = readOpening(bytes)
    if (opening === null) throw new JpegDamage('it has no frame header')
    const { frame } = opening
    if (frame.process === MARKER.frameLossless)
      return { ok: true, value: decodeLossless(bytes, frame.rows, frame.columns, frame.components.length) }
    if (sequential.includes(frame.process)) return { ok: true, value: decodeDct(bytes, frame) }
    throw new JpegDamage('its process (arithmetic or hierarchical) is not supported')
  } catch (error) {
    if (!(error instanceof JpegDamage)) throw error
    return refuse('pixels-damaged', `JPEG: ${error.message}.`, { next: 'Copy or export the file again.' })
  }
}
