/** From a file to the stored values of one frame. */
import { BITS_DOUBTED, refuse } from '../../../contract'
import type { Result, Warning } from '../../../contract'
import { bitsPerFrame, decodedFrameBytes } from '../../image/pixel-layout'
import type { PixelLayout, StoredFrame } from '../../image/pixel-layout'
import { decodeRle } from '../../image/codec/rle'
import { unpackFrame } from '../../image/unpack'
import { MAX_UNPACKED_FRAME_BYTES, RLE_BEST_RATIO } from '../limits'
import { locateFragments, locateNative } from './locate-frames'
import type { FramePlaces, Span } from './locate-frames'
import { checkStream, decodeStreamFrame, streamWarnings } from './decode-stream'
import type { StreamDecoder } from './decode-stream'
import type { Inflate } from '../../files/inflate'
import type { DicomFile } from '../read-file'
import { nextStepOf } from '../transfer-syntax'

/** Refuses a file whose pixels have no decoder here, naming the syntax. */
export function requireDecoder(file: DicomFile): Result<null> {
  if (file.syntax.pixels !== null) return { ok: true, value: null }
  return refuse(
    'transfer-syntax-unsupported',
    `Pixels in ${file.syntax.name} (${file.syntax.uid}) cannot be decoded.`,
    {
      where: '(0002,0010)',
      next: nextStepOf(file.syntax),
    },
  )
}

/** Where the frames of a file lie, by its transfer syntax. */
export function locateFrames(file: DicomFile, layout: PixelLayout): Result<FramePlaces> {
  const supported = requireDecoder(file)
  if (!supported.ok) return supported
  return file.syntax.pixels === 'native' ? locateNative(file, layout) : locateFragments(file, layout)
}

function join(bytes: Uint8Array, spans: readonly Span[]): Uint8Array {
  const [only] = spans
  if (only !== undefined && spans.length === 1) return bytes.subarray(only.offset, only.offset + only.length)
  const joined = new Uint8Array(spans.reduce((sum, span) => sum + span.length, 0))
  let at = 0
  for (const span of spans) {
    joined.set(bytes.subarray(span.offset, span.offset + span.length), at)
    at += span.length
  }
  return joined
}

function decodePacked(packed: Uint8Array, layout: PixelLayout): Result<StoredFrame> {
  const frameBytes = Math.ceil(bitsPerFrame(layout) / 8)
  if (frameBytes > packed.length * RLE_BEST_RATIO) {
    return refuse(
      'pixels-damaged',
      `RLE: ${packed.length} bytes cannot unfold to the ${frameBytes} of a frame.`,
    )
  }
  if (frameBytes > MAX_UNPACKED_FRAME_BYTES) return tooLarge(frameBytes)
  if (layout.bitsAllocated === 12)
    return refuse('pixel-format-unsupported', 'RLE of packed 12-bit pixels is not supported.')
  const isBits = layout.bitsAllocated === 1
  const shape = {
    pixels: isBits ? frameBytes : layout.rows * layout.columns,
    samplesPerPixel: layout.samplesPerPixel,
    bytesPerSample: isBits ? 1 : layout.bitsAllocated >> 3,
  }
  const samples = decodeRle(packed, shape)
  if (!samples.ok) return samples
  const together: PixelLayout = { ...layout, planar: false, littleEndian: true, bytesSwapped: false }
  const frame = unpackFrame(samples.value.samples, 0, together)
  return { ok: true, value: withLeftOver(frame, samples.value.leftOverBytes) }
}

const withLeftOver = (frame: StoredFrame, leftOverBytes: number): StoredFrame =>
  leftOverBytes > 0 ? { ...frame, leftOverBytes } : frame

const tooLarge = (bytes: number): Result<never> =>
  refuse(
    'pixels-too-large',
    `A packed frame unfolds to ${Math.round(bytes / 2 ** 20)} MiB; ${MAX_UNPACKED_FRAME_BYTES / 2 ** 20} MiB are opened.`,
    { next: 'Convert the file to uncompressed (gdcmconv --raw).' },
  )

/** Said where a frame has more pixels than its header asks for: then the picture may be sheared. */
export function leftOverWarnings({ leftOverBytes = 0 }: StoredFrame): readonly Warning[] {
  if (leftOverBytes === 0) return []
  const text = `The pixel data of a frame go on for ${leftOverBytes} bytes behind what the header asks for: rows, columns or bits may be wrong, and the picture with them.`
  return [{ code: 'pixels-left-over', text }]
}

/**
 * Said where samples use bits that the header leaves unused, and no overlay of `overlays` (a mask of bits) explains it:
 * then Bits Stored is wrong, or the samples hold more than the picture.
 */
