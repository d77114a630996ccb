import fc from 'fast-check'
import { expect, test } from 'vitest'
import { energyDistanceInterval } from '../../../src/core/measures/bootstrap'
import {
  energyDistance,
  pairDistances,
  type EnergyDistance,
  type PairDistances,
} from '../../../src/core/measures/ged'
import { packMasks } from '../../../src/core/measures/packed-masks'
import { runThrough } from '../../../src/core/measures/steps'
import { uniforms } from '../../../src/core/sampling/counter-rng'

const PIXELS = 40
/** Masks of every density, empty ones among them. */
const mask = fc
  .integer({ min: 0, max: 4 })
  .chain((below) =>
    fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: PIXELS, maxLength: PIXELS })
      .map((draws) => Uint8Array.from(draws, (draw) => (draw < below ? 1 : 0))),
  )
const masks = fc.array(mask, { minLength: 1, maxLength: 7 })

const pairsOf = (samples: readonly Uint8Array[], readers: readonly Uint8Array[]): PairDistances =>
  runThrough(pairDistances(runThrough(packMasks(samples, PIXELS)), runThrough(packMasks(readers, PIXELS))))
const gedOf = (samples: readonly Uint8Array[], readers: readonly Uint8Array[]): EnergyDistance =>
  energyDistance(pairsOf(samples, readers))

/** Eq. (12) as it stands: sets of pixel numbers, double loops, self-pairs included. */
function slowGed(samples: readonly Uint8Array[], readers: readonly Uint8Array[]): EnergyDistance {
  const setOf = (pixels: Uint8Array): Set<number> =>
    new Set([...pixels.keys()].filter((at) => pixels[at] === 1))
  const distance = (a: Uint8Array, b: Uint8Array): number => {
    const [setA, setB] = [setOf(a), setOf(b)]
    const union = new Set([...setA, ...setB]).size
    return union === 0 ? 0 : 1 - [...setA].filter((at) => setB.has(at)).length / union
  }
  const mean = (as: readonly Uint8Array[], bs: readonly Uint8Array[]): number => {
    let sum = 0
    for (const a of as) for (const b of bs) sum += distance(a, b)
    return sum / (as.length * bs.length)
  }
  const [sampleReader, sampleSample, readerReader] = [
    mean(samples, readers),
    mean(samples, samples),
    mean(readers, readers),
  ]
  return { ged: 2 * sampleReader - sampleSample - readerReader, sampleReader, sampleSample, readerReader }
}

test('equals the slow double loop on 200 random cases, and is never negative', () => {
  fc.assert(
    fc.property(masks, masks, (samples, readers) => {
      const fast = gedOf(samples, readers)
      const slow = slowGed(samples, readers)
      expect(fast.ged).toBeCloseTo(slow.ged, 12)
      expect(slow.ged).toBeGreaterThan(-1e-12)
      for (const part of ['sampleReader', 'sampleSample', 'readerReader'] as const) {
        expect(fast[part]).toBeCloseTo(slow[part], 12)
        expect(fast[part]).toBeGreaterThanOrEqual(0)
        expect(fast[part]).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 200 },
  )
})

test('is 0 between a set and itself, the same both ways, and blind to order', () => {
  fc.assert(
    fc.property(masks, masks, (a, b) => {
      expect(gedOf(a, a).ged).toBeCloseTo(0, 12)
      expect(gedOf(b, a).ged).toBeCloseTo(gedOf(a, b).ged, 12)
      expect(gedOf(a.toReversed(), b.toSorted().reverse()).ged).toBeCloseTo(gedOf(a, b).ged, 12)
    }),
  )
})

test('masks repeated as often as one likes are the same distribution', () => {
  fc.assert(
    fc.property(masks, masks, (a, b) => {
      expect(gedOf([...a, ...a, ...a], b).ged).toBeCloseTo(gedOf(a, b).ged, 12)
    }),
  )
})

test('all empty: 0; samples empty and readers not: 2 - D_yy', () => {
  const empty = new Uint8Array(PIXELS)
  const first = Uint8Array.from({ length: PIXELS }, (_, at) => (at < 10 ? 1 : 0))
  const second = Uint8Array.from({ length: PIXELS }, (_, at) => (at < 20 ? 1 : 0))
  expect(gedOf([empty, empty], [empty]).ged).toBe(0)
  // D_yy: of four ordered pairs two have d = 1 - 10/20, so 1/4.
  expect(gedOf([empty], [first, second]).ged).toBeCloseTo(2 - 0.25, 12)
})

/** Four readers who differ, one of them silent. */
const readers = [0, 6, 12, 18].map((count) =>
  Uint8Array.from({ length: PIXELS }, (_, at) => (at < count ? 1 : 0)),
)
const draw = (count: number, seed: number, replicate: number): Uint8Array[] =>
  Array.from(uniforms(seed, replicate, 2, count), (u) => readers[Math.floor(4 * u)] ?? new Uint8Array(PIXELS))

test('N draws of the readers themselves score D_yy / N on average', () => {
  const count = 16
  const scores = Array.from({ length: 2000 }, (_, replicate) => gedOf(draw(count, 3, replicate), readers))
  const mean = scores.reduce((sum, score) => sum + score.ged, 0) / scores.length
  const spread = Math.sqrt(scores.reduce((sum, score) => sum + (score.ged - mean) ** 2, 0) / scores.length)
  const expected = (scores[0]?.readerReader ?? NaN) / count
  expect(Math.abs(mean - expected)).toBeLessThan((4 * spread) / Math.sqrt(scores.length))
})

test('the interval holds the distance of the population that samples came from, about as often as it says', () => {
  // Samples are draws of readers one to three only, so that the population's distance is a plain number above zero.
  const population = readers.slice(1)
  const truth = gedOf(population, readers).ged
  const runs = 100
  let held = 0
  for (let run = 0; run < runs; run += 1) {
    const samples = Array.from(
      uniforms(11, run, 2, 60),
      (u) => population[Math.floor(3 * u)] ?? new Uint8Array(PIXELS),
    )
    const { low95, high95 } = runThrough(energyDistanceInterval(pairsOf(samples, readers)))
    if (low95 <= truth && truth <= high95) held += 1
  }
  expect(held).toBeGreaterThanOrEqual(85)
})

test('the interval holds its estimate and shrinks with more samples', () => {
  const width = (count: number): number => {
    const pairs = pairsOf(draw(count, 5, 0).concat(new Uint8Array(PIXELS).fill(1)), readers)
    const { low95, high95 } = runThrough(energyDistanceInterval(pairs))
    expect(low95).toBeLessThanOrEqual(energyDistance(pairs).ged)
    expect(high95).toBeGreaterThanOrEqual(energyDistance(pairs).ged)
    return high95 - low95
  }
  expect(width(400)).toBeLessThan(width(50))
})
