/** TIFF photographs: what the samples mean is what is shown, and what is listed was decoded. */
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { tiff, type TiffPage } from '../../fixtures/tiff-file'
import { describePhotograph, photographPixels } from '../../../src/main/pictures/photograph'

const [widthPx, heightPx] = [7, 5]
const size = { widthPx, heightPx }

async function shown(
  bytes: Uint8Array,
): Promise<{ readonly rgb: readonly number[]; readonly codes: readonly string[] }> {
  const described = await describePhotograph('img-1', 'eye.tif', bytes)
  if (!described.ok) throw new Error(described.refusal.reason)
  const pixels = await photographPixels(described.value, bytes)
  if (!pixels.ok) throw new Error(pixels.refusal.reason)
  return { rgb: [...pixels.value.bytes], codes: described.value.warnings.map(({ code }) => code) }
}

const values = (count: number, most: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: most }), { minLength: count, maxLength: count })

test('samples beyond the colours darken nothing, whatever they hold; alpha that says so does', async () => {
  await fc.assert(
    fc.asyncProperty(
      values(35 * 3, 255),
      values(35 * 2, 255),
      fc.integer({ min: 1, max: 2 }),
      async (rgb, extra, more) => {
        const data = Uint8Array.from(
          Array.from({ length: 35 }, (_unused, pixel) => [
            ...rgb.slice(3 * pixel, 3 * pixel + 3),
            ...extra.slice(2 * pixel, 2 * pixel + more),
          ]).flat(),
        )
        const page = { ...size, samplesPerPixel: 3 + more, data, photometric: 2 as const }
        const file = tiff([{ ...page, more: [[338, Array.from({ length: more }, () => 0)]] }])
        const { rgb: found, codes } = await shown(file)
        expect(found).toEqual(rgb)
        expect(codes).toContain('picture-samples')
        if (more > 1) return
        const withAlpha = await shown(tiff([{ ...page, more: [[338, [2]]] }]))
        const alpha = extra.filter((_value, at) => at % 2 === 0)
        withAlpha.rgb.forEach((value, at) => {
          expect(
            Math.abs(value - ((rgb[at] ?? 0) * (alpha[Math.floor(at / 3)] ?? 0)) / 255),
          ).toBeLessThanOrEqual(1)
        })
      },
    ),
    { numRuns: 40, seed: 71 },
  )
})

test('16-bit values are shown over the range that the file names, or that its bits have', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 9, max: 16 }),
      fc.boolean(),
      fc.boolean(),
      async (bits, isNamed, isGrey) => {
        const most = 2 ** bits - 1
        const samplesPerPixel = isGrey ? 1 : 3
        const data = Uint16Array.from({ length: 35 * samplesPerPixel }, (_unused, at) =>
          Math.round((most * at) / (35 * samplesPerPixel - 1)),
        )
        const named: NonNullable<TiffPage['more']> = isNamed
          ? [[281, Array.from({ length: samplesPerPixel }, () => most)]]
          : []
        const photometric = isGrey ? (1 as const) : (2 as const)
        const { rgb, codes } = await shown(
          tiff([{ ...size, samplesPerPixel, data, photometric, more: named }]),
        )
        const expected = Array.from(data, (value) => Math.round((value * 255) / most))
        expect(rgb).toEqual(isGrey ? expected.flatMap((value) => [value, value, value]) : expected)
        expect(codes).toContain('picture-range')
      },
    ),
    { numRuns: 40, seed: 72 },
  )
})

test('floats are shown over 0 to 1, else over what they hold', async () => {
  const data = Float32Array.from({ length: 35 }, (_unused, at) => at / 34)
  const page = { ...size, samplesPerPixel: 1, photometric: 1 as const }
  for (const [scale, shift] of [
    [1, 0],
    [300, -20],
  ] as const) {
    const { rgb } = await shown(tiff([{ ...page, data: data.map((value) => value * scale + shift) }]))
    Array.from(data).forEach((value, at) => {
      expect(Math.abs((rgb[3 * at] ?? 0) - 255 * value)).toBeLessThanOrEqual(1)
    })
  }
})

