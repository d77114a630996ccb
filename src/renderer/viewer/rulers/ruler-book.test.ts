import { expect, it } from 'vitest'
import { canvasMap, pictureShape } from '../camera'
import { lengthWords } from '../overlays/rulers'
import { measuredRuler, rulerAt, rulersOf, withoutLast } from './ruler-book'

const ends = { from: { column: 10, row: 10 }, to: { column: 13, row: 14 } }
const identity = canvasMap({ zoom: 1, centre: { column: 0, row: 0 } }, pictureShape(1, 1, null), {
  width: 0,
  height: 0,
})

it('says millimetres only where the spacing is known', () => {
  expect(lengthWords(measuredRuler('a', ends, null))).toBe('5.0 px, no spacing in file')
  expect(lengthWords(measuredRuler('a', ends, { row: 0.5, column: 0.5 }))).toBe('2.5 mm')
})

it('keeps the rulers of each slice apart', () => {
  const book = [measuredRuler('a', ends, null), measuredRuler('b', ends, null)]
  expect(rulersOf(book, 'a')).toEqual([book[0]])
  expect(withoutLast(book, 'a')).toEqual([book[1]])
  expect(withoutLast(book, 'c')).toBe(book)
})

it('takes a ruler by the end under the pointer; the other end stays', () => {
  const book = [measuredRuler('a', ends, null)]
  expect(rulerAt(book, 'a', identity, { x: 14, y: 16 })?.fixed).toEqual(ends.from)
  expect(rulerAt(book, 'a', identity, { x: 9, y: 9 })?.fixed).toEqual(ends.to)
  expect(rulerAt(book, 'a', identity, { x: 40, y: 40 })).toBeNull()
  expect(rulerAt(book, 'b', identity, { x: 9, y: 9 })).toBeNull()
})
