import { FIELD_SCALE } from '../../contract'
import { packedSizeBytes } from '../image/mask'

/** Where a run of logits lies: `count` samples of `heightPx` x `widthPx` logits that begin at row `firstRow` of the grid. */
export interface LogitStrip {
  readonly logits: Float32Array
  readonly count: number
  readonly widthPx: number
  readonly heightPx: number
  readonly firstRow: number
}

/** Sub-pixel fields of `count` samples on one grid, int8, and the grid they are on. */
export interface FieldBlock {
  readonly count: number
  readonly widthPx: number
  readonly heightPx: number
  readonly values: Int8Array
}

export function emptyFields(count: number, widthPx: number, heightPx: number): FieldBlock {
  return { count, widthPx, heightPx, values: new Int8Array(count * widthPx * heightPx) }
}

/**
 * Writes a strip of logits into the fields: |logit| * 16, rounded, kept within 1..127, positive exactly where the
 * logit is. Rows and columns beyond the grid (padding of the network's input) are dropped; pixels outside
 * `fieldOfView` (one byte a pixel of the grid) become background. Gives false when a logit is not a number.
 */
export function writeFields(fields: FieldBlock, strip: LogitStrip, fieldOfView: Uint8Array | null): boolean {
  const rows = Math.min(strip.heightPx, fields.heightPx - strip.firstRow)
  const columns = Math.min(strip.widthPx, fields.widthPx)
  const { values } = fields
  let finite = true
  for (let sample = 0; sample < fields.count; sample += 1) {
    for (let row = 0; row < rows; row += 1) {
      const from = (sample * strip.heightPx + row) * strip.widthPx
      const onGrid = (strip.firstRow + row) * fields.widthPx
      const to = sample * fields.heightPx * fields.widthPx + onGrid
      for (let column = 0; column < columns; column += 1) {
        const logit = strip.logits[from + column] ?? Number.NaN
        const size = Math.round(Math.abs(logit) * FIELD_SCALE)
        if (Number.isNaN(size)) finite = false
        const kept = size < 1 ? 1 : size > 127 ? 127 : size
        const inside = fieldOfView === null || fieldOfView[onGrid + column] !== 0
        values[to + column] = logit > 0 ? (inside ? kept : -1) : -kept
      }
    }
  }
  return finite
}

/** Masks of the fields (value > 0), packed one after another as the contract says: most significant bit first, each padded to a byte. */
export function packFields(fields: FieldBlock): Uint8Array {
  const pixels = fields.widthPx * fields.heightPx
  const size = packedSizeBytes(pixels)
  const packed = new Uint8Array(fields.count * size)
  for (let sample = 0; sample < fields.count; sample += 1) {
    const from = sample * pixels
    const to = sample * size
    for (let index = 0; index < pixels; index += 1) {
      if ((fields.values[from + index] ?? 0) > 0) {
        packed[to + (index >> 3)] = (packed[to + (index >> 3)] ?? 0) | (0x80 >> (index & 7))
      }
    }
  }
  return packed
}
