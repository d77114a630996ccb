import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Sizes } from '../../../src/contract'
import type { Mask } from '../../../src/core/image/mask'
import { BAND_FRACTIONS, depthBands } from '../../../src/core/uncertainty/bands'
import { sampleDepths } from '../../../src/core/uncertainty/contour-depth'
import { depthOutliers } from '../../../src/core/uncertainty/outliers'
import { histogramOf } from '../../../src/core/uncertainty/histogram'
import {
  addProbabilities,
  latentInformationBits,
  noProbabilities,
} from '../../../src/core/uncertainty/latent-information'
import { LEAST_FOR_INTERVAL, sizeDistribution } from '../../../src/core/uncertainty/intervals'
import {
  addSamples,
  mapOf,
  noMoments,
  pixelSpread,
  varianceOfSamples,
  type PixelSpread,
} from '../../../src/core/uncertainty/moments'
import { pixelSizeOf, sizesOfMask, sizesOfSamples, type PixelSize } from '../../../src/core/uncertainty/sizes'

const PIXELS = 24
const maskOfBits = fc
  .array(fc.integer({ min: 0, max: 3 }), { minLength: PIXELS, maxLength: PIXELS })
  .chain((draws) =>
    fc.integer({ min: 0, max: 4 }).map((below) => draws.map((draw) => (draw < below ? 1 : 0))),
  )
/** Samples of every density, empty and full ones among them. */
const samples = fc
  .array(maskOfBits, { minLength: 1, maxLength: 12 })
  .map((masks) => masks.map((bits) => Uint8Array.from(bits)))

test('counts do not depend on how samples arrive', () => {
  fc.assert(
    fc.property(samples, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }), (masks, sizes) => {
      let chunked = noMoments(PIXELS)
      for (let first = 0, chunk = 0; first < masks.length; chunk += 1) {
        const count = sizes[chunk % sizes.length] ?? 1
        chunked = addSamples(chunked, masks.slice(first, first + count))
        first += count
      }
      expect(chunked).toEqual(addSamples(noMoments(PIXELS), masks))
    }),
  )
})

test('maps are those of the plain definitions over the samples', () => {
  fc.assert(
    fc.property(samples, (masks) => {
      const moments = addSamples(noMoments(PIXELS), masks)
      const spread = (name: keyof PixelSpread): Float32Array =>
        mapOf(moments, (count, sampleCount) => pixelSpread(count, sampleCount)[name])
      const [share, entropy] = [spread('share'), spread('entropyBits')]
      const variance = mapOf(moments, varianceOfSamples)
      for (let at = 0; at < PIXELS; at += 1) {
        const values = masks.map((mask) => mask[at] ?? 0)
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
        const bits = [mean, 1 - mean].reduce((sum, p) => sum - (p > 0 ? p * Math.log2(p) : 0), 0)
        expect(share[at]).toBeCloseTo(mean, 6)
        expect(variance[at]).toBeCloseTo(spread, 6)
        expect(entropy[at]).toBeCloseTo(bits, 6)
        expect(variance[at]).toBeLessThanOrEqual(0.25)
      }
    }),
  )
})

const fields = fc.array(
  fc
    .array(fc.integer({ min: -127, max: 127 }), { minLength: 6, maxLength: 6 })
    .map((row) => Int8Array.from(row)),
  { minLength: 1, maxLength: 9 },
)
const informationOf = (all: readonly Int8Array[]): Float32Array =>
  latentInformationBits(addProbabilities(noProbabilities(6), all))

test('mutual information is the mean divergence of each sample from their mean, between 0 and the entropy of the mean', () => {
  fc.assert(
    fc.property(fields, (all) => {
      const bits = informationOf(all)
      for (let at = 0; at < 6; at += 1) {
        // The other form of the same quantity: the mean over samples of KL(sample || mean), in bits.
        const each = all.map((field) => 1 / (1 + Math.exp(-(field[at] ?? 0) / 16)))
        const mean = each.reduce((sum, p) => sum + p, 0) / each.length
        const divergence = (p: number): number =>
          p * Math.log2(p / mean) + (1 - p) * Math.log2((1 - p) / (1 - mean))
        expect(bits[at]).toBeCloseTo(each.reduce((sum, p) => sum + divergence(p), 0) / each.length, 6)
        const entropy = -mean * Math.log2(mean) - (1 - mean) * Math.log2(1 - mean)
        expect(bits[at]).toBeLessThanOrEqual(entropy + 1e-6)
      }
    }),
  )
})

test('samples that agree tell nothing of the latent, however unsure each is; sure ones that differ tell all', () => {
  const unsure = new Int8Array(6).fill(1)
  expect(Math.max(...informationOf([unsure, unsure, unsure]))).toBeLessThan(1e-6)
  const [yes, no] = [new Int8Array(6).fill(127), new Int8Array(6).fill(-127)]
  expect(Math.min(...informationOf([yes, no]))).toBeGreaterThan(0.99)
  // In parts or at once.
  const parts = addProbabilities(addProbabilities(noProbabilities(6), [yes]), [no, unsure])
  expect(latentInformationBits(parts)).toEqual(informationOf([yes, no, unsure]))
})

