import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SliceReport, type Grid } from '../../../src/contract'
import type { Mask } from '../../../src/core/image/mask'
import { dice } from '../../../src/core/measures/dice'
import { intersections, packMasks } from '../../../src/core/measures/packed-masks'
import { comparableMasks, type SliceReading } from '../../../src/core/measures/readers-on-grid'
import { sliceReport, sliceReportSteps, type SliceSamples } from '../../../src/core/measures/slice-report'
import { runThrough } from '../../../src/core/measures/steps'
import { uniforms } from '../../../src/core/sampling/counter-rng'

const bits = (count: number): fc.Arbitrary<Uint8Array> =>
  fc
    .array(fc.integer({ min: 0, max: 1 }), { minLength: count, maxLength: count })
    .map((values) => Uint8Array.from(values))
const maskSets = fc
  .integer({ min: 1, max: 100 })
  .chain((count) => fc.array(bits(count), { minLength: 1, maxLength: 5 }))

test('packed masks count and share pixels as a plain loop does', () => {
  fc.assert(
    fc.property(maskSets, (masks) => {
      const packed = runThrough(packMasks(masks, masks[0]?.length ?? 0))
      const shared = runThrough(intersections(packed, packed))
      masks.forEach((a, i) => {
        masks.forEach((b, k) => {
          expect(shared[i * masks.length + k]).toBe(
            a.reduce((sum, pixel, at) => sum + pixel * (b[at] ?? 0), 0),
          )
        })
        expect(packed.pixelCounts[i]).toBe(a.reduce((sum, pixel) => sum + pixel, 0))
      })
    }),
  )
})

test('Dice: two empty masks agree, an empty and a drawn one do not, else twice the shared over the sum', () => {
  expect([dice(0, 0, 0), dice(0, 0, 7), dice(3, 4, 8)]).toEqual([1, 0, 0.5])
})

const grid: Grid = { widthPx: 24, heightPx: 20, originColumn: 100, originRow: 50, columnStep: 1, rowStep: 1 }
const spacing = { row: 0.7, column: 0.5 }

/** A disc on the grid. */
function disc(
  column: number,
  row: number,
  radius: number,
  size: Pick<Grid, 'widthPx' | 'heightPx'> = grid,
): Mask {
  const pixels = Uint8Array.from({ length: size.widthPx * size.heightPx }, (_, at) =>
    Math.hypot((at % size.widthPx) - column, Math.floor(at / size.widthPx) - row) <= radius ? 1 : 0,
  )
  return { widthPx: size.widthPx, heightPx: size.heightPx, pixels }
}

/** Samples of one family: discs whose place and size follow the generator, every tenth one empty. */
const discs = (count: number): Mask[] =>
  Array.from({ length: count }, (_, index) => {
    const [u = 0, v = 0, w = 0] = uniforms(7, index, 2, 3)
    return index % 10 === 9 ? disc(0, 0, -1) : disc(10 + 3 * u, 9 + 3 * v, 3 + 3 * w)
  })

const reader = (letter: string, mask: Mask, originColumn = 100, originRow = 50): SliceReading => ({
  readingId: `reading-${letter}`,
  letter,
  placed: { originColumn, originRow, mask },
})
const slice = (more: Partial<SliceSamples>): SliceSamples => ({
  masks: discs(100),
  grid,
  pixelSpacingMm: spacing,
  fieldOfView: null,
  readers: [reader('A', disc(11, 10, 4)), reader('B', disc(12, 10, 5))],
  sopInstanceUid: '1.2.3',
  sliceIndex: 4,
  warnings: [],
  ...more,
})

test('a report is what the contract says, with intervals from 50 samples on', () => {
  const report = SliceReport.parse(sliceReport(slice({})))
  expect([report.sampleCount, report.emptyCount]).toEqual([100, 10])
  expect(report.sizes.areaMm2?.interval).toBe('central-95')
  const { ged = NaN, gedLow95 = NaN, gedHigh95 = NaN } = report.agreement ?? {}
  expect(gedLow95).toBeLessThan(ged)
  expect(gedHigh95).toBeGreaterThan(ged)
  const few = SliceReport.parse(sliceReport(slice({ masks: discs(49) })))
  expect([few.agreement?.gedLow95, few.agreement?.gedHigh95]).toEqual([null, null])
  expect(few.sizes.areaMm2?.interval).toBe('range')
})

