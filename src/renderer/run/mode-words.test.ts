import { expect, test } from 'vitest'
import type { Sizes } from '../../contract'
import { modeLines } from './mode-words'

const NONE = { low95: null, high95: null, interval: 'none', median: 1 } as const
const sizesIn = (unit: 'Mm' | 'Px', values: readonly (number | null)[]): Sizes => ({
  [`equivalentDiameter${unit}`]: { ...NONE, values: [...values] },
})
const kind = (...samples: number[]) => ({ samples, medoid: samples[0] ?? 0 })

test('kinds are named by size where sizes tell them apart, in the unit that there is', () => {
  const sizes = sizesIn('Mm', [4, 9, 4.2, 9.4, 4.4])
  expect(modeLines([kind(0, 2, 4), kind(1, 3)], sizes)).toMatchObject([
    { name: 'smaller', size: '4.2\u00a0mm across' },
    { name: 'larger', size: '9.2\u00a0mm across' },
  ])
  const three = modeLines([kind(1), kind(2), kind(0)], sizesIn('Px', [4, 6, 9]))
  expect(three.map(({ name }) => name)).toEqual(['middle', 'largest', 'smallest'])
  expect(three[0]?.size).toBe('6.0\u00a0px across')
})

test('kinds of about one size have numbers, and photographs have no kinds', () => {
  const alike = modeLines([kind(0), kind(1)], sizesIn('Mm', [8, 8.5]))
  expect(alike.map(({ name }) => name)).toEqual(['kind 1', 'kind 2'])
  expect(modeLines([kind(0), kind(1)], {})).toEqual([])
})