/** Relaxed inclusion depth by its definition: all pairs of samples that are not empty. */
function naiveDepths(masks: readonly Uint8Array[]): number[] {
  const size = (mask: Uint8Array): number => mask.reduce((sum, pixel) => sum + pixel, 0)
  const drawn = masks.filter((mask) => size(mask) > 0)
  return masks.map((one) => {
    if (size(one) === 0) return 0
    const shared = drawn.map((other) => one.reduce((sum, pixel, at) => sum + pixel * (other[at] ?? 0), 0))
    const within = shared.reduce((sum, pixels) => sum + pixels / size(one), 0) / drawn.length
    const around = shared.reduce((sum, pixels, k) => sum + pixels / size(drawn[k] ?? one), 0) / drawn.length
    return Math.min(within, around)
  })
}

test('depth is that of the definition over all pairs', () => {
  fc.assert(
    fc.property(samples, (masks) => {
      const { depths } = sampleDepths(masks)
      naiveDepths(masks).forEach((depth, index) => {
        expect(depths[index]).toBeCloseTo(depth, 12)
      })
    }),
  )
})

test('the order is deepest first, ties by index, empty samples last', () => {
  fc.assert(
    fc.property(samples, (masks) => {
      const { depths, order, pixelCounts, emptyCount } = sampleDepths(masks)
      expect(order.toSorted((a, b) => a - b)).toEqual([...masks.keys()])
      const filled = order.slice(0, order.length - emptyCount)
      expect(filled.every((index) => (pixelCounts[index] ?? 0) > 0)).toBe(true)
      expect(order.slice(filled.length).every((index) => pixelCounts[index] === 0)).toBe(true)
      filled.slice(1).forEach((index, at) => {
        const before = filled[at] ?? 0
        const [deeper = 0, depth = 0] = [depths[before], depths[index]]
        expect(deeper > depth || (deeper === depth && before < index)).toBe(true)
      })
    }),
  )
})

test('equal samples are equally deep, and among nested discs the middle one is deepest', () => {
  const side = 41
  const disc = (radius: number): Uint8Array =>
    Uint8Array.from({ length: side * side }, (_, at) =>
      Math.hypot((at % side) - 20, Math.floor(at / side) - 20) <= radius ? 1 : 0,
    )
  const { order } = sampleDepths([6, 14, 10, 8, 12].map(disc))
  expect(order[0]).toBe(2)
  const twins = sampleDepths([disc(7), disc(9), disc(7)])
  expect(twins.depths[0]).toBe(twins.depths[2])
})

test('one that lies elsewhere is an outlier, equal samples and empty ones are none, few are not asked', () => {
  const side = 41
  const disc = (column: number, radius: number): Uint8Array =>
    Uint8Array.from({ length: side * side }, (_, at) =>
      Math.hypot((at % side) - column, Math.floor(at / side) - 20) <= radius ? 1 : 0,
    )
  const around = Array.from({ length: 24 }, (_, index) => disc(20, 6 + (index % 4)))
  const outliersOf = (masks: readonly Uint8Array[]): number[] => depthOutliers(sampleDepths(masks))
  expect(outliersOf([...around, disc(4, 4), disc(20, 0.5), disc(0, -1)])).toEqual([24, 25])
  expect(outliersOf(Array.from({ length: 30 }, () => disc(20, 7)))).toEqual([])
  expect(outliersOf([...around.slice(0, 12), disc(4, 4)])).toEqual([])
})

test('bands are intersections and unions of the deepest, the inner one inside the outer, 50 % inside 90 %', () => {
  fc.assert(
    fc.property(samples, (masks) => {
      const { order, emptyCount } = sampleDepths(masks)
      const bands = depthBands(masks, order, emptyCount)
      const drawn = masks.length - emptyCount
      expect(bands.length).toBe(drawn === 0 ? 0 : 2)
      bands.forEach((band, which) => {
        const taken = order.slice(0, Math.ceil((BAND_FRACTIONS[which] ?? 0) * drawn))
        for (let at = 0; at < PIXELS; at += 1) {
          const pixels = taken.map((index) => masks[index]?.[at] ?? 0)
          expect(band.inner[at]).toBe(Math.min(...pixels))
          expect(band.outer[at]).toBe(Math.max(...pixels))
        }
      })
    }),
  )
})

test('the interval is the middle 95 % from 50 values on, the range below, and none without values', () => {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => count - index)
  // 1..101: the quantile at q lies at 1 + 100 q.
  expect(sizeDistribution(upTo(101))).toMatchObject({
    median: 51,
    low95: 3.5,
    high95: 98.5,
    interval: 'central-95',
  })
  expect(sizeDistribution(upTo(LEAST_FOR_INTERVAL - 1))).toMatchObject({
    median: 25,
    low95: 1,
    high95: 49,
    interval: 'range',
  })
  expect(sizeDistribution([null, 4, null, 2])).toEqual({
    median: 3,
    low95: 2,
    high95: 4,
    interval: 'range',
    values: [null, 4, null, 2],
  })
  expect(sizeDistribution([null])).toMatchObject({
    median: null,
    low95: null,
    high95: null,
    interval: 'none',
  })
})

