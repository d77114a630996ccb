/** A compressed stream as its first bytes describe it, and what its kind is called. */
import { refuse } from '../../../contract'
import type { PixelArray } from '../pixel-layout'

/** One decoder each: 8-bit DCT, 12-bit DCT and lossless JPEG go different ways. */
export type StreamKind =
  'jpeg-8-bit' | 'jpeg-12-bit' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k' | 'jpeg-xl'

export interface StreamDescription {
  readonly kind: StreamKind
  readonly widthPx: number
  readonly heightPx: number
  /** Samples of a pixel; null where only the decoder can tell. */
  readonly components: number | null
  /** Bits of a sample; null where only the decoder can tell. */
  readonly bits: number | null
  readonly isLossy: boolean
  /** What the stream says of three components; null where it says nothing and the file's header counts. */
  readonly colour: 'rgb' | 'ybr' | null
  /** The part of the bytes that the decoder wants. */
  readonly stream: Uint8Array
}

/** Names in words, for refusals. */
export const STREAM_NAMES: Readonly<Record<StreamKind, string>> = {
  'jpeg-8-bit': 'JPEG',
  'jpeg-12-bit': 'JPEG of 12 bits',
  'jpeg-lossless': 'lossless JPEG',
  'jpeg-ls': 'JPEG-LS',
  'jpeg-2000': 'JPEG 2000',
  htj2k: 'High-Throughput JPEG 2000',
  'jpeg-xl': 'JPEG XL',
}

export const streamDamaged = (kind: StreamKind, reason: string): ReturnType<typeof refuse> =>
  refuse('pixels-damaged', `${STREAM_NAMES[kind]}: ${reason}`, { next: 'Copy or export the file again.' })

/** A stream decoded: [row][column][sample], row by row from the top left. */
export interface DecodedStream {
  readonly widthPx: number
  readonly heightPx: number
  readonly components: number
  readonly samples: PixelArray
  /** Where the library has turned YCbCr into RGB itself. */
  readonly isRgb: boolean
}
