/** A mask picture marks what was drawn, in whatever two colours it was drawn and however it was saved. */
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { markedPixels } from '../../../src/core/image/marked-pixels'
import { readMaskPicture } from '../../../src/main/pictures/mask-picture'

const SIZE = { width: 9, height: 7 }
const drawn = fc
  .uint8Array({ minLength: 63, maxLength: 63, max: 1 })
  .filter((pixels) => pixels.includes(1) && pixels.includes(0))
type Colour = readonly [number, number, number]
const anyColour = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255))
  .filter((colour) => colour.some((part) => part > 0))

const painted = (pixels: Uint8Array, marked: Colour, background: Colour): Buffer =>
  Buffer.from([...pixels].flatMap((pixel) => (pixel === 1 ? marked : background)))

/** The ways in which the same pixels reach a file. */
async function saved(rgb: Buffer, way: 'png' | 'palette' | 'tiff'): Promise<Uint8Array> {
  const picture = sharp(rgb, { raw: { ...SIZE, channels: 3 } })
  const bytes =
    way === 'tiff' ? picture.tiff({ compression: 'lzw' }) : picture.png({ palette: way === 'palette' })
  return new Uint8Array(await bytes.toBuffer())
}

test('any colour on black is what is marked, in PNG, palette and TIFF', async () => {
  await fc.assert(
    fc.asyncProperty(
      drawn,
      anyColour,
      fc.constantFrom('png', 'palette', 'tiff'),
      async (pixels, colour, way) => {
        const bytes = await saved(painted(pixels, colour, [0, 0, 0]), way)
        const beside = await readMaskPicture(bytes, SIZE, 'mask')
        expect(beside.ok && [...beside.value.pixels]).toEqual([...pixels])
      },
    ),
    { numRuns: 60, seed: 51 },
  )
})

test('0 and 1 of 1, 8 and 16 bits, and a drawing on nothing, are marked', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, fc.integer({ min: 1, max: 65535 }), async (pixels, value) => {
      for (const samples of [pixels, pixels.map((pixel) => pixel * (value % 256 || 1))]) {
        const grey = markedPixels({ widthPx: 9, heightPx: 7, channels: 1, samples })
        expect(grey.ok && [...grey.value.pixels]).toEqual([...pixels])
      }
      const deep = Uint16Array.from(pixels, (pixel) => pixel * value)
      const png = await sharp(deep, { raw: { ...SIZE, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toBuffer()
      const read = await readMaskPicture(new Uint8Array(png), SIZE, 'mask')
      expect(read.ok && [...read.value.pixels]).toEqual([...pixels])
      const onNothing = Uint8Array.from(
        [...pixels].flatMap((pixel) => [pixel === 1 ? 0 : 200, 7, 7, pixel * 255]),
      )
      const alpha = markedPixels({ widthPx: 9, heightPx: 7, channels: 4, samples: onNothing })
      expect(alpha.ok && [...alpha.value.pixels]).toEqual([...pixels])
    }),
    { numRuns: 40, seed: 52 },
  )
})

test('a picture with pixels is never nothing: one colour marks all, three are refused by name', () => {
  const of = (samples: readonly number[]) => markedPixels({ widthPx: 3, heightPx: 2, channels: 1, samples })
  expect(of([9, 9, 9, 9, 9, 9])).toMatchObject({ ok: true, value: { pixels: new Uint8Array(6).fill(1) } })
  expect(of([0, 0, 0, 0, 0, 0])).toMatchObject({ ok: true, value: { pixels: new Uint8Array(6) } })
  const refused = of([0, 1, 2, 0, 0, 0])
  expect(refused).toMatchObject({
    ok: false,
    refusal: { reason: expect.stringContaining('0, 1, 2') as string },
  })
  expect(of([255, 255, 90, 255, 255, 255])).toMatchObject({ ok: true, value: { pixels: { 2: 1, 0: 0 } } })
})

test('soft edges between black and white are no labels', () => {
  const samples: number[] = Array.from({ length: 4000 }, (_unused, at) => (at < 2000 ? 0 : 255))
  for (let shade = 1; shade <= 40; shade += 1) samples[1980 + shade] = 6 * shade
  const mask = markedPixels({ widthPx: 80, heightPx: 50, channels: 1, samples })
  expect(mask.ok && mask.value.pixels.filter((pixel) => pixel === 1).length).toBe(4000 - 1980 - 22)
})