/** A disc of a radius in mm on pixels of the given size. */
function discMm(radiusMm: number, rowMm: number, columnMm: number, side = 160): Mask {
  const pixels = Uint8Array.from({ length: side * side }, (_, at) =>
    Math.hypot(((at % side) - side / 2) * columnMm, (Math.floor(at / side) - side / 2) * rowMm) <= radiusMm
      ? 1
      : 0,
  )
  return { widthPx: side, heightPx: side, pixels }
}
const grid = { columnStep: 1, rowStep: 1 }
const pixelsSet = (mask: Mask): number => mask.pixels.reduce((sum, pixel) => sum + pixel, 0)

test('a disc of 20 mm measures 20 mm on pixels that are not square', () => {
  const disc = discMm(10, 0.4, 0.9)
  const sizes = sizesOfMask(disc, pixelsSet(disc), pixelSizeOf(grid, { row: 0.4, column: 0.9 }))
  expect(sizes?.area).toBeCloseTo(Math.PI * 100, -0.5)
  expect(sizes?.equivalentDiameter).toBeCloseTo(20, 0)
  expect(Math.abs((sizes?.longestDiameter ?? 0) - 20)).toBeLessThan(0.9)
})

test('a bar of 12 x 3 pixels: the row spacing counts along columns of pixels, the column spacing along rows', () => {
  const pixels = new Uint8Array(400)
  for (let row = 4; row < 16; row += 1) pixels.fill(1, row * 20 + 5, row * 20 + 8)
  const bar: Mask = { widthPx: 20, heightPx: 20, pixels }
  const sizes = sizesOfMask(bar, 36, pixelSizeOf(grid, { row: 2, column: 0.5 }))
  // 12 rows of 2 mm. The outline's ends are 12 px apart, their flat part reaches 2 px across: the diagonal of 24 and 1 mm.
  expect(sizes?.area).toBe(36)
  expect(sizes?.longestDiameter).toBeCloseTo(Math.hypot(24, 1), 6)
})

const distributions = (masks: readonly Mask[], pixel: PixelSize, fieldPixelCount: number | null): Sizes =>
  sizesOfSamples(
    masks.map((mask) => sizesOfMask(mask, pixelsSet(mask), pixel)),
    Uint32Array.from(masks, pixelsSet),
    pixel,
    fieldPixelCount,
  )

test('sizes name their unit: mm only with spacing, px only without, the share only with a field of view', () => {
  const disc = discMm(5, 1, 1, 20)
  const keys = (spacing: { row: number; column: number } | null, field: number | null): string[] =>
    Object.keys(distributions([disc], pixelSizeOf(grid, spacing), field))
  expect(keys({ row: 1, column: 1 }, null)).toEqual(['areaMm2', 'equivalentDiameterMm', 'longestDiameterMm'])
  expect(keys(null, null)).toEqual(['areaPx', 'equivalentDiameterPx', 'longestDiameterPx'])
  expect(keys(null, 400)).toEqual(['areaPx', 'equivalentDiameterPx', 'longestDiameterPx', 'shareOfField'])
})

test('on a scaled photograph sizes count pixels of the photograph', () => {
  const disc = discMm(5, 1, 1, 20)
  const count = pixelsSet(disc)
  const sizes = distributions([disc], pixelSizeOf({ columnStep: 1.5, rowStep: 2 }, null), 200)
  expect(sizes.areaPx?.median).toBe(count * 3)
  expect(sizes.shareOfField?.median).toBe(count / 200)
})

test('an empty sample has no size, which is not size zero', () => {
  const empty: Mask = { widthPx: 20, heightPx: 20, pixels: new Uint8Array(400) }
  const disc = discMm(5, 1, 1, 20)
  const sizes = distributions([empty, disc], pixelSizeOf(grid, null), 400)
  expect(sizes.areaPx?.values).toEqual([null, pixelsSet(disc)])
  expect(sizes.shareOfField?.values[0]).toBeNull()
})

test('a stray piece does not stretch the longest diameter', () => {
  const disc = discMm(5, 1, 1, 40)
  const alone = sizesOfMask(disc, pixelsSet(disc), pixelSizeOf(grid, null))
  const stray = { ...disc, pixels: disc.pixels.slice() }
  stray.pixels[0] = 1
  expect(sizesOfMask(stray, pixelsSet(stray), pixelSizeOf(grid, null))?.longestDiameter).toBe(
    alone?.longestDiameter,
  )
})

test('a histogram counts every value once, on an axis that holds values and marks', () => {
  const numbers = fc.array(
    fc.integer({ min: 0, max: 1e6 }).map((value) => value / 64),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(numbers, numbers, (values, marks) => {
      const histogram = histogramOf(values, marks)
      if (histogram === null) {
        expect(values.length + marks.length).toBe(0)
        return
      }
      expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
      expect(histogram.low).toBeLessThanOrEqual(Math.min(...values, ...marks))
      expect(histogram.high).toBeGreaterThan(Math.max(...values, ...marks))
      expect(histogram.low).toBeGreaterThanOrEqual(0)
    }),
  )
})
