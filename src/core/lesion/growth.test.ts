import fc from 'fast-check'
import { expect, test } from 'vitest'
import { growthWords } from './growth-words'
import { growthBetween } from './growth'

const volumes = fc.array(fc.double({ min: 1, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 12 })
const days = fc.integer({ min: 1, max: 3000 })
const of = (volumesMm3: readonly (number | null)[]) => ({
  volumesMm3,
  meanDiametersMm: volumesMm3.map((volume) => (volume === null ? null : Math.cbrt((6 * volume) / Math.PI))),
})

test('a volume that doubles has doubled in the days between, whatever it is', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e5, noNaN: true }), days, (volume, between) => {
      const growth = growthBetween(of([volume, null]), of([volume * 2, volume * 2]), between)
      expect(growth?.doublingDays.median).toBeCloseTo(between, 6)
      expect(growth?.doublingDays.fastest).toBeCloseTo(between, 6)
      expect(growth?.volumeChange.median).toBeCloseTo(1, 9)
      // A sphere of twice the volume is wider by the cube root of two.
      const before = Math.cbrt((6 * volume) / Math.PI)
      expect(growth?.meanDiameterChangeMm?.median).toBeCloseTo(before * (Math.cbrt(2) - 1), 6)
    }),
  )
})

test('equal volumes never double, and that is said in words, not as a number', () => {
  const growth = growthBetween(of([500, 500]), of([500]), 90)
  expect(growth?.doublingDays).toEqual({ median: Infinity, fastest: Infinity, slowest: Infinity })
  const words = growth === null ? '' : growthWords(growth).join(' ')
  expect(words).toContain('The volume does not change')
  expect(words).not.toMatch(/Infinity|NaN/)
})

test('where samples hold growth and shrinking possible that is said, and a range of few pairs is not called 95 %', () => {
  const words = (first: readonly number[], second: readonly number[]): string => {
    const growth = growthBetween(of(first), of(second), 90)
    return growth === null ? '' : growthWords(growth).join(' ')
  }
  expect(words([100, 200], [100, 200])).toContain('both growth and shrinking')
  expect(words([100], [150, 200])).not.toContain('both growth and shrinking')
  expect(words([100], [150, 200])).toContain('all pairs')
  expect(words(Array(10).fill(100), Array(10).fill(200))).toContain('95 % of pairs')
})

test('the other way round the same change is a loss: ends change places and signs', () => {
  fc.assert(
    fc.property(volumes, volumes, days, (first, second, between) => {
      const there = growthBetween(of(first), of(second), between)
      const back = growthBetween(of(second), of(first), between)
      if (there === null || back === null) throw new Error('both have volumes')
      expect(1 / back.doublingDays.median).toBeCloseTo(-1 / there.doublingDays.median, 9)
      expect(1 / back.doublingDays.fastest).toBeCloseTo(-1 / there.doublingDays.slowest, 9)
      expect(1 / back.doublingDays.slowest).toBeCloseTo(-1 / there.doublingDays.fastest, 9)
      // No interval of rates is turned inside out, though days may jump over infinity.
      expect(1 / there.doublingDays.fastest).toBeGreaterThanOrEqual(1 / there.doublingDays.slowest)
    }),
  )
})

test('a date on which no sample draws the lesion has no growth; a quarter more is no growth beyond a rescan', () => {
  expect(growthBetween(of([null, null]), of([100]), 30)).toBeNull()
  expect(growthBetween(of([100]), of([125]), 30)).toMatchObject({ growingShare: 1, beyondRescanShare: 0 })
  expect(growthBetween(of([100]), of([126]), 30)).toMatchObject({ beyondRescanShare: 1 })
})
