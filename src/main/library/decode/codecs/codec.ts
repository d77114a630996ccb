import type { StreamDecoder } from '../../../../core/dicom/pixels/decode-stream'

/** A decoder that is ready. */
export interface Codec {
  readonly decode: StreamDecoder
  /** Memory of WebAssembly that it holds; it never shrinks. */
  readonly heapBytes: () => number
}