test('how many samples draw anything, and how many hold the clicked place, is counted apart from sizes', () => {
  // A disc of radius 2 around column 5, row 6 of the grid: (105, 56) on the image. One empty sample beside each.
  const one = disc(5, 6, 2)
  const none = disc(0, 0, -1)
  const of = (masks: Mask[], place: { column: number; row: number } | null) => {
    const { drawnCount, drawnShare, mostDrawNothing, placeCount } = sliceReport(slice({ masks, place }))
    return [drawnCount, drawnShare, mostDrawNothing, placeCount]
  }
  expect(of([one, none], { column: 105.4, row: 56 })).toEqual([1, 0.5, false, 1])
  expect(of([one, none, none], { column: 107.6, row: 56 })).toEqual([1, 1 / 3, true, 0])
  expect(of([one, one, none], { column: 105, row: 54 })).toEqual([2, 2 / 3, false, 2])
  expect(of([one], null)[3]).toBeNull()
  expect(of([one], { column: 99, row: 56 })[3]).toBeNull()
  expect(of([one], { column: 105, row: 70 })[3]).toBeNull()
})

test('the same samples give the same report to the last digit', () => {
  expect(sliceReport(slice({}))).toEqual(sliceReport(slice({})))
})

test('a report in steps, two of them made by turns, is the report made at once', () => {
  const [first, second] = [sliceReportSteps(slice({})), sliceReportSteps(slice({ pixelSpacingMm: null }))]
  let steps = 0
  let [one, other] = [first.next(), second.next()]
  while (one.done !== true || other.done !== true) {
    if (one.done !== true) one = first.next()
    if (other.done !== true) other = second.next()
    steps += 1
  }
  expect([one.value, other.value]).toEqual([
    sliceReport(slice({})),
    sliceReport(slice({ pixelSpacingMm: null })),
  ])
  // At least one a sample for its sizes, its packing and its row of pairs.
  expect(steps).toBeGreaterThan(300)
})

test('without spacing no key of a report speaks of millimetres, with it none of pixels', () => {
  const keysOf = (report: SliceReport): string[] => [
    ...Object.keys(report.sizes),
    ...(report.agreement?.readers.flatMap((one) => Object.keys(one)) ?? []),
  ]
  expect(keysOf(sliceReport(slice({ pixelSpacingMm: null }))).filter((key) => key.includes('Mm'))).toEqual([])
  expect(keysOf(sliceReport(slice({}))).filter((key) => key.includes('Px'))).toEqual([])
})

test('nobody read the slice: no agreement; a reader who drew nothing agrees with the empty samples alone', () => {
  expect(sliceReport(slice({ readers: [] })).agreement).toBeNull()
  const none = { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) }
  const silent = sliceReport(slice({ readers: [reader('A', none)] })).agreement
  // 10 of 100 samples are empty: d = 0 for those, 1 for the others.
  expect(silent?.sampleReader).toBeCloseTo(0.9, 12)
  expect(silent?.readers[0]).toMatchObject({ empty: true, dice: { median: 0, low95: 0, high95: 1 } })
  expect(silent?.readers[0]).not.toHaveProperty('areaMm2')
})

test('all samples and all readers empty: they agree, and there are no sizes', () => {
  const none = { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) }
  const empty = disc(0, 0, -1)
  const report = SliceReport.parse(
    sliceReport(slice({ masks: [empty, empty], readers: [reader('A', none), reader('B', none)] })),
  )
  expect(report.agreement?.ged).toBe(0)
  expect(report.sizes.areaMm2).toMatchObject({ median: null, interval: 'none' })
  expect(report.depthOrder).toEqual([0, 1])
})

test('what a reader drew outside the crop counts as missed, and is said', () => {
  // A square of 10 x 10, half of it left of the crop; the sample is the half inside: IoU 50 / 100.
  const square: Mask = { widthPx: 10, heightPx: 10, pixels: new Uint8Array(100).fill(1) }
  const half = disc(0, 0, -1)
  for (let row = 4; row < 14; row += 1) half.pixels.fill(1, row * grid.widthPx, row * grid.widthPx + 5)
  const report = sliceReport(slice({ masks: [half], readers: [reader('A', square, 95, 54)] }))
  expect(report.agreement?.sampleReader).toBe(0.5)
  expect(report.agreement?.readers[0]?.areaMm2).toBeCloseTo(100 * 0.35, 9)
  expect(report.warnings.map(({ code }) => code)).toEqual(['reading-outside-crop', 'samples-cut-by-crop'])
  expect(report.warnings[0]?.text).toContain('50 px')
})

