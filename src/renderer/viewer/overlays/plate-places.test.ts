import fc from 'fast-check'
import { expect, test } from 'vitest'
import { besideEnds } from './plate-places'

const size = { width: 320, height: 240 }
const point = fc.record({
  x: fc.integer({ min: 0, max: size.width }),
  y: fc.integer({ min: 0, max: size.height }),
})
const ends = fc
  .tuple(point, point)
  .map(([one, other]) => (one.x <= other.x ? { left: one, right: other } : { left: other, right: one }))

test('what a ruler or a figure says stands whole in the view, wherever it ends and whatever letters are there', () => {
  const words = fc.record({
    widthPx: fc.integer({ min: 20, max: 200 }),
    lines: fc.integer({ min: 1, max: 4 }),
  })
  const letters = fc.array(point, { maxLength: 4 })
  fc.assert(
    fc.property(ends, words, letters, (at, told, centres) => {
      const obstacles = centres.map((centre) => ({ centre, halfWidthPx: 10, halfHeightPx: 10 }))
      const { x, y } = besideEnds(at, told, size, obstacles)
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x + told.widthPx).toBeLessThanOrEqual(size.width)
      expect(y).toBeGreaterThanOrEqual(10)
      expect(y + 20 * (told.lines - 1)).toBeLessThanOrEqual(size.height - 10)
    }),
  )
  // Where there is room it is beside the right end.
  const line = { left: { x: 10, y: 50 }, right: { x: 60, y: 70 } }
  expect(besideEnds(line, { widthPx: 80, lines: 1 }, size)).toEqual({ x: 70, y: 70 })
})

test('it never lies over the letter of a reader where there is another side', () => {
  // In the middle of a large view both ends have room, and so has above and below: one letter cannot take all of them.
  const view = { width: 1000, height: 800 }
  const middle = fc.record({ x: fc.integer({ min: 400, max: 600 }), y: fc.integer({ min: 300, max: 500 }) })
  const aside = fc.record({ x: fc.integer({ min: -150, max: 150 }), y: fc.integer({ min: -150, max: 150 }) })
  fc.assert(
    fc.property(middle, aside, fc.integer({ min: 1, max: 3 }), (left, by, lines) => {
      const line = { left, right: { x: left.x + 40, y: left.y } }
      const letter = {
        centre: { x: left.x + by.x, y: left.y + by.y },
        ...{ halfWidthPx: 10, halfHeightPx: 10 },
      }
      const words = { widthPx: 120, lines }
      const { x, y } = besideEnds(line, words, view, [letter])
      // A line of words is 20 px high; the first is centred on the place.
      const isAside = letter.centre.x + 10 <= x || letter.centre.x - 10 >= x + words.widthPx
      const isAbove = letter.centre.y + 10 <= y - 10 || letter.centre.y - 10 >= y - 10 + 20 * lines
      expect(isAside || isAbove).toBe(true)
    }),
  )
})
