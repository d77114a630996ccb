/**
 * The decoders of one thread. Each is started when the first stream of its kind comes: decoding itself never waits,
 * so a job that meets a decoder that is not ready is stopped, and done again once it is.
 */
import { refuse } from '../../../../contract'
import { STREAM_NAMES } from '../../../../core/image/codec/stream-description'
import type { StreamKind } from '../../../../core/image/codec/stream-description'
import type { StreamDecoder } from '../../../../core/dicom/pixels/decode-stream'
import type { Codec } from './codec'
import { startHtj2k } from './htj2k'
import { startJpeg } from './jpeg'
import { startJpeg2000 } from './jpeg-2000'
import { startJpegLs } from './jpeg-ls'
import { startJpegXl } from './jpeg-xl'
import { startOwnJpeg } from './own-jpeg'

const starters: Readonly<Record<StreamKind, () => Promise<Codec>>> = {
  'jpeg-8-bit': startJpeg,
  'jpeg-12-bit': startOwnJpeg,
  'jpeg-lossless': startOwnJpeg,
  'jpeg-ls': startJpegLs,
  'jpeg-2000': startJpeg2000,
  htj2k: startHtj2k,
  'jpeg-xl': startJpegXl,
}

/** A decoder whose memory has grown past this is dropped behind its picture; its next one starts afresh. */
const LARGEST_HEAP_BYTES = 256 * 1024 * 1024

/** A stream came whose decoder is not started yet. */
export class DecoderNotReady extends Error {
  constructor(readonly kind: StreamKind) {
    super(`The decoder of ${STREAM_NAMES[kind]} is not ready.`)
  }
}

const ready = new Map<StreamKind, Codec>()

async function start(kind: StreamKind): Promise<void> {
  try {
    ready.set(kind, await starters[kind]())
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const decode: StreamDecoder = () =>
      refuse('internal', `The decoder of ${STREAM_NAMES[kind]} could not be started: ${words}`)
    ready.set(kind, { decode, heapBytes: () => 0 })
  }
}

/** Decodes a stream with the decoder of its kind, or throws `DecoderNotReady`. */
export const decodeStream: StreamDecoder = (described, isYbr) => {
  const { kind } = described
  const codec = ready.get(kind)
  if (codec === undefined) throw new DecoderNotReady(kind)
  try {
    const decoded = codec.decode(described, isYbr)
    if (codec.heapBytes() > LARGEST_HEAP_BYTES) ready.delete(kind)
    return decoded
  } catch (error) {
    // A module that trapped cannot be trusted again.
    ready.delete(kind)
    const words = error instanceof Error ? error.message : String(error)
    return refuse('pixels-damaged', `${STREAM_NAMES[kind]}: the decoder gave up (${words.slice(0, 80)}).`, {
      next: 'Copy or export the file again.',
    })
  }
}

/** Does work that decodes, again and again until every decoder that it needs is there. */
export async function whenReady<T>(work: () => T): Promise<T> {
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof DecoderNotReady)) throw error
      await start(error.kind)
    }
  }
}
