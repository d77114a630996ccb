import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Figure, type SeriesSpacing } from '../../../src/contract'
import { compareWith, type PairComparison } from '../../../src/core/comparison/pair-agreement'
import { runThrough } from '../../../src/core/measures/steps'
import {
  averageSurfaceDistance,
  hausdorff,
  hausdorff95,
  surfaceDistances,
  surfaceOf,
} from '../../../src/core/measures/surface-distance'
import {
  outlinesOf,
  voxelBlock,
  voxelSizeOf,
  type SliceOutline,
  type VoxelBlock,
} from '../../../src/core/measures/voxel-block'
import { quantile } from '../../../src/core/uncertainty/intervals'

const side = { widthPx: 9, heightPx: 7 }
const bits = fc
  .array(fc.integer({ min: 0, max: 1 }), { minLength: 63, maxLength: 63 })
  .map((values) => Uint8Array.from(values))
const none = new Uint8Array(63)

/** A reading of consecutive slices of the small image, at a place of a larger one. */
const reading = (slices: readonly Uint8Array[], columns = 0, rows = 0, first = 4): SliceOutline[] =>
  slices.map((pixels, index) => ({
    sliceIndex: first + index,
    placed: { originColumn: 30 + columns, originRow: 20 + rows, mask: { ...side, pixels } },
  }))
const readings = fc.array(bits, { minLength: 1, maxLength: 3 }).map((slices) => reading(slices))
const spacings = fc.constantFrom<SeriesSpacing | null>(
  null,
  { row: 0.7, column: 0.4, slice: 2.5 },
  { row: 1, column: 1, slice: null },
)

const compare = (
  a: readonly SliceOutline[],
  b: readonly SliceOutline[],
  spacing: SeriesSpacing | null,
): PairComparison => {
  const [pair] = runThrough(compareWith(voxelBlock([a, b]), 0, [1], voxelSizeOf(spacing)))
  if (pair === undefined) throw new Error('one pair')
  return pair
}
const signed = [
  'volumeDifference',
  'volumeDifferencePercent',
  'areaDifference',
  'longestDiameterDifference',
  'equivalentDiameterDifference',
] as const
const symmetric = ['dice', 'iou', 'hausdorff', 'hausdorff95', 'surfaceDistance'] as const

test('figures of a pair: within bounds, symmetric or of opposite sign, and a reason wherever a number is missing', () => {
  fc.assert(
    fc.property(readings, readings, spacings, (a, b, spacing) => {
      const [there, back] = [compare(a, b, spacing), compare(b, a, spacing)]
      for (const figure of Object.values(there) as Figure[]) {
        // The schema takes finite numbers only.
        Figure.parse(figure)
        expect(figure.without === null).toBe(figure.value !== null && figure.low95 !== null)
      }
      for (const name of symmetric) expect(back[name]).toEqual(there[name])
      expect(back.volumeDifference.value).toBe(
        there.volumeDifference.value === null ? null : 0 - there.volumeDifference.value,
      )
      const [dice, iou] = [there.dice.value ?? NaN, there.iou.value ?? NaN]
      expect(dice).toBeCloseTo((2 * iou) / (1 + iou), 12)
      expect(dice >= 0 && dice <= 1).toBe(true)
      const { hausdorff, hausdorff95, surfaceDistance } = there
      if (hausdorff.value === null) return
      expect(hausdorff95.value ?? Infinity).toBeLessThanOrEqual(hausdorff.value)
      expect(surfaceDistance.value ?? Infinity).toBeLessThanOrEqual(hausdorff.value)
    }),
    { numRuns: 40, seed: 1 },
  )
})

test('a reading against itself: overlap 1, distances and differences 0', () => {
  fc.assert(
    fc.property(
      readings.filter((slices) => slices.some(({ placed }) => placed.mask.pixels.includes(1))),
      (a) => {
        const same = compare(a, a, { row: 0.7, column: 0.4, slice: 2.5 })
        expect([same.dice.value, same.iou.value]).toEqual([1, 1])
        for (const name of [...symmetric.slice(2), ...signed]) expect(same[name].value).toBe(0)
      },
    ),
    { numRuns: 30, seed: 2 },
  )
})

test('a box moved by k columns, rows or slices is k spacings away, in the unit of the spacing', () => {
  const box = Array.from({ length: 3 }, () => new Uint8Array(63).fill(1))
  const spacing = { row: 0.7, column: 0.4, slice: 2.5 }
  const away = (columns: number, rows: number, slices: number, mm: SeriesSpacing | null): Figure =>
    compare(reading(box), reading(box, columns, rows, 4 + slices), mm).hausdorff
  expect(away(3, 0, 0, spacing).value).toBeCloseTo(3 * 0.4, 12)
  expect(away(0, 2, 0, spacing).value).toBeCloseTo(2 * 0.7, 12)
  expect(away(0, 0, 1, spacing).value).toBeCloseTo(2.5, 12)
  expect(away(3, 2, 1, spacing).value).toBeCloseTo(Math.hypot(1.2, 1.4, 2.5), 12)
  expect(away(3, 0, 0, spacing).unit).toBe('mm')
  const flat = compare(reading(box.slice(0, 1)), reading(box.slice(0, 1), 3, 4), null)
  expect([flat.hausdorff.value, flat.hausdorff.unit]).toEqual([5, 'px'])
  expect(away(3, 0, 0, null).without).toBe('the distance between slices is not known')
})

