/** Values of a header that the pixels contradict, or that are none: each says so on the series, and nothing is made of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { PixelDescription, SeriesDetail } from '../../../src/contract'
import { writeCtImage } from '../../../src/core/dicom/write/ct-image'
import { createLibrary } from '../../../src/main/library/library'
import { changedElement } from '../../fixtures/changed-element'
import { SERIES, SIZE_PX } from '../../fixtures/made-up-ct'

const folder = mkdtempSync(join(tmpdir(), 'margin-contradictions-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const TAG = {
  position: 0x00200032,
  orientation: 0x00200037,
  spacing: 0x00280030,
  bitsStored: 0x00280101,
  highBit: 0x00280102,
  sign: 0x00280103,
  intercept: 0x00281052,
  slope: 0x00281053,
}

/** Air, lung, tissue and bone, as a chest has them. */
const VALUES_HU = Int16Array.from({ length: SIZE_PX ** 2 }, (_unused, at) => ((at * 37) % 3500) - 1000)

type Change = (bytes: Uint8Array, slice: number) => Uint8Array

/** Five slices, of which the files' names and instance numbers go against the positions. */
const written = (change: Change): readonly Uint8Array[] =>
  Array.from({ length: 5 }, (_unused, slice) =>
    change(
      writeCtImage(SERIES, {
        ...{ sopInstanceUid: `2.25.103.${slice}`, instanceNumber: 5 - slice },
        ...{ positionMm: [0, 0, slice * 2], valuesHu: VALUES_HU },
      }),
      slice,
    ),
  )

interface Opened {
  readonly detail: SeriesDetail
  readonly others: number
  readonly codes: readonly string[]
  readonly pixels: PixelDescription
}

let made = 0

async function opened(change: Change): Promise<Opened> {
  made += 1
  const place = join(folder, String(made))
  mkdirSync(place)
  written(change).forEach((bytes, slice) => {
    writeFileSync(join(place, `${slice}.dcm`), bytes)
  })
  const library = createLibrary({ workerPath: null })
  try {
    const root = await library.addRoot(place)
    if (!root.ok) throw new Error(root.refusal.reason)
    const scanned = await library.scan([root.value], () => undefined, new AbortController().signal)
    if (!scanned.ok) throw new Error(scanned.refusal.reason)
    expect(scanned.value.refused).toEqual([])
    const largest = scanned.value.series.toSorted((a, b) => b.slices - a.slices)[0]
    const detail = library.seriesDetail(largest?.seriesUid ?? '')
    if (!detail.ok) throw new Error(detail.refusal.reason)
    const shown = await library.slicePixels(largest?.seriesUid ?? '', 2)
    if (!shown.ok) throw new Error(shown.refusal.reason)
    const warnings = [...detail.value.summary.warnings, ...shown.value.description.warnings]
    return {
      detail: detail.value,
      others: scanned.value.series.length - 1,
      codes: warnings.map(({ code }) => code),
      pixels: shown.value.description,
    }
  } finally {
    await library.close()
  }
}

const every =
  (tag: number, vr: 'DS' | 'US', value: string | number): Change =>
  (bytes) =>
    changedElement(bytes, tag, vr, value)
const third =
  (change: Change): Change =>
  (bytes, slice) =>
    slice === 2 ? change(bytes, slice) : bytes

test('a sound series warns of nothing', async () => {
  const { codes, detail, pixels } = await opened((bytes) => bytes)
  expect(codes).toEqual([])
  expect(detail.summary.spacingMm).toEqual({ row: 0.5, column: 0.5, slice: 2 })
  expect(pixels).toMatchObject({ unit: 'HU', slope: 1, intercept: -1024, minStored: 24, maxStored: 3523 })
})

