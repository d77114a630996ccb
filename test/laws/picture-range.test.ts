/** TIFF photographs: what the samples mean is what is shown, and what is listed was decoded. */
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { describePhotograph, photographPixels } from '../../src/main/library/photograph'

interface Tiff {
  readonly widthPx: number
  readonly heightPx: number
  readonly samplesPerPixel: number
  readonly data: Uint8Array | Uint16Array | Float32Array
  readonly photometric: 1 | 2
  /** Tag and values, as SHORT. */
  readonly more?: readonly (readonly [number, readonly number[]])[]
}

/** Pages of TIFF 6.0, little endian, one strip each, as a scanner's driver would write them. */
function tiff(pages: readonly Tiff[]): Uint8Array {
  const parts: { at: number; bytes: Uint8Array }[] = []
  let end = 8
  const put = (bytes: Uint8Array): number => {
    const at = end
    parts.push({ at, bytes })
    end += bytes.length + (bytes.length % 2)
    return at
  }
  let link = 4
  const links: (readonly [number, number])[] = []
  for (const { widthPx, heightPx, samplesPerPixel, data, photometric, more } of pages) {
    const strip = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const every = (value: number): readonly number[] => Array.from({ length: samplesPerPixel }, () => value)
    const tags: (readonly [number, readonly number[]])[] = [
      [256, [widthPx]],
      [257, [heightPx]],
      [258, every(8 * data.BYTES_PER_ELEMENT)],
      [259, [1]],
      [262, [photometric]],
      [273, [put(strip)]],
      [277, [samplesPerPixel]],
      [278, [heightPx]],
      [279, [strip.length]],
      [339, every(data instanceof Float32Array ? 3 : 1)],
      ...(more ?? []),
    ]
    const sorted = tags.toSorted(([a], [b]) => a - b)
    const entries = sorted.map(([tag, values]) => {
      const isWide = values.some((value) => value > 65535)
      const bytes = isWide ? Uint32Array.from(values) : Uint16Array.from(values)
      const raw = new Uint8Array(bytes.buffer)
      return { tag, type: isWide ? 4 : 3, count: values.length, raw, at: raw.length > 4 ? put(raw) : 0 }
    })
    const directory = new DataView(new ArrayBuffer(2 + 12 * entries.length + 4))
    directory.setUint16(0, entries.length, true)
    entries.forEach(({ tag, type, count, raw, at }, index) => {
      const place = 2 + 12 * index
      directory.setUint16(place, tag, true)
      directory.setUint16(place + 2, type, true)
      directory.setUint32(place + 4, count, true)
      if (raw.length > 4) directory.setUint32(place + 8, at, true)
      else new Uint8Array(directory.buffer).set(raw, place + 8)
    })
    const at = put(new Uint8Array(directory.buffer))
    links.push([link, at])
    link = at + directory.byteLength - 4
  }
  const file = new Uint8Array(end)
  file.set([0x49, 0x49, 0x2a, 0])
  for (const { at, bytes } of parts) file.set(bytes, at)
  const view = new DataView(file.buffer)
  for (const [from, to] of links) view.setUint32(from, to, true)
  return file
}

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
        const named: NonNullable<Tiff['more']> = isNamed
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
