/** The size header of a JPEG XL stream (ISO/IEC 18181-1, SizeHeader), bare or in the boxes of 18181-2. */
import type { Result } from '../../../contract'
import { refuse } from '../../../contract'
import type { StreamDescription } from './stream-description'

const BOX_WHOLE = 0x6a786c63
const BOX_PART = 0x6a786c70
/** Width over height that a size header can name instead of a width. */
const RATIOS = [null, [1, 1], [12, 10], [4, 3], [3, 2], [16, 9], [5, 4], [2, 1]] as const

/** Where the code stream starts; null when no box holds it. */
function codestreamStart(bytes: Uint8Array): number | null {
  if (bytes[0] === 0xff) return 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at)
    const type = view.getUint32(at + 4)
    if (type === BOX_WHOLE) return at + 8
    if (type === BOX_PART) return at + 12
    if (length < 8) return null
    at += length
  }
  return null
}

/** Bits from the least significant of each byte on. */
function bitsFrom(bytes: Uint8Array, start: number): (count: number) => number {
  let bit = start * 8
  return (count) => {
    let value = 0
    for (let k = 0; k < count; k += 1, bit += 1) value += (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) * 2 ** k
    return value
  }
}

const SIZE_BITS = [9, 13, 18, 30] as const

/** Tells the size; depth and samples are only known to the decoder, which is checked afterwards. */
export function describeJpegXl(bytes: Uint8Array): Result<StreamDescription> {
  const start = codestreamStart(bytes)
  if (start === null || bytes[start] !== 0xff || bytes[start + 1] !== 0x0a)
    return refuse('pixels-damaged', 'JPEG XL: the boxes hold no code stream.', {
      next: 'Copy or export the file again.',
    })
  const take = bitsFrom(bytes, start + 2)
  const isSmall = take(1) === 1
  const side = (): number => (isSmall ? (take(5) + 1) * 8 : take(SIZE_BITS[take(2)] ?? 9) + 1)
  const heightPx = side()
  const ratio = RATIOS[take(3)] ?? null
  const widthPx = ratio === null ? side() : Math.floor((heightPx * ratio[0]) / ratio[1])
  return {
    ok: true,
    value: {
      kind: 'jpeg-xl',
      widthPx,
      heightPx,
      components: null,
      bits: null,
      isLossy: false,
      colour: 'rgb',
      stream: bytes,
    },
  }
}
