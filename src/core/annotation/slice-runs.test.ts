import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gapWords, sliceRuns } from './slice-runs'

test('runs hold the very slices, and no two of them touch', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(60)), (slices) => {
      const runs = sliceRuns(slices)
      const held = runs.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, at) => first + at),
      )
      expect(held).toEqual([...slices].sort((a, b) => a - b))
      for (const [at, { first }] of runs.slice(1).entries())
        expect(first).toBeGreaterThan((runs[at]?.last ?? 0) + 1)
    }),
  )
})

test('slices that were left out are named as the page numbers them, from either end', () => {
  const counted = (slice: number): number => slice + 1
  expect(gapWords([13, 14, 15, 16, 18, 19], counted)).toBe(
    'slice 18 lies between outlined slices and has none',
  )
  // Counted from the other end: 100 is the first.
  expect(gapWords([10, 13, 15], (slice) => 100 - slice)).toBe(
    'slices 86, 88–89 lie between outlined slices and have none',
  )
  expect(gapWords([4, 5, 6], counted)).toBeNull()
  expect(gapWords([], counted)).toBeNull()
})
