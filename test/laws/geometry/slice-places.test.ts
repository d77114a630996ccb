import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SliceInstance } from '../../../src/contract'
import { instanceKey, namedPlace, numberNow, onOpenSlices } from '../../../src/core/subject/slice-places'

const instances = fc.uniqueArray(
  fc.record({ sopInstanceUid: fc.constantFrom('1.1', '1.2', '1.3', '1.4'), frame: fc.nat(2) }),
  { minLength: 1, maxLength: 12, selector: instanceKey },
)
/** A series as two have it open: the same slices in another order, some of them on one side alone. */
const twoViews = instances.chain((all) =>
  fc.record({
    here: fc.shuffledSubarray([...all], { minLength: 1 }),
    there: fc.shuffledSubarray([...all]),
  }),
)
const same = (a: SliceInstance | undefined, b: SliceInstance | undefined): boolean =>
  a !== undefined && b !== undefined && instanceKey(a) === instanceKey(b)

test('a place that leaves with its slice is found on that slice, or on none', () => {
  fc.assert(
    fc.property(twoViews, fc.nat(11), ({ here, there }, at) => {
      const sliceIndex = at % here.length
      const now = numberNow(there)(namedPlace({ sliceIndex }, here))
      if (now === null) expect(there.some((slice) => same(slice, here[sliceIndex]))).toBe(false)
      else expect(same(there[now], here[sliceIndex])).toBe(true)
    }),
  )
})

test('what is told of other slices than those that are open is refused', () => {
  fc.assert(
    fc.property(twoViews, ({ here, there }) => {
      const places = here.map((_slice, sliceIndex) => namedPlace({ sliceIndex }, here))
      const isSame = here.every((slice, index) => same(slice, there[index]))
      expect(onOpenSlices('told', places, there).ok).toBe(isSame)
      expect(onOpenSlices('told', places, here).ok).toBe(true)
    }),
  )
})

test('places of older records keep their number, and so do all where the series is not open', () => {
  expect(numberNow([{ sopInstanceUid: '1.1', frame: 0 }])({ sliceIndex: 7 })).toBe(7)
  const place = namedPlace({ sliceIndex: 0 }, [{ sopInstanceUid: '1.1', frame: 0 }])
  expect(numberNow(null)(place)).toBe(0)
})
