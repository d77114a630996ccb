import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cropToBox, decodeBoxMask, encodeBoxMask } from './box-mask'

const masks = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 12 }))
  .chain(([widthPx, heightPx, rarity]) =>
    fc
      .array(fc.integer({ min: 0, max: rarity }), {
        minLength: widthPx * heightPx,
        maxLength: widthPx * heightPx,
      })
      .map((draws) => ({
        widthPx,
        heightPx,
        pixels: Uint8Array.from(draws, (draw) => (draw === 1 ? 1 : 0)),
      })),
  )

/** Image indices of the pixels set, as text, by the plainest loop. */
function indices(placed: ReturnType<typeof decodeBoxMask>): string[] {
  const found: string[] = []
  placed.mask.pixels.forEach((pixel, at) => {
    const column = placed.originColumn + (at % placed.mask.widthPx)
    const row = placed.originRow + Math.floor(at / placed.mask.widthPx)
    if (pixel === 1) found.push(`${column},${row}`)
  })
  return found
}

test('a box mask holds the same image pixels as the mask it was made of', () => {
  fc.assert(
    fc.property(
      masks,
      fc.integer({ min: -5, max: 500 }),
      fc.integer({ min: -5, max: 500 }),
      (mask, column, row) => {
        const placed = { originColumn: column, originRow: row, mask }
        expect(indices(decodeBoxMask(encodeBoxMask(mask, column, row)))).toEqual(indices(placed))
      },
    ),
  )
})

test('no smaller box would do: each side of a cropped mask touches a pixel that is set', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      const { widthPx, heightPx, pixels } = cropToBox({ originColumn: 0, originRow: 0, mask }).mask
      if (!mask.pixels.includes(1)) {
        expect([widthPx, heightPx]).toEqual([0, 0])
        return
      }
      const columns = [...pixels].flatMap((pixel, at) => (pixel === 1 ? [at % widthPx] : []))
      const rows = [...pixels].flatMap((pixel, at) => (pixel === 1 ? [Math.floor(at / widthPx)] : []))
      expect([Math.min(...columns), Math.max(...columns)]).toEqual([0, widthPx - 1])
      expect([Math.min(...rows), Math.max(...rows)]).toEqual([0, heightPx - 1])
    }),
  )
})

test('rows are padded to bytes, most significant bit first', () => {
  // Row 0: 1000 0000 01.. -> 80 40; row 1: 0000 0001 00.. -> 01 00; base64 of 80 40 01 00 is gEABAA==.
  const pixels = new Uint8Array(20)
  pixels.set([1], 0)
  pixels.set([1], 9)
  pixels.set([1], 17)
  expect(encodeBoxMask({ widthPx: 10, heightPx: 2, pixels }, 3, 4)).toEqual({
    originColumn: 3,
    originRow: 4,
    widthPx: 10,
    heightPx: 2,
    bits: 'gEABAA==',
  })
})

test('bits of the wrong length are refused loudly', () => {
  expect(() =>
    decodeBoxMask({ originColumn: 0, originRow: 0, widthPx: 9, heightPx: 2, bits: 'gEAB' }),
  ).toThrow('3 bytes')
})
