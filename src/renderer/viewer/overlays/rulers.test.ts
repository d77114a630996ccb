import fc from 'fast-check'
import { expect, test } from 'vitest'
import { besideLine } from './rulers'

test('the length of a ruler stands whole in the view, wherever the ruler ends', () => {
  const size = { width: 320, height: 240 }
  const point = fc.record({
    x: fc.integer({ min: 0, max: size.width }),
    y: fc.integer({ min: 0, max: size.height }),
  })
  fc.assert(
    fc.property(point, point, fc.integer({ min: 20, max: 200 }), (one, other, widthPx) => {
      const [left, right] = one.x <= other.x ? [one, other] : [other, one]
      const at = besideLine({ left, right }, widthPx, size)
      expect(at.x).toBeGreaterThanOrEqual(0)
      expect(at.x + widthPx).toBeLessThanOrEqual(size.width)
      expect(at.y).toBeGreaterThanOrEqual(10)
      expect(at.y).toBeLessThanOrEqual(size.height - 10)
    }),
  )
  // Where there is room it is beside the right end, as before.
  expect(besideLine({ left: { x: 10, y: 50 }, right: { x: 60, y: 70 } }, 80, size)).toEqual({ x: 70, y: 70 })
})
