import fc from 'fast-check'
import { expect, it } from 'vitest'
import { axisTicks, labelShift, tickDecimals } from './axis'

it('marks round places inside the axis, no more than asked for and no two alike in print', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e5, noNaN: true }),
      fc.double({ min: 0.01, max: 1e5, noNaN: true }),
      fc.integer({ min: 2, max: 8 }),
      (low, span, most) => {
        const ticks = axisTicks(low, low + span, most)
        expect(ticks.length).toBeLessThanOrEqual(most + 1)
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - span * 1e-6)
          expect(tick).toBeLessThanOrEqual(low + span * (1 + 1e-6))
        }
        const texts = ticks.map((tick) => tick.toFixed(tickDecimals(ticks)))
        expect(new Set(texts).size).toBe(texts.length)
      },
    ),
  )
})

it('steps by 1, 2 or 5', () => {
  expect(axisTicks(22, 34, 6)).toEqual([22, 24, 26, 28, 30, 32, 34])
  expect(axisTicks(0.2, 0.9, 4).map((tick) => tick.toFixed(1))).toEqual(['0.2', '0.4', '0.6', '0.8'])
  expect(axisTicks(3, 3, 4)).toEqual([])
})

it('a label of a seventh of the axis stays on it wherever it stands', () => {
  for (let share = 0; share <= 1; share += 0.01) {
    const from = share + labelShift(share) / 7
    expect(from).toBeGreaterThanOrEqual(0)
    expect(from + 1 / 7).toBeLessThanOrEqual(1 + 1e-12)
  }
  expect(labelShift(0.5)).toBe(-0.5)
})
