import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LETTER_RADIUS_PX, placeLetters } from './letter-places'
import type { LetterPlace } from './letter-places'

const size = { width: 854, height: 812 }
const circle = (x: number, y: number, radius: number) =>
  Array.from({ length: 64 }, (_, step) => ({
    x: x + radius * Math.cos((step * Math.PI) / 32),
    y: y + radius * Math.sin((step * Math.PI) / 32),
  }))

function expectApart(places: readonly LetterPlace[]): void {
  places.forEach((place, index) => {
    for (const other of places.slice(index + 1)) {
      const apart = Math.hypot(place.centre.x - other.centre.x, place.centre.y - other.centre.y)
      expect(apart).toBeGreaterThan(2 * LETTER_RADIUS_PX)
    }
  })
}

it('places every reader of a nodule in the middle, apart from each other and outside', () => {
  const requests = ['A', 'B', 'C', 'D'].map((letter, index) => ({
    letter,
    outline: circle(420 + index, 400, 100 + 2 * index),
  }))
  const places = placeLetters(requests, size)
  expect(places.map((place) => place.letter)).toEqual(['A', 'B', 'C', 'D'])
  expectApart(places)
  for (const { centre } of places) expect(Math.hypot(centre.x - 421, centre.y - 400)).toBeGreaterThan(106)
})

it('ends each leader on its own outline', () => {
  const requests = [
    { letter: 'A', outline: circle(300, 400, 60) },
    { letter: 'B', outline: circle(340, 420, 90) },
  ]
  for (const place of placeLetters(requests, size)) {
    const own = requests.find((request) => request.letter === place.letter)
    expect(own?.outline).toContainEqual(place.anchor)
  }
})

it('never lays a letter over another or over the edge, whatever the outlines', () => {
  const outline = fc.record({
    x: fc.integer({ min: -200, max: 1000 }),
    y: fc.integer({ min: -200, max: 1000 }),
    radius: fc.integer({ min: 5, max: 500 }),
  })
  fc.assert(
    fc.property(
      fc.array(outline, { maxLength: 8 }),
      fc.record({ width: fc.integer({ min: 300, max: 1600 }), height: fc.integer({ min: 300, max: 1200 }) }),
      (outlines, canvas) => {
        const places = placeLetters(
          outlines.map(({ x, y, radius }, index) => ({
            letter: String.fromCharCode(65 + index),
            outline: circle(x, y, radius),
          })),
          canvas,
        )
        expectApart(places)
        for (const { centre } of places) {
          expect(centre.x).toBeGreaterThan(LETTER_RADIUS_PX)
          expect(centre.y).toBeGreaterThan(LETTER_RADIUS_PX)
          expect(centre.x).toBeLessThan(canvas.width - LETTER_RADIUS_PX)
          expect(centre.y).toBeLessThan(canvas.height - LETTER_RADIUS_PX)
        }
      },
    ),
    { numRuns: 60 },
  )
})
