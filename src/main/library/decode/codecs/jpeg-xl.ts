/** JPEG XL by libjxl. */
import type { Codec } from './codec'
import { decodeWith, startModule } from './emscripten'

export const startJpegXl = async (): Promise<Codec> => {
  const { default: factory } = await import('@cornerstonejs/codec-libjxl/decodewasmjs')
  const module = await startModule(factory, '@cornerstonejs/codec-libjxl/decodewasm', 'JpegXLDecoder')
  return { heapBytes: module.heapBytes, decode: ({ kind, stream }) => decodeWith(module, kind, stream) }
}
