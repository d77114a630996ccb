import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canvasMap, pictureShape, toCanvas } from './camera'
import { type CursorGround, type CursorKey, cursorMoved, cursorStart, panToSee } from './key-cursor'

const grounds = fc
  .record({
    isMirrored: fc.boolean(),
    quarters: fc.constantFrom(0, 1, 2, 3),
    zoom: fc.double({ min: 0.1, max: 20, noNaN: true }),
    spacing: fc.constantFrom(null, { row: 1, column: 1 }, { row: 2.5, column: 0.7 }),
    column: fc.double({ min: 150, max: 450, noNaN: true }),
    row: fc.double({ min: 150, max: 450, noNaN: true }),
  })
  .map(({ isMirrored, quarters, zoom, spacing, column, row }): CursorGround => {
    const shape = pictureShape(600, 600, spacing, { isMirrored, quarters })
    const size = { width: 800, height: 600 }
    return { shape, size, map: canvasMap({ zoom, centre: { column, row } }, shape, size) }
  })
const keys = fc.constantFrom<CursorKey>('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown')
const BACK = {
  ArrowLeft: 'ArrowRight',
  ArrowRight: 'ArrowLeft',
  ArrowUp: 'ArrowDown',
  ArrowDown: 'ArrowUp',
} as const
const SEEN = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const

test('an arrow goes the way it points on the screen, however the picture is turned, and its opposite takes it back', () => {
  fc.assert(
    fc.property(grounds, keys, fc.boolean(), (ground, key, isCoarse) => {
      const from = { column: 300, row: 300 }
      const to = cursorMoved(from, key, isCoarse, ground)
      const [before, after] = [toCanvas(ground.map, from), toCanvas(ground.map, to)]
      expect([
        Math.sign(Math.round(after.x - before.x)) || 0,
        Math.sign(Math.round(after.y - before.y)) || 0,
      ]).toEqual(
        // At a zoom where one pixel is less than half a pixel of the screen it still moves by about one of the screen.
        [SEEN[key][0], SEEN[key][1]],
      )
      expect(cursorMoved(to, BACK[key], isCoarse, ground)).toEqual(from)
    }),
  )
})

test('it stays on pixels of the picture, however it is driven, and the view follows it', () => {
  fc.assert(
    fc.property(grounds, fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 60 }), (ground, driven) => {
      const at = driven.reduce(
        (now, [key, isCoarse]) => cursorMoved(now, key, isCoarse, ground),
        cursorStart(null, ground),
      )
      expect([at.column, at.row].every((one) => Number.isInteger(one) && one >= 0 && one < 600)).toBe(true)
      const { dx, dy } = panToSee(at, ground)
      const { x, y } = toCanvas(ground.map, at)
      expect(x + dx).toBeGreaterThanOrEqual(0)
      expect(x + dx).toBeLessThanOrEqual(800)
      expect(y + dy).toBeGreaterThanOrEqual(0)
      expect(y + dy).toBeLessThanOrEqual(600)
    }),
  )
})

test('it appears in the middle of what is seen, and where it last was if that is seen', () => {
  fc.assert(
    fc.property(grounds, (ground) => {
      const middle = cursorStart(null, ground)
      const { x, y } = toCanvas(ground.map, middle)
      // The pixel under the middle: at most half of one away.
      expect(Math.abs(x - 400)).toBeLessThanOrEqual(
        Math.max(ground.map.columnPx, ground.map.rowPx) / 2 + 1e-6,
      )
      expect(Math.abs(y - 300)).toBeLessThanOrEqual(
        Math.max(ground.map.columnPx, ground.map.rowPx) / 2 + 1e-6,
      )
      const beside = cursorMoved(middle, 'ArrowLeft', false, ground)
      expect(cursorStart(beside, ground)).toEqual(beside)
      const away = { column: middle.column < 300 ? 599 : 0, row: middle.row < 300 ? 599 : 0 }
      const seen = toCanvas(ground.map, away)
      const isSeen = seen.x >= 0 && seen.x <= 800 && seen.y >= 0 && seen.y <= 600
      expect(cursorStart(away, ground)).toEqual(isSeen ? away : middle)
    }),
  )
})
