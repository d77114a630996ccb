/** 8-bit JPEG, baseline, extended and progressive, by libjpeg-turbo. */
import { joinBytes } from '../../../../core/files/join-bytes'
import type { Codec } from './codec'
import { decodeWith, startModule } from './emscripten'

const ADOBE_BYTES = 14

/**
 * The stream with one Adobe segment that says how its three components are meant, since the library asks nobody
 * else: without it YCbCr is assumed. Segments that it had are left out; a cut one would be taken at its word.
 */
function withTransform(stream: Uint8Array, isYbr: boolean): Uint8Array {
  const kept: Uint8Array[] = []
  let at = 2
  while (at + 4 <= stream.length && stream[at] === 0xff && stream[at + 1] !== 0xda) {
    const marker = stream[at + 1] ?? 0
    const end = marker === 0xff ? at + 1 : at + 2 + (stream[at + 2] ?? 0) * 256 + (stream[at + 3] ?? 0)
    const isColour = marker === 0xe0 || marker === 0xee
    if (!isColour) kept.push(stream.subarray(at, end))
    at = end
  }
  kept.push(stream.subarray(at))
  const adobe = [0xff, 0xee, 0, ADOBE_BYTES, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, isYbr ? 1 : 0]
  return joinBytes([Uint8Array.of(0xff, 0xd8, ...adobe), ...kept])
}

export const startJpeg = async (): Promise<Codec> => {
  const { default: factory } = await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')
  const module = await startModule(
    factory,
    '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm',
    'JPEGDecoder',
  )
  return {
    heapBytes: module.heapBytes,
    decode: ({ kind, stream, components }, isYbr) => {
      if (components !== 3) return decodeWith(module, kind, stream)
      const decoded = decodeWith(module, kind, withTransform(stream, isYbr))
      return decoded.ok ? { ok: true, value: { ...decoded.value, isRgb: true } } : decoded
    },
  }
}
