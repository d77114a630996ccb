import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatCount,
  formatDice,
  formatDicomDate,
  formatElapsed,
  formatGed,
  formatNumber,
  formatPlain,
  formatPlural,
  formatSizeWithUnit,
  formatThreeFigures,
  MINUS,
  NO_BREAK,
  THIN_SPACE,
} from './numbers'

describe('numbers as words', () => {
  it('separates thousands by a thin space and leaves three digits alone', () => {
    expect(formatCount(1204)).toBe(`1${THIN_SPACE}204`)
    expect(formatCount(1204567)).toBe(`1${THIN_SPACE}204${THIN_SPACE}567`)
    expect(formatCount(999)).toBe('999')
  })

  it('writes a true minus, and none before a zero that rounding made', () => {
    expect(formatNumber(-117.5, 1)).toBe(`${MINUS}117.5`)
    expect(formatNumber(-0.04, 1)).toBe('0.0')
  })

  it('gives millimetres one decimal, areas three figures, shares a percent of one decimal', () => {
    expect(formatSizeWithUnit(27.46, 'mm')).toBe(`27.5${NO_BREAK}mm`)
    expect(formatSizeWithUnit(7.06, 'px')).toBe(`7.1${NO_BREAK}px`)
    expect(formatSizeWithUnit(0.1062, '%')).toBe(`10.6${NO_BREAK}%`)
    expect(formatThreeFigures(6083)).toBe(`6${THIN_SPACE}080`)
    expect(formatThreeFigures(66_790)).toBe(`66${THIN_SPACE}800`)
    expect(formatThreeFigures(243.4)).toBe('243')
    expect(formatThreeFigures(41.23)).toBe('41.2')
    expect(formatThreeFigures(0)).toBe('0')
  })

  it('does not round a Dice below one to one', () => {
    expect(formatDice(0.996)).toBe(`>${NO_BREAK}0.99`)
    expect(formatDice(1)).toBe('1.00')
    expect(formatDice(0.913)).toBe('0.91')
    expect(formatGed(0.0312)).toBe('0.031')
  })

  it('writes times, plain lengths, plurals and dates', () => {
    expect(formatElapsed(412)).toBe(`0.41${NO_BREAK}s`)
    expect(formatElapsed(125_000)).toBe(`2${NO_BREAK}min 5${NO_BREAK}s`)
    expect(formatPlain(2.5)).toBe('2.5')
    expect(formatPlain(0.703125)).toBe('0.703')
    expect(formatPlain(1)).toBe('1')
    expect(formatPlain(100)).toBe('100')
    expect(formatPlural(1, 'slice')).toBe(`1${NO_BREAK}slice`)
    expect(formatPlural(133, 'slice')).toBe(`133${NO_BREAK}slices`)
    expect(formatDicomDate('20000101')).toBe('2000-01-01')
    expect(formatDicomDate('')).toBe('')
  })

  it('never loses more than half a unit of the last place', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer({ min: 0, max: 3 }),
        (value, decimals) => {
          const read = Number(formatNumber(value, decimals).replaceAll(THIN_SPACE, '').replace(MINUS, '-'))
          expect(Math.abs(read - value)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-6)
        },
      ),
    )
  })
})
