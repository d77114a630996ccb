/** A frame in JPEG or one of its kin: what the stream says is compared with what the file says, then decoded. */
import { refuse } from '../../../contract'
import type { Result, Warning } from '../../../contract'
import { toRgb } from '../../image/colour'
import { describeStream } from '../../image/codec/compressed-stream'
import { STREAM_NAMES, streamDamaged } from '../../image/codec/stream-description'
import type { DecodedStream, StreamDescription } from '../../image/codec/stream-description'
import { sampleArray, sampleType } from '../../image/pixel-layout'
import type { PixelArray, PixelLayout, StoredFrame } from '../../image/pixel-layout'
import { maskSamples } from '../../image/unpack'
import type { TransferSyntax } from '../transfer-syntax'

/** Decodes a stream that was described. `isYbr` says whether its three components are YCbCr. */
export type StreamDecoder = (described: StreamDescription, isYbr: boolean) => Result<DecodedStream>

/** More bits than the decoders give. */
const MOST_BITS = 16

/** Compares a stream with its file before it is decoded: a size of 65,535 x 65,535 costs nothing. */
export function checkStream(bytes: Uint8Array, layout: PixelLayout): Result<StreamDescription> {
  const described = describeStream(bytes)
  if (!described.ok) return described
  const { kind, widthPx, heightPx, components, bits } = described.value
  const name = STREAM_NAMES[kind]
  if (widthPx !== layout.columns || heightPx !== layout.rows)
    return streamDamaged(
      kind,
      `the stream has ${widthPx} × ${heightPx} pixels, the file says ${layout.columns} × ${layout.rows}.`,
    )
  if (components !== null && components !== layout.samplesPerPixel)
    return streamDamaged(
      kind,
      `the stream has ${components} samples a pixel, the file says ${layout.samplesPerPixel}.`,
    )
  if (bits !== null && (bits > MOST_BITS || layout.bitsAllocated > MOST_BITS))
    return refuse(
      'pixel-format-unsupported',
      `${name} of ${Math.max(bits, layout.bitsAllocated)} bits is not supported.`,
    )
  if (bits !== null && bits > Math.max(8, layout.bitsAllocated))
    return streamDamaged(
      kind,
      `the stream has ${bits} bits a sample, the file makes room for ${layout.bitsAllocated}.`,
    )
  return described
}

/** What is worth knowing about a stream that is not what its file calls it. */
export function streamWarnings(
  { kind, isLossy }: StreamDescription,
  syntax: TransferSyntax,
): readonly Warning[] {
  if (!isLossy || syntax.lossy) return []
  const text = `The file says ${syntax.name}, but its pixels are lossy ${STREAM_NAMES[kind]}; they were decoded as they are.`
  return [{ code: 'stream-lossy', text }]
}

/** Samples of the stream as the file's header reads them: its width, its sign, its bits, whatever the stream says. */
function asStored(samples: PixelArray, layout: PixelLayout): PixelArray {
  const values = sampleArray(layout, samples)
  maskSamples(values, layout.bitsAllocated === 1 ? { ...layout, bitsAllocated: 8 } : layout)
  return values
}

/** Decodes one frame that is a stream. */
export function decodeStreamFrame(
  bytes: Uint8Array,
  layout: PixelLayout,
  decode: StreamDecoder,
): Result<StoredFrame> {
  const described = checkStream(bytes, layout)
  if (!described.ok) return described
  const { kind, colour } = described.value
  const isYbr =
    layout.samplesPerPixel === 3 && (colour === null ? layout.colour === 'ybr-full' : colour === 'ybr')
  const decoded = decode(described.value, isYbr)
  if (!decoded.ok) return decoded
  const { widthPx, heightPx, components, samples, isRgb } = decoded.value
  const isWhole =
    widthPx === layout.columns &&
    heightPx === layout.rows &&
    components === layout.samplesPerPixel &&
    samples.length === widthPx * heightPx * components
  if (!isWhole) return streamDamaged(kind, 'the decoded picture is not the one that the file describes.')
  const values = asStored(samples, layout)
  const form = layout.samplesPerPixel === 3 ? 'rgb' : layout.colour === 'index' ? 'index' : 'grey'
  return {
    ok: true,
    value: {
      form,
      dtype: sampleType(layout),
      widthPx,
      heightPx,
      values: isYbr && !isRgb ? toRgb(values, { ...layout, colour: 'ybr-full' }) : values,
    },
  }
}
