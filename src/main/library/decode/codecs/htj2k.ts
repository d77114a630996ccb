/** High-Throughput JPEG 2000 by OpenJPH. */
import type { Codec } from './codec'
import { decodeWith, startModule } from './emscripten'

export const startHtj2k = async (): Promise<Codec> => {
  const { default: factory } = await import('@cornerstonejs/codec-openjph/wasmjs')
  const module = await startModule(factory, '@cornerstonejs/codec-openjph/wasm', 'HTJ2KDecoder')
  return { heapBytes: module.heapBytes, decode: ({ kind, stream }) => decodeWith(module, kind, stream) }
}
