import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scaleBar } from './scale-bar'

it('takes the longest of 1, 2, 5 times a power of ten that fits', () => {
  // 8.5 px a millimetre, room for 170 px: 20 mm are exactly 170 px.
  expect(scaleBar(8.5, 170)).toEqual({ lengthMm: 20, lengthPx: 170, label: '20 mm' })
  expect(scaleBar(8.5, 169)).toEqual({ lengthMm: 10, lengthPx: 85, label: '10 mm' })
  expect(scaleBar(200, 170)?.label).toBe('0.5 mm')
  expect(scaleBar(0.05, 170)?.label).toBe('2000 mm')
})

it('is a 1-2-5 step, at most as long as the room and more than a third of it', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 100, noNaN: true }),
      fc.double({ min: 40, max: 400, noNaN: true }),
      (pxPerMm, longest) => {
        const bar = scaleBar(pxPerMm, longest)
        // Above 5000 mm and below 0.1 mm there are no steps.
        if (bar === null || bar.lengthMm >= 5000) return
        expect(bar.lengthPx).toBeLessThanOrEqual(longest)
        // The largest gap between steps is from 2 to 5.
        expect(bar.lengthPx).toBeGreaterThan(longest / 2.5 - 1e-9)
        const digits = bar.lengthMm.toExponential().split('e')[0]
        expect(['1', '2', '5']).toContain(digits)
      },
    ),
  )
})

it('is left out where nothing fits or nothing is known', () => {
  expect(scaleBar(5000, 170)).toBeNull()
  expect(scaleBar(Number.NaN, 170)).toBeNull()
  expect(scaleBar(3, 0)).toBeNull()
})