export function unusedBitsWarnings(
  { unusedBits }: StoredFrame,
  { bitsStored, bitsAllocated }: PixelLayout,
  overlays: number,
): readonly Warning[] {
  if (unusedBits === undefined) return []
  const isStray = (unusedBits.set & ~overlays) !== 0 || (unusedBits.isSignMixed && overlays === 0)
  if (!isStray) return []
  const text = `Bits Stored says ${bitsStored} of ${bitsAllocated}, and values of this slice use more: what is shown may be wrong, and so may every figure of it. Compare it with another program.`
  return [{ code: BITS_DOUBTED, text }]
}

/** What one decoded file needs between frames: its layout and the places of its frames. */
export interface OpenPixels {
  readonly layout: PixelLayout
  readonly places: FramePlaces
  /** Frames that are really there. */
  readonly frames: number
  readonly warnings: readonly Warning[]
}

/** Finds the frames of a file that is wholly at hand; of streams the first is looked at, though not decoded. */
export function openPixels(file: DicomFile, layout: PixelLayout): Result<OpenPixels> {
  const found = locateFrames(file, layout)
  if (!found.ok) return found
  const places = found.value
  const frames = places.kind === 'native' ? places.frames : places.frames.length
  if (places.kind === 'native' || file.syntax.pixels !== 'stream')
    return { ok: true, value: { layout, places, frames, warnings: places.warnings } }
  const first = checkStream(join(file.dataSet.bytes, places.frames[0] ?? []), layout)
  if (!first.ok) return first
  const warnings = [...places.warnings, ...streamWarnings(first.value, file.syntax)]
  return { ok: true, value: { layout, places, frames, warnings } }
}

/** What decoding needs that core does not have: zlib, and the libraries that unpack JPEG and its kin. */
export interface Unpackers {
  readonly inflate: Inflate
  readonly stream: StreamDecoder
}

/** Gives bytes of the file (or of its inflated data set); fewer where the file has become shorter. */
export type ReadBytes = (offset: number, length: number) => Uint8Array

function decodeNative(
  read: ReadBytes,
  start: number,
  firstBit: number,
  layout: PixelLayout,
): Result<StoredFrame> {
  const frameBits = bitsPerFrame(layout)
  // From an even byte on, so that pairs of swapped bytes stay together.
  const firstByte = Math.floor(firstBit / 16) * 2
  const needed = Math.ceil((firstBit + frameBits) / 8) - firstByte
  const bytes = read(start + firstByte, needed + (layout.bytesSwapped ? needed % 2 : 0))
  if (bytes.length < needed)
    return refuse('pixels-truncated', 'The file has become shorter than it was when it was listed.')
  return { ok: true, value: unpackFrame(bytes, firstBit - firstByte * 8, layout) }
}

/** Decodes one frame, 0-based. Refuses a frame that is not there or that is damaged. */
export function decodeFrame(
  file: DicomFile,
  pixels: OpenPixels,
  frame: number,
  read: ReadBytes,
  unpackers: Unpackers,
): Result<StoredFrame> {
  const { layout, places } = pixels
  if (frame < 0 || frame >= pixels.frames) {
    return refuse('not-found', `Frame ${frame + 1} is missing: the file holds ${pixels.frames}.`)
  }
  if (places.kind === 'native') return decodeNative(read, places.offset, frame * places.strideBits, layout)
  const packed = join(file.dataSet.bytes, places.frames[frame] ?? [])
  switch (file.syntax.pixels) {
    case 'rle':
      return decodePacked(packed, layout)
    case 'stream':
      return decodeStreamFrame(packed, layout, unpackers.stream)
    case 'deflated-frames': {
      if (decodedFrameBytes(layout) > MAX_UNPACKED_FRAME_BYTES) return tooLarge(decodedFrameBytes(layout))
      const inflated = unpackers.inflate(packed, decodedFrameBytes(layout) + DEFLATE_SLACK_BYTES)
      return inflated.ok ? decodeWhole(inflated.value, layout) : inflated
    }
    default:
      return decodeWhole(packed, layout)
  }
}

/** A deflated frame may be padded; more than this behind it is another picture. */
const DEFLATE_SLACK_BYTES = 1024

/** A native frame that lies in bytes of its own. */
function decodeWhole(bytes: Uint8Array, layout: PixelLayout): Result<StoredFrame> {
  const frameBytes = Math.ceil(bitsPerFrame(layout) / 8)
  if (bytes.length < frameBytes)
    return refuse('pixels-truncated', `Pixel data truncated (${bytes.length} of ${frameBytes} bytes).`)
  // One byte fills an odd frame up.
  const leftOver = bytes.length - frameBytes
  return { ok: true, value: withLeftOver(unpackFrame(bytes, 0, layout), leftOver > 1 ? leftOver : 0) }
}