describe('Bits Stored that the pixels contradict', () => {
  const bits =
    (stored: number, high: number, signed: 0 | 1): Change =>
    (bytes) =>
      changedElement(
        changedElement(changedElement(bytes, TAG.bitsStored, 'US', stored), TAG.highBit, 'US', high),
        ...([TAG.sign, 'US', signed] as const),
      )
  // 3,523 takes 12 bits: unsigned it fits, and a sign more does not.
  test.each([
    [11, 10, 0],
    [8, 7, 0],
    [8, 7, 1],
    [1, 0, 0],
    [1, 0, 1],
    [12, 15, 0],
    [12, 15, 1],
  ] as const)('%i bits up to bit %i, sign %i', async (stored, high, signed) => {
    expect((await opened(bits(stored, high, signed))).codes).toContain('bits-doubted')
  })

  test('12 of 16 signed bits, where negative values are extended and large ones are not', async () => {
    const unscaled: Change = (bytes) => every(TAG.intercept, 'DS', '0')(shifted(bytes, -1024), 0)
    expect((await opened(unscaled)).codes).toEqual([])
    const both: Change = (bytes, slice) => bits(12, 11, 1)(unscaled(bytes, slice), slice)
    expect((await opened(both)).codes).toContain('bits-doubted')
  })

  test.each([
    [16, 15, 1],
    [12, 11, 0],
    [13, 12, 1],
    [15, 14, 0],
  ] as const)(
    '%i bits up to bit %i, sign %i, which hold them all, warn of nothing',
    async (stored, high, signed) => {
      expect((await opened(bits(stored, high, signed))).codes).toEqual([])
    },
  )
})

/** The file with its stored values moved: pixel data are the last element. */
function shifted(bytes: Uint8Array, by: number): Buffer {
  const file = Buffer.from(bytes)
  for (let at = file.length - 2 * SIZE_PX ** 2; at < file.length; at += 2)
    file.writeInt16LE(file.readInt16LE(at) + by, at)
  return file
}

describe('a rescale that no scanner writes', () => {
  const wrong = ['0', '-0', 'NaN', '1e300', '-1e300', '1e-300', 'one', '1E+40', '100000']
  test.each(wrong)('slope %s: stored values without a unit', async (slope) => {
    const { codes, pixels } = await opened(every(TAG.slope, 'DS', slope))
    expect(codes).toContain('rescale-unusable')
    expect(pixels).toMatchObject({ slope: 1, intercept: 0, unit: '' })
  })
  test.each(['1e300', 'NaN', '-1024 HU'])('intercept %s: the same', async (intercept) => {
    const { codes, pixels } = await opened(every(TAG.intercept, 'DS', intercept))
    expect(codes).toContain('rescale-unusable')
    expect(pixels).toMatchObject({ slope: 1, intercept: 0, unit: '' })
  })
})

describe('a geometry that cannot be read', () => {
  const numbersOf = ({ slices }: SeriesDetail) => slices.map(({ instanceNumber }) => instanceNumber)
  const points = ['0\\0', '0\\0\\', '0\\0\\four', '0\\0\\1e300', '0\\0\\4\\4', 'NaN\\0\\4', '0,0,4']
  test.each(points)('Image Position %s of one slice: no volume, by number, and said so', async (value) => {
    const { codes, detail } = await opened(third(every(TAG.position, 'DS', value)))
    expect(codes).toContain('position-unusable')
    expect(codes).toContain('order-by-number')
    expect(numbersOf(detail)).toEqual([1, 2, 3, 4, 5])
    expect(detail.summary.spacingMm?.slice ?? null).toBeNull()
    expect(detail.slices.map(({ alongNormalMm }) => alongNormalMm)).toEqual(Array(5).fill(null))
  })

  test.each(['0.5', '0.5\\', '0.5\\half', '0\\0.5', '-0.5\\0.5', '1e300\\0.5', 'NaN\\NaN', '0,5\\0,5'])(
    'Pixel Spacing %s: no millimetres on any slice',
    async (value) => {
      for (const change of [every(TAG.spacing, 'DS', value), third(every(TAG.spacing, 'DS', value))]) {
        const { codes, detail } = await opened(change)
        expect(codes.some((code) => code === 'spacing-unusable' || code === 'spacing-differs')).toBe(true)
        expect(detail.summary.spacingMm).toBeNull()
      }
    },
  )

  test.each([
    '1\\0\\0\\0\\1',
    '1\\0\\0\\0\\1\\zero',
    '0\\0\\0\\0\\0\\0',
    '1\\0\\0\\1\\0\\0',
    '9\\0\\0\\0\\1\\0',
  ])('Image Orientation %s: no letters and no volume, and one slice of it stands alone', async (value) => {
    const all = await opened(every(TAG.orientation, 'DS', value))
    expect(all.codes).toContain('orientation-unusable')
    expect(all.detail.orientation).toBeNull()
    expect(all.detail.summary.spacingMm?.slice ?? null).toBeNull()
    const one = await opened(third(every(TAG.orientation, 'DS', value)))
    expect(one.others).toBe(1)
    expect(one.codes).toContain('series-split')
    expect(one.codes).toContain('slices-missing')
  })
})