test('outside pixels change nothing but the union: the crop can be anywhere around the readers', () => {
  const readers = [
    reader('A', disc(11, 10, 4)),
    reader('B', disc(30, 30, 8, { widthPx: 60, heightPx: 60 }), 70, 20),
  ]
  const masks = discs(12)
  const wide: Grid = { ...grid, widthPx: 90, heightPx: 80, originColumn: 60, originRow: 10 }
  const onWide = masks.map((mask) => {
    const pixels = new Uint8Array(wide.widthPx * wide.heightPx)
    for (let row = 0; row < grid.heightPx; row += 1) {
      pixels.set(mask.pixels.subarray(row * 24, row * 24 + 24), (row + 40) * wide.widthPx + 40)
    }
    return { widthPx: wide.widthPx, heightPx: wide.heightPx, pixels }
  })
  const narrowReport = sliceReport(slice({ masks, readers })).agreement
  const wideReport = sliceReport(slice({ masks: onWide, grid: wide, readers })).agreement
  expect(narrowReport).toEqual(wideReport)
})

const scaled: Grid = { widthPx: 8, heightPx: 6, originColumn: 0.5, originRow: 0.5, columnStep: 2, rowStep: 2 }

test('a reader of a photograph sets a grid pixel where at least half of it is covered', () => {
  // 16 x 12 photograph; the grid pixel (c, r) covers pixels 2c..2c+1, 2r..2r+1. Three patterns: 1, 2 and 4 of 4 pixels.
  const photograph: Mask = { widthPx: 16, heightPx: 12, pixels: new Uint8Array(16 * 12) }
  for (const at of [0, 2, 3, 4, 5, 20, 21]) photograph.pixels[at] = 1
  const { readers, warnings } = runThrough(
    comparableMasks(
      [disc(0, 0, -1, scaled)],
      [{ readingId: 'r', letter: 'A', placed: { originColumn: 0, originRow: 0, mask: photograph } }],
      scaled,
      null,
    ),
  )
  expect([...(readers[0]?.subarray(0, 4) ?? [])]).toEqual([0, 1, 1, 0])
  expect(warnings.map(({ code }) => code)).toEqual(['agreement-on-grid'])
})

test('on a photograph only what lies in the field of view counts, and sizes are in pixels of the photograph', () => {
  const field = disc(3.5, 2.5, 2.6, scaled)
  const everywhere = disc(0, 0, 99, scaled)
  const reading: Mask = { widthPx: 16, heightPx: 12, pixels: new Uint8Array(16 * 12).fill(1) }
  const report = SliceReport.parse(
    sliceReport({
      ...slice({}),
      masks: [everywhere],
      grid: scaled,
      pixelSpacingMm: null,
      fieldOfView: field,
      readers: [{ readingId: 'r', letter: 'A', placed: { originColumn: 0, originRow: 0, mask: reading } }],
    }),
  )
  const fieldPixels = field.pixels.reduce((sum, pixel) => sum + pixel, 0)
  expect(report.agreement?.ged).toBe(0)
  expect(report.sizes.areaPx?.median).toBe(fieldPixels * 4)
  expect(report.sizes.shareOfField?.median).toBe(1)
  expect(report.agreement?.readers[0]).toMatchObject({ areaPx: 192, shareOfField: 1 })
  expect(report.warnings.map(({ code }) => code)).toEqual(['agreement-on-grid'])
})

test('a reader’s share of the field is of the same pixels as the area: a vessel thinner than the grid keeps both', () => {
  const shareOf = (field: Mask, pixels: Uint8Array) =>
    sliceReport({
      ...slice({}),
      masks: [disc(3.5, 2.5, 2.6, scaled)],
      grid: scaled,
      pixelSpacingMm: null,
      fieldOfView: field,
      readers: [
        {
          ...{ readingId: 'r', letter: 'A' },
          placed: { originColumn: 0, originRow: 0, mask: { widthPx: 16, heightPx: 12, pixels } },
        },
      ],
    }).agreement?.readers[0]
  const everywhere = disc(0, 0, 99, scaled)
  // Every fourth column of sixteen, one pixel wide: less than half of the grid's pixels that it runs through.
  const lines = Uint8Array.from({ length: 16 * 12 }, (_, at) => (at % 4 === 0 ? 1 : 0))
  expect(shareOf(everywhere, lines)).toMatchObject({ areaPx: 48, shareOfField: 48 / 192 })
  // A pixel of the grid is two by two of the image: of the left half of the field, half of the lines.
  const half = { ...everywhere, pixels: everywhere.pixels.map((_, at) => (at % scaled.widthPx < 4 ? 1 : 0)) }
  expect(shareOf(half, lines)).toMatchObject({ areaPx: 48, shareOfField: 24 / 96 })
  expect(
    shareOf(
      half,
      Uint8Array.from(lines, (_, at) => (at % 16 >= 8 ? 1 : 0)),
    )?.shareOfField,
  ).toBe(0)
})
