import fc from 'fast-check'
import { expect, it } from 'vitest'
import { axisTicks, labelledTicks, labelShift, tickDecimals } from './axis'
import { formatNumber } from './numbers'

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

it('labels of large figures stand apart: fewer of them rather than one that runs into the next', () => {
  // Of 40 characters: a label of n is centred on its place, or lies inside at the ends.
  const taken = ({ share, shift, text }: ReturnType<typeof labelledTicks>[number]) => {
    const from = 40 * share + shift * text.length
    return [from, from + text.length] as const
  }
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0.1, max: 1e6, noNaN: true }),
      (low, span) => {
        const ticks = labelledTicks(low, low + span, 6, formatNumber)
        for (const [at, tick] of ticks.entries()) {
          const before = ticks[at - 1]
          if (before !== undefined) expect(taken(tick)[0]).toBeGreaterThan(taken(before)[1])
        }
      },
    ),
  )
  const texts = (low: number, high: number): string =>
    labelledTicks(low, high, 6, formatNumber)
      .map(({ text }) => text)
      .join(' | ')
  expect(texts(22, 34)).toBe('22 | 24 | 26 | 28 | 30 | 32 | 34')
  // 13 000 to 81 000 px² had seven of them, "40 000" beside "50 000".
  expect(labelledTicks(13_000, 81_000, 6, formatNumber).length).toBeLessThan(6)
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
