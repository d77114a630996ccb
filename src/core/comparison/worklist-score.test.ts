import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WorklistRow } from '../../contract'
import { ranked, worklistScore, type ImageFacts } from './worklist-score'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const facts: fc.Arbitrary<ImageFacts> = fc.record({
  modelSpread: fc.option(fc.double({ min: 0, max: 3, noNaN: true })),
  raterDistance: fc.option(share),
  readingCount: fc.integer({ min: 0, max: 20 }),
})

test('the score is the mean of what is known', () => {
  // Read once: 1 / (1 + 1) = 0.5.
  expect(worklistScore({ modelSpread: null, raterDistance: null, readingCount: 1 }).score).toBe(0.5)
  // (0.5 + 0.25 + 1) / 3; a spread beyond the median counts as 1: (1 + 0.2 + 0.25) / 3.
  expect(worklistScore({ modelSpread: 0.5, raterDistance: 0.25, readingCount: 0 }).score).toBeCloseTo(
    1.75 / 3,
  )
  expect(worklistScore({ modelSpread: 2.5, raterDistance: 0.2, readingCount: 3 }).score).toBeCloseTo(1.45 / 3)
})

test('more spread or more distance never ranks lower, more readings never higher', () => {
  fc.assert(
    fc.property(facts, share, fc.integer({ min: 1, max: 9 }), (some, more, readings) => {
      const { score } = worklistScore(some)
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(1)
      const { modelSpread, raterDistance, readingCount } = some
      if (modelSpread !== null)
        expect(worklistScore({ ...some, modelSpread: modelSpread + more }).score).toBeGreaterThanOrEqual(
          score,
        )
      if (raterDistance !== null) {
        const further = raterDistance + more * (1 - raterDistance)
        expect(worklistScore({ ...some, raterDistance: further }).score).toBeGreaterThanOrEqual(score)
      }
      expect(worklistScore({ ...some, readingCount: readingCount + readings }).score).toBeLessThanOrEqual(
        score,
      )
    }),
  )
})

test('the reason names the largest part', () => {
  const reason = (some: Partial<ImageFacts>): string =>
    worklistScore({ modelSpread: 0.2, raterDistance: 0.3, readingCount: 9, ...some }).reason
  expect(reason({})).toBe('Readers differ: their outlines share 70 % on average (Dice).')
  expect(reason({ modelSpread: 0.4 })).toBe('The samples’ diameters spread over 40 % of their median.')
  expect(reason({ readingCount: 0 })).toBe('Nobody has read it yet.')
  expect(reason({ readingCount: 1 })).toBe('Read once so far.')
  expect(reason({ modelSpread: null, raterDistance: null })).toBe('Read 9 times so far.')
})

test('what a reading would teach most about comes first, equals keep their order', () => {
  const row = (title: string, score: number): WorklistRow => ({
    subject: { kind: 'image', imageId: title },
    title,
    score,
    reason: '',
    parts: { modelSpread: null, raterDistance: null, novelty: score },
  })
  const rows = [row('a', 0.2), row('b', 0.9), row('c', 0.5), row('d', 0.9)]
  expect(ranked(rows).map(({ title }) => title)).toEqual(['b', 'd', 'c', 'a'])
})
