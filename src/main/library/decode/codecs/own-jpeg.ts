/** 12-bit and lossless JPEG by our own code: the libraries refuse the one, and lose a pixel of the other. */
import { decodeJpeg } from '../../../../core/image/codec/jpeg/decode-jpeg'
import type { Codec } from './codec'

export const startOwnJpeg = (): Promise<Codec> =>
  Promise.resolve({
    heapBytes: () => 0,
    decode: ({ stream, widthPx, heightPx, components }) => {
      const samples = decodeJpeg(stream)
      return samples.ok
        ? {
            ok: true,
            value: { widthPx, heightPx, components: components ?? 1, samples: samples.value, isRgb: false },
          }
        : samples
    },
  })
