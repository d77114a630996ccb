import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, toBase64 } from './base64'
import { countPixels, packMask, unpackMask } from './mask'

const masks = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
  .chain(([widthPx, heightPx]) =>
    fc
      .array(fc.integer({ min: 0, max: 1 }), { minLength: widthPx * heightPx, maxLength: widthPx * heightPx })
      .map((pixels) => ({ widthPx, heightPx, pixels: Uint8Array.from(pixels) })),
  )

test('packing and unpacking a mask gives it back', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      expect(unpackMask(packMask(mask), mask.widthPx, mask.heightPx)).toEqual(mask)
    }),
  )
})

test('the packed bits count as many as the mask has pixels', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      const bits = [...packMask(mask)].reduce(
        (sum, byte) => sum + byte.toString(2).replaceAll('0', '').length,
        0,
      )
      expect(bits).toBe(countPixels(mask))
    }),
  )
})

test('base64 is that of Node, both ways', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      expect(toBase64(bytes)).toBe(text)
      expect(fromBase64(text)).toEqual(bytes)
    }),
  )
})
