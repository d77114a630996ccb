/** JPEG-LS, lossless and near-lossless, by CharLS. */
import type { Codec } from './codec'
import { decodeWith, startModule } from './emscripten'

export const startJpegLs = async (): Promise<Codec> => {
  const { default: factory } = await import('@cornerstonejs/codec-charls/decodewasmjs')
  const module = await startModule(factory, '@cornerstonejs/codec-charls/decodewasm', 'JpegLSDecoder')
  return { heapBytes: module.heapBytes, decode: ({ kind, stream }) => decodeWith(module, kind, stream) }
}