test('empty readings: two agree, one does not, and neither has a distance', () => {
  const [empty, full] = [reading([none]), reading([new Uint8Array(63).fill(1)])]
  const both = compare(empty, empty, null)
  expect([both.dice.value, both.hausdorff95.value, both.hausdorff95.without]).toEqual([
    1,
    null,
    'both readings are empty',
  ])
  expect(both.volumeDifferencePercent.without).toBe('both readings are empty')
  const one = compare(empty, full, { row: 1, column: 2, slice: 3 })
  expect([one.dice.value, one.surfaceDistance.without]).toEqual([0, 'one reading is empty'])
  expect(one.equivalentDiameterDifference.without).toBe('one reading is empty')
  // Both drew it, on other slices: that is no empty reading.
  const [lower, upper] = [
    reading([new Uint8Array(63).fill(1), none]),
    reading([none, new Uint8Array(63).fill(1)]),
  ]
  const apart = compare(lower, upper, { row: 1, column: 2, slice: 3 })
  expect(apart.equivalentDiameterDifference.without).toBe(
    'one reading marks nothing on the slice where the other is largest',
  )
  expect([one.volumeDifference.value, one.volumeDifferencePercent.value]).toEqual([63 * 6, 200])
  expect([one.areaDifference.value, one.longestDiameterDifference.value]).toEqual([126, null])
  expect(one.dice).toMatchObject({ low95: null, without: 'one pair, no interval' })
})

test('sizes differ by what was added: other less own, on the slice where own is largest', () => {
  const [small, large] = [none.slice(), none.slice()]
  small.fill(1, 10, 13)
  large.fill(1, 10, 15)
  const { areaDifference, longestDiameterDifference, volumeDifference } = compare(
    reading([small, none]),
    reading([large, large]),
    { row: 0.5, column: 2, slice: 3 },
  )
  expect(areaDifference).toMatchObject({ value: 2, unit: 'mm2', n: 1 })
  expect(longestDiameterDifference.value).toBeGreaterThan(3.9)
  expect(volumeDifference.value).toBeCloseTo((10 - 3) * 3, 12)
})

test('a block keeps every pixel at its place, with and without a margin', () => {
  fc.assert(
    fc.property(readings, readings, fc.integer({ min: 0, max: 5 }), (a, b, margin) => {
      const block = voxelBlock([a, b], margin)
      const [back] = [outlinesOf(block.masks[0] ?? none, block)]
      const again: VoxelBlock = voxelBlock([back, b], margin)
      expect(again.masks).toEqual(block.masks)
      const placesOf = (slices: readonly SliceOutline[]): string[] =>
        slices.flatMap(({ sliceIndex, placed: { originColumn, originRow, mask } }) =>
          [...mask.pixels].flatMap((pixel, at) =>
            pixel === 0
              ? []
              : [
                  `${sliceIndex} ${originRow + Math.floor(at / mask.widthPx)} ${originColumn + (at % mask.widthPx)}`,
                ],
          ),
        )
      expect(placesOf(back)).toEqual(placesOf(a))
    }),
    { numRuns: 15, seed: 3 },
  )
})

test('a resample of slices measures what every voxel, taken as often as its slice, measures by brute force', () => {
  const extent = { widthPx: 9, heightPx: 7, sliceCount: 3 }
  const size = { unit: 'mm', betweenColumns: 0.4, betweenRows: 0.7, betweenSlices: 1.1 } as const
  const deep = fc
    .array(bits, { minLength: 3, maxLength: 3 })
    .map((slices) => Uint8Array.from(slices.flatMap((slice) => [...slice])))
  const place = (at: number): readonly [number, number, number] => [
    0.4 * (at % 9),
    0.7 * (Math.floor(at / 9) % 7),
    1.1 * Math.floor(at / 63),
  ]
  const times = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(deep, deep, times, (a, b, often) => {
      fc.pre(a.includes(1) && b.includes(1))
      const [first, second] = [a, b].map((mask) => runThrough(surfaceOf(mask, extent, size)))
      if (first === undefined || second === undefined) throw new Error('two surfaces')
      const pair = surfaceDistances(first, second, extent)
      const nearest = (from: Uint32Array, to: Uint32Array): Float64Array =>
        Float64Array.from(
          [...from].flatMap((at) => {
            const [x, y, z] = place(at)
            const distances = [...to].map((other) => {
              const [u, v, w] = place(other)
              return Math.hypot(x - u, y - v, z - w)
            })
            return Array<number>(often[Math.floor(at / 63)] ?? 0).fill(Math.min(...distances))
          }),
        ).sort()
      const [there, back] = [nearest(first.voxels, second.voxels), nearest(second.voxels, first.voxels)]
      fc.pre(there.length > 0 && back.length > 0)
      const larger = (share: number): number => Math.max(quantile(there, share), quantile(back, share))
      expect(hausdorff(pair, often).value).toBeCloseTo(larger(1), 12)
      expect(hausdorff95(pair, often).value).toBeCloseTo(larger(0.95), 12)
      const all = [...there, ...back]
      const mean = all.reduce((sum, distance) => sum + distance, 0) / all.length
      expect(averageSurfaceDistance(pair, often).value).toBeCloseTo(mean, 12)
    }),
    { numRuns: 30, seed: 10 },
  )
})