test('a reduced first page is passed over, and a black picture is said to be one', async () => {
  const bright = new Uint8Array(35 * 3).fill(200)
  const page = { ...size, samplesPerPixel: 3, photometric: 2 as const }
  const small = {
    ...page,
    widthPx: 3,
    heightPx: 2,
    data: new Uint8Array(18).fill(9),
    more: [[254, [1]]] as const,
  }
  const { rgb, codes } = await shown(tiff([small, { ...page, data: bright }]))
  expect(rgb).toEqual([...bright])
  expect(codes).not.toContain('picture-black')
  expect((await shown(tiff([{ ...page, data: new Uint8Array(105).fill(1) }]))).codes).toContain(
    'picture-black',
  )
})

test('a photograph that is cut anywhere in its pixels is refused when it is listed', async () => {
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_unused, at) => (at * 7919) % 251))
  const picture = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
  for (const bytes of [await picture.png().toBuffer(), await picture.jpeg().toBuffer()]) {
    for (const share of [0.3, 0.6, 0.9]) {
      const cut = new Uint8Array(bytes.subarray(0, Math.floor(bytes.length * share)))
      expect(await describePhotograph('img-1', 'eye', cut)).toMatchObject({ ok: false })
    }
  }
})

/** Grey values that rise over the picture, in any kind of sample, and what they are as a share of their range. */
const RAMP = Array.from({ length: 35 }, (_unused, at) => at / 34)

test.each<[string, () => TiffPage['data'], readonly number[]]>([
  ['unsigned of 8 bits', () => Uint8Array.from(RAMP, (share) => Math.round(255 * share)), RAMP],
  ['unsigned of 16 bits', () => Uint16Array.from(RAMP, (share) => Math.round(65535 * share)), RAMP],
  ['12 bits in 16', () => Uint16Array.from(RAMP, (share) => Math.round(4095 * share)), RAMP],
  ['unsigned of 32 bits', () => Uint32Array.from(RAMP, (share) => Math.round(1e6 * share)), RAMP],
  ['signed of 8 bits', () => Int8Array.from(RAMP, (share) => Math.round(127 * share)), RAMP],
  ['signed of 16 bits', () => Int16Array.from(RAMP, (share) => Math.round(32767 * share)), RAMP],
  ['12 bits in signed 16', () => Int16Array.from(RAMP, (share) => Math.round(4095 * share)), RAMP],
  ['signed of 32 bits', () => Int32Array.from(RAMP, (share) => Math.round(70_000 * share)), RAMP],
  ['single precision', () => Float32Array.from(RAMP), RAMP],
])('%s: from black to white, in TIFF and BigTIFF, also where white is zero', async (_name, data, shares) => {
  for (const isBig of [false, true]) {
    const page: TiffPage = { ...size, samplesPerPixel: 1, photometric: 1, data: data() }
    const { rgb, codes } = await shown(tiff([page], isBig))
    shares.forEach((share, at) => {
      expect(Math.abs((rgb[3 * at] ?? -1) - 255 * share)).toBeLessThanOrEqual(2)
    })
    expect(codes).not.toContain('picture-black')
    const colours: TiffPage = {
      ...{ ...size, samplesPerPixel: 3, photometric: 2, data: data() },
      data: repeated(data()),
    }
    expect((await shown(tiff([colours], isBig))).rgb).toEqual(rgb)
  }
})

/** Each value three times: grey as red, green and blue. */
function repeated(data: TiffPage['data']): TiffPage['data'] {
  const thrice = Array.from(data).flatMap((value) => [value, value, value])
  return (
    data.constructor as { from: (values: readonly number[]) => TiffPage['data'] } & typeof Uint8Array
  ).from(thrice)
}

