/**
 * What a compressed stream says of itself in its first bytes: which decoder it needs and how large its picture is.
 * Read before anything is decoded, so that a lie about the size costs nothing. The stream is believed, not the name
 * that the file gives it: baseline streams under the name of lossless JPEG do occur.
 */
import { refuse } from '../../../contract'
import type { Result } from '../../../contract'
import { describeCodestream } from './jpeg-2000-opening'
import { JpegDamage } from './jpeg/damage'
import { MARKER, isClosed, readOpening } from './jpeg/segments'
import type { JpegOpening } from './jpeg/segments'
import { describeJpegXl } from './jpeg-xl-opening'
import { streamDamaged } from './stream-description'
import type { StreamDescription, StreamKind } from './stream-description'

const LETTERS_RGB = [0x52, 0x47, 0x42]

/** What the markers of a DCT stream say: an Adobe segment first, then JFIF, the names of components, and thinned chroma. */
function colourOf({ frame, isJfif, adobeTransform }: JpegOpening): 'rgb' | 'ybr' | null {
  if (frame.components.length !== 3) return null
  if (adobeTransform !== null) return adobeTransform === 0 ? 'rgb' : 'ybr'
  if (isJfif) return 'ybr'
  if (frame.components.every(({ id }, index) => id === LETTERS_RGB[index])) return 'rgb'
  const isThinned = frame.components.some(({ horizontal, vertical }) => horizontal * vertical > 1)
  return isThinned ? 'ybr' : null
}

function jpegKind(process: number, bits: number): StreamKind | null {
  if (process === MARKER.frameJpegLs) return 'jpeg-ls'
  if (process === MARKER.frameLossless) return 'jpeg-lossless'
  if (process > MARKER.frameProgressive) return null
  return bits === 8 ? 'jpeg-8-bit' : bits === 12 ? 'jpeg-12-bit' : null
}

function describeJpeg(bytes: Uint8Array): Result<StreamDescription> {
  const opening = readOpening(bytes)
  if (opening === null) return refuse('pixels-damaged', 'JPEG: the stream has no frame header.')
  const { process, precisionBits, rows, columns, components } = opening.frame
  const kind = jpegKind(process, precisionBits)
  if (kind === null)
    return refuse(
      'pixel-format-unsupported',
      `JPEG of process SOF${process - MARKER.frameBaseline} with ${precisionBits} bits is not supported.`,
    )
  if (!isClosed(bytes)) return streamDamaged(kind, 'the stream is cut: its end marker is missing.')
  const isPlain = kind === 'jpeg-8-bit' || kind === 'jpeg-12-bit'
  const described: StreamDescription = {
    kind,
    widthPx: columns,
    heightPx: rows,
    components: components.length,
    bits: precisionBits,
    // Of JPEG-LS only the scan header could tell; the name of the syntax is right about it.
    isLossy: isPlain,
    colour: isPlain ? colourOf(opening) : null,
    stream: bytes,
  }
  return { ok: true, value: described }
}

const starts = (bytes: Uint8Array, ...start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte)

/** True for bytes that one of the streams begins with: where the fragments of a new frame start. */
export const beginsStream = (bytes: Uint8Array): boolean =>
  starts(bytes, 0xff, 0xd8, 0xff) ||
  starts(bytes, 0xff, 0x4f, 0xff, 0x51) ||
  starts(bytes, 0xff, 0x0a) ||
  isBoxed(bytes, 0x6a, 0x50) ||
  isBoxed(bytes, 0x4a, 0x58)

/** The signature box that JP2 and JPEG XL files open with: its length of 12 and two telling letters. */
const isBoxed = (bytes: Uint8Array, first: number, second: number): boolean =>
  starts(bytes, 0, 0, 0, 12, first, second)

/** Describes a stream by its first bytes; refuses what none of the decoders could read, and what is visibly cut. */
export function describeStream(bytes: Uint8Array): Result<StreamDescription> {
  try {
    if (starts(bytes, 0xff, 0xd8)) return describeJpeg(bytes)
    if (starts(bytes, 0xff, 0x4f, 0xff, 0x51) || isBoxed(bytes, 0x6a, 0x50)) return describeCodestream(bytes)
    if (starts(bytes, 0xff, 0x0a) || isBoxed(bytes, 0x4a, 0x58)) return describeJpegXl(bytes)
  } catch (error) {
    if (!(error instanceof JpegDamage)) throw error
    return refuse('pixels-damaged', `JPEG: ${error.message}.`, { next: 'Copy or export the file again.' })
  }
  return refuse('pixels-damaged', 'The pixel data are no JPEG, JPEG-LS, JPEG 2000 or JPEG XL stream.', {
    where: '(7FE0,0010)',
    next: 'Copy or export the file again.',
  })
}
