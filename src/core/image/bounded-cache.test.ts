import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createBoundedCache } from './bounded-cache'

it('never holds more than the bound, save one entry that is larger alone', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 60 }))), (sets) => {
      const cache = createBoundedCache<number>(100)
      for (const [key, sizeBytes] of sets) {
        cache.set(String(key), key, sizeBytes)
        expect(cache.get(String(key))).toBe(key)
        expect(cache.sizeBytes()).toBeLessThanOrEqual(100)
      }
    }),
  )
  const cache = createBoundedCache<string>(10)
  cache.set('large', 'x', 50)
  expect(cache.get('large')).toBe('x')
})

it('lets go of what was used longest ago', () => {
  const cache = createBoundedCache<number>(3)
  cache.set('a', 1, 1)
  cache.set('b', 2, 1)
  cache.set('c', 3, 1)
  cache.get('a')
  cache.set('d', 4, 1)
  expect([cache.has('a'), cache.has('b'), cache.has('c'), cache.has('d')]).toEqual([true, false, true, true])
})