test('double precision, which the decoder does not read, is refused by name', async () => {
  const page: TiffPage = { ...size, samplesPerPixel: 1, photometric: 1, data: Float64Array.from(RAMP) }
  expect(await describePhotograph('img-1', 'eye.tif', tiff([page]))).toMatchObject({
    ok: false,
    refusal: { code: 'picture-unsupported', path: 'eye.tif' },
  })
})

test('where white is zero, values fall from white to black, whatever bits they have', async () => {
  for (const [data, more] of [
    [Uint8Array.from(RAMP, (share) => Math.round(255 * share)), []],
    [Uint16Array.from(RAMP, (share) => Math.round(65535 * share)), []],
    [Uint16Array.from(RAMP, (share) => Math.round(4095 * share)), [[281, [4095]]]],
  ] as const) {
    const { rgb } = await shown(tiff([{ ...size, samplesPerPixel: 1, photometric: 0, data, more }]))
    RAMP.forEach((share, at) => {
      expect(Math.abs((rgb[3 * at] ?? -1) - 255 * (1 - share))).toBeLessThanOrEqual(2)
    })
  }
})

/** What a grey page shows, a value a pixel. */
async function shownGrey(page: Pick<TiffPage, 'data' | 'photometric' | 'more'>) {
  const { rgb, codes } = await shown(tiff([{ ...size, samplesPerPixel: 1, ...page }]))
  expect(rgb.every((value, at) => value === rgb[at - (at % 3)])).toBe(true)
  return { grey: rgb.filter((_value, at) => at % 3 === 0), codes }
}

test('signed 16-bit values are shown from the least (0 at most) to the largest, both ways round', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 35, maxLength: 35 }),
      fc.constantFrom(0 as const, 1 as const),
      async (values, photometric) => {
        const { grey, codes } = await shownGrey({ data: Int16Array.from(values), photometric })
        const [least, most] = [Math.min(0, ...values), Math.max(...values)]
        values.forEach((value, at) => {
          const expected = most > least ? (255 * (value - least)) / (most - least) : 0
          expect(Math.abs((grey[at] ?? 0) - (photometric === 0 ? 255 - expected : expected))).toBeLessThan(
            0.51,
          )
        })
        expect(codes).toContain('picture-range')
      },
    ),
    { numRuns: 40, seed: 72 },
  )
})

test('values that are no numbers are said and black, and change nothing of the others; none at all is refused', async () => {
  const none = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
    { weight: 1, arbitrary: none },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 33, maxLength: 33 }), async (held) => {
      const values = [...held, 2, 1000]
      const { grey, codes } = await shownGrey({ data: Float32Array.from(values), photometric: 1 })
      const least = Math.min(...values.filter(Number.isFinite))
      values.forEach((one, at) => {
        const expected = Number.isFinite(one) ? (255 * (one - least)) / (1000 - least) : 0
        expect(Math.abs((grey[at] ?? 0) - expected)).toBeLessThan(0.6)
      })
      expect(codes.includes('picture-no-numbers')).toBe(!values.every(Number.isFinite))
    }),
    { numRuns: 40, seed: 73 },
  )
  const empty = tiff([
    { ...size, samplesPerPixel: 1, data: new Float32Array(35).fill(Number.NaN), photometric: 1 },
  ])
  const described = await describePhotograph('img-1', 'eye.tif', empty)
  expect(described.ok ? '' : described.refusal.reason).toContain('none of its values is a number')
})

test('numbers of a palette that the file does not hold are refused by name; with it they are its colours', async () => {
  const data = Uint8Array.from({ length: 35 }, (_unused, at) => 7 * at)
  const page = { ...size, samplesPerPixel: 1, data, photometric: 3 as const }
  const described = await describePhotograph('img-1', 'eye.tif', tiff([page]))
  expect(described.ok ? '' : described.refusal.reason).toContain('ColorMap')
  const map = Array.from({ length: 768 }, (_unused, at) => 257 * ((at * 5) % 256))
  const { rgb } = await shown(tiff([{ ...page, more: [[320, map]] }]))
  expect(rgb).toEqual(
    [...data].flatMap((number) => [0, 256, 512].map((plane) => ((plane + number) * 5) % 256)),
  )
})

