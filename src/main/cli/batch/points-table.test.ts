import { expect, test } from 'vitest'
import { pointsOf } from './points-table'

test('points are read by the names of their columns, each once', () => {
  const text =
    '\ufeffnote,slice,row,column,seriesUid\n"a, b",3,20.5,10,2.25.1\n\nagain,3,20.5,10,2.25.1\nx,1,0,0,2.25.2'
  expect(pointsOf(text, 't.csv')).toEqual({
    ok: true,
    value: [
      { seriesUid: '2.25.1', column: 10, row: 20.5, sliceNumber: 3 },
      { seriesUid: '2.25.2', column: 0, row: 0, sliceNumber: 1 },
    ],
  })
})

test.each([
  ['seriesUid,column,row\n2.25.1,1,1', /no column slice/],
  ['seriesUid,column,row,slice\n2.25.1,1,1,1\n2.25.1,1,1,1.5', /Line 3 .* is no point/],
  ['seriesUid,column,row,slice\n2.25.1,-1,1,1', /Line 2/],
  ['seriesUid,column,row,slice\n,1,1,1', /Line 2/],
  ['seriesUid,column,row,slice\n2.25.1,1,1', /Line 2/],
  ['seriesUid,column,row,slice\n', /holds no point/],
])('%j is refused with words', (text, words) => {
  const read = pointsOf(text, 't.csv')
  expect(read.ok ? '' : read.refusal.reason).toMatch(words)
})
