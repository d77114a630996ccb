/** JPEG 2000 by OpenJPEG. */
import type { Codec } from './codec'
import { decodeWith, startModule } from './emscripten'

export const startJpeg2000 = async (): Promise<Codec> => {
  const { default: factory } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs')
  const module = await startModule(factory, '@cornerstonejs/codec-openjpeg/decodewasm', 'J2KDecoder')
  return { heapBytes: module.heapBytes, decode: ({ kind, stream }) => decodeWith(module, kind, stream) }
}
