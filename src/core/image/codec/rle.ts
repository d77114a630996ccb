/** RLE Lossless, PS3.5 annex G: a header of 64 bytes, then one PackBits segment for each byte of a sample. */
import { refuse } from '../../../contract'
import type { Result } from '../../../contract'

const HEADER_BYTES = 64

export interface RleShape {
  readonly pixels: number
  readonly samplesPerPixel: number
  readonly bytesPerSample: number
}

interface Unpacked {
  readonly done: number
  /** Bytes behind the plane, padding apart, and those that its last run would have gone on for. */
  readonly leftOverBytes: number
}

/** Writers fill segments up with zeros and with the code that does nothing. */
const isPadding = (byte: number): boolean => byte === 0 || byte === 128

export interface RleSamples {
  /** Little-endian samples, side by side. */
  readonly samples: Uint8Array<ArrayBuffer>
  /** What the segments give beyond the frame: nothing, where the header says what is there. */
  readonly leftOverBytes: number
}

/** Unpacks one segment into every `step`-th byte of `target` from `first` on. */
function unpackSegment(
  segment: Uint8Array,
  target: Uint8Array,
  first: number,
  step: number,
  count: number,
): Unpacked {
  let from = 0
  let done = 0
  let to = first
  let beyond = 0
  while (done < count && from < segment.length) {
    const code = segment[from] ?? 0
    from += 1
    if (code < 128) {
      const run = Math.min(code + 1, count - done, segment.length - from)
      beyond = Math.min(code + 1, segment.length - from) - run
      for (let k = 0; k < run; k += 1, to += step) target[to] = segment[from + k] ?? 0
      from += code + 1
      done += run
    } else if (code > 128 && from < segment.length) {
      const run = Math.min(257 - code, count - done)
      beyond = 257 - code - run
      const value = segment[from] ?? 0
      for (let k = 0; k < run; k += 1, to += step) target[to] = value
      from += 1
      done += run
    }
  }
  const rest = segment.subarray(Math.min(from, segment.length))
  return { done, leftOverBytes: beyond + (rest.every(isPadding) ? 0 : rest.length) }
}

const MOST_SEGMENTS = 15
/** Bytes that may stand behind a whole plane: padding and the run of a careless encoder, but not another image. */
const MOST_LEFT_OVER_BYTES = 1024

/**
 * Decodes one frame. Refuses a header that lies and a segment that gives
 * fewer bytes than the frame has; nothing is written past the frame, however much a segment would give.
 */
export function decodeRle(packed: Uint8Array, shape: RleShape): Result<RleSamples> {
  const damaged = (reason: string): Result<never> =>
    refuse('pixels-damaged', `RLE: ${reason}`, { next: 'Export the file again, uncompressed if possible.' })
  if (packed.length < HEADER_BYTES)
    return damaged(`the header has ${packed.length} of ${HEADER_BYTES} bytes.`)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const expected = shape.samplesPerPixel * shape.bytesPerSample
  const segments = view.getUint32(0, true)
  if (segments > MOST_SEGMENTS)
    return damaged(`${segments} segments declared, at most ${MOST_SEGMENTS} are allowed.`)
  if (segments !== expected) return damaged(`${segments} segments declared, ${expected} are needed.`)
  const frame = new Uint8Array(shape.pixels * expected)
  let leftOver = 0
  for (let segment = 0; segment < segments; segment += 1) {
    const start = view.getUint32(4 + 4 * segment, true)
    const end = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : packed.length
    if (start < HEADER_BYTES || start > packed.length)
      return damaged(`segment ${segment + 1} starts at byte ${start} of ${packed.length}.`)
    if (end < start || end > packed.length)
      return damaged(`segment ${segment + 1} ends at byte ${end}, before it starts or past the end.`)
    // Segments hold the most significant byte first; samples are written least significant byte first.
    const sample = Math.floor(segment / shape.bytesPerSample)
    const byte = shape.bytesPerSample - 1 - (segment % shape.bytesPerSample)
    const first = sample * shape.bytesPerSample + byte
    const { done, leftOverBytes } = unpackSegment(
      packed.subarray(start, end),
      frame,
      first,
      expected,
      shape.pixels,
    )
    if (done < shape.pixels) return damaged(`segment ${segment + 1} gives ${done} of ${shape.pixels} bytes.`)
    if (leftOverBytes > MOST_LEFT_OVER_BYTES)
      return damaged(`segment ${segment + 1} goes on for ${leftOverBytes} bytes behind the frame.`)
    leftOver += leftOverBytes
  }
  return { ok: true, value: { samples: frame, leftOverBytes: leftOver } }
}
