import { expect, test } from 'vitest'
import { figureRows } from './figure-words'

const size = (median: number | null) => ({
  ...{ values: [], median, low95: median, high95: median === null ? null : 2 * median, interval: 'range' },
})

test.each([
  [0.04, '0.04\u00a0mm²', '[0.04, 0.08]'],
  [5.55, '5.55\u00a0mm²', '[5.55, 11.1]'],
  [6081, '6\u2009080\u00a0mm²', '[6\u2009080, 12\u2009200]'],
])('an area of %d mm² stands in a figure with the digits of the page', (areaMm2, value, interval) => {
  const rows = figureRows({ areaMm2: size(areaMm2) } as never, 'diameter')
  expect(rows).toEqual([{ label: 'Area on this slice', value, interval }])
})

test('all samples empty: no size is made up', () => {
  const rows = figureRows({ areaMm2: size(null) } as never, 'diameter')
  expect(rows).toEqual([{ label: 'Area on this slice', value: 'none', interval: 'all samples empty' }])
})