test('alpha of 16 bits that says so darkens once, also where the colours hold it already', async () => {
  const pixels = Array.from({ length: 35 }, (_unused, at) => [60_000, 30_000, 12_000, 1927 * at]).flat()
  const straight = { ...size, samplesPerPixel: 4, photometric: 2 as const, data: Uint16Array.from(pixels) }
  const { rgb } = await shown(tiff([{ ...straight, more: [[338, [2]]] }]))
  const before = Uint16Array.from(pixels, (value, at) =>
    at % 4 === 3 ? value : (value * (pixels[at - (at % 4) + 3] ?? 0)) / 65535,
  )
  const associated = await shown(tiff([{ ...straight, data: before, more: [[338, [1]]] }]))
  for (let at = 0; at < rgb.length; at += 1) {
    const alpha = (1927 * Math.floor(at / 3)) / 65535
    const wanted = (([60_000, 30_000, 12_000][at % 3] ?? 0) * alpha * 255) / 65535
    expect(Math.abs((rgb[at] ?? 0) - wanted)).toBeLessThanOrEqual(2)
    expect(Math.abs((associated.rgb[at] ?? 0) - wanted)).toBeLessThanOrEqual(2)
  }
})

test('8-bit values whose largest the file names, and 16-bit PNG, go by the same rule', async () => {
  const data = Uint8Array.from(RAMP, (share) => Math.round(63 * share))
  const { rgb } = await shown(
    tiff([{ ...size, samplesPerPixel: 1, photometric: 1, data, more: [[281, [63]]] }]),
  )
  const deep = Uint16Array.from(
    RAMP.flatMap((share) => Array.from({ length: 3 }, () => Math.round(4095 * share))),
  )
  const png = await sharp(deep, { raw: { width: 7, height: 5, channels: 3 } })
    .toColourspace('rgb16')
    .png()
    .toBuffer()
  const ofPng = await shown(new Uint8Array(png))
  RAMP.forEach((share, at) => {
    // 63 steps of four.
    expect(Math.abs((rgb[3 * at] ?? -1) - 255 * share)).toBeLessThanOrEqual(3)
    expect(Math.abs((ofPng.rgb[3 * at] ?? -1) - 255 * share)).toBeLessThanOrEqual(2)
  })
})

test('a reduced first page is passed over by either tag, in BigTIFF too', async () => {
  const page = { ...size, samplesPerPixel: 3, photometric: 2 as const, data: new Uint8Array(105).fill(200) }
  const small = { ...page, widthPx: 3, heightPx: 2, data: new Uint8Array(18).fill(9) }
  for (const isBig of [false, true])
    for (const mark of [
      [254, [1]],
      [255, [2]],
    ] as const) {
      const { rgb } = await shown(tiff([{ ...small, more: [mark] }, page], isBig))
      expect(rgb).toHaveLength(105)
    }
})

test('almost black is what nothing can be seen in, not what is dark', async () => {
  const grey = (value: (at: number) => number) =>
    shown(
      tiff([
        { ...size, samplesPerPixel: 1, photometric: 1, data: Uint8Array.from(RAMP, (_s, at) => value(at)) },
      ]),
    )
  expect((await grey((at) => at % 15)).codes).toContain('picture-black')
  expect((await grey((at) => (at < 20 ? 0 : 60))).codes).not.toContain('picture-black')
})

test('colours for print are said to be, whatever the file: no model runs on what was converted', async () => {
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * 37) % 251)
  const plain = sharp(data, { raw: { width: 64, height: 64, channels: 3 } })
  const print = plain.clone().toColourspace('cmyk')
  for (const [picture, isPrint] of [
    [print.clone().jpeg(), true],
    [print.clone().tiff(), true],
    [plain.clone().jpeg(), false],
    [plain.clone().tiff(), false],
  ] as const) {
    const { codes } = await shown(new Uint8Array(await picture.toBuffer()))
    expect(codes.includes('picture-cmyk')).toBe(isPrint)
  }
})
