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
  const { logits, widthPx } = strip
  let finite = true
  for (let sample = 0; sample < fields.count; sample += 1) {
    for (let row = 0; row < rows; row += 1) {
      let from = (sample * strip.heightPx + row) * widthPx
      const onGrid = (strip.firstRow + row) * fields.widthPx
      const to = sample * fields.heightPx * fields.widthPx + onGrid
      for (let at = 0; at < columns; at += 1) {
        const scaled = (logits[from] ?? Number.NaN) * FIELD_SCALE
        from += 1
        // The two comparisons fail for what is not a number; rounding is half away from zero on both sides.
        if (scaled > 0) values[to + at] = scaled < 126.5 ? Math.max(1, (scaled + 0.5) | 0) : 127
        else if (scaled <= 0) values[to + at] = scaled > -126.5 ? Math.min(-1, (scaled - 0.5) | 0) : -127
        else finite = false
      }
    }
  }
  if (fieldOfView !== null) clearOutside(fields, fieldOfView)
  return finite
}

function clearOutside(fields: FieldBlock, fieldOfView: Uint8Array): void {
  const { values } = fields
  const pixels = fields.widthPx * fields.heightPx
  for (let at = 0; at < values.length; at += 1) {
    if (fieldOfView[at % pixels] === 0 && (values[at] ?? 0) > 0) values[at] = -1
  }
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
