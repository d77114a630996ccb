import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  boxToCanvas,
  canvasMap,
  fitCamera,
  isSameCamera,
  gridCamera,
  lineLength,
  movedCanvas,
  pannedBy,
  pictureShape,
  toCanvas,
  toImage,
  zoomedAt,
} from './camera'
import { AS_ACQUIRED } from './turn'

const size = fc.record({
  width: fc.integer({ min: 100, max: 4000 }),
  height: fc.integer({ min: 100, max: 3000 }),
})
const spacing = fc.option(
  fc.record({
    row: fc.double({ min: 0.1, max: 5, noNaN: true }),
    column: fc.double({ min: 0.1, max: 5, noNaN: true }),
  }),
)
const anyTurn = fc.record({ isMirrored: fc.boolean(), quarters: fc.constantFrom(0, 1, 2, 3) })
const shape = fc
  .tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 }), spacing, anyTurn)
  .map(([width, height, mm, turn]) => pictureShape(width, height, mm, turn))
const camera = fc.record({
  zoom: fc.double({ min: 0.05, max: 64, noNaN: true }),
  centre: fc.record({
    column: fc.double({ min: -10, max: 3000, noNaN: true }),
    row: fc.double({ min: -10, max: 3000, noNaN: true }),
  }),
})
const place = fc.record({
  x: fc.double({ min: 0, max: 4000, noNaN: true }),
  y: fc.double({ min: 0, max: 3000, noNaN: true }),
})

describe('image and canvas', () => {
  it('canvas to image to canvas is where it began', () => {
    fc.assert(
      fc.property(camera, shape, size, place, (view, picture, canvas, at) => {
        const map = canvasMap(view, picture, canvas)
        const back = toCanvas(map, toImage(map, at))
        expect(back.x).toBeCloseTo(at.x, 6)
        expect(back.y).toBeCloseTo(at.y, 6)
      }),
    )
  })

  it('mirrors only what is mirrored: else columns grow to the right once the quarters are undone', () => {
    fc.assert(
      fc.property(camera, shape, size, (view, picture, canvas) => {
        const map = canvasMap(view, picture, canvas)
        const area = map.columnX * map.rowY - map.rowX * map.columnY
        expect(Math.sign(area)).toBe(picture.turn.isMirrored ? -1 : 1)
        const upright = canvasMap(view, { ...picture, turn: AS_ACQUIRED }, canvas)
        expect([Math.sign(upright.columnX), Math.sign(upright.rowY)]).toEqual([1, 1])
        expect([Math.abs(upright.columnY), Math.abs(upright.rowX)]).toEqual([0, 0])
      }),
    )
  })

  it('what was painted for one turn and place is moved to where the same pixels lie in another', () => {
    fc.assert(
      fc.property(camera, camera, shape, anyTurn, place, (from, to, picture, turn, at) => {
        const canvas = { width: 800, height: 600 }
        const old = canvasMap(from, picture, canvas)
        const now = canvasMap(to, { ...picture, turn }, canvas)
        const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = movedCanvas(old, now)
        const wanted = toCanvas(now, toImage(old, at))
        const rough = 1e-6 * (1 + Math.abs(wanted.x) + Math.abs(wanted.y) + Math.abs(e) + Math.abs(f))
        expect(Math.abs(a * at.x + c * at.y + e - wanted.x)).toBeLessThan(rough)
        expect(Math.abs(b * at.x + d * at.y + f - wanted.y)).toBeLessThan(rough)
      }),
    )
  })

  it('puts the centre of the view in the middle of the canvas', () => {
    const map = canvasMap({ zoom: 3, centre: { column: 10, row: 20 } }, pictureShape(64, 64, null), {
      width: 300,
      height: 200,
    })
    expect(toCanvas(map, { column: 10, row: 20 })).toEqual({ x: 150, y: 100 })
    // One pixel to the right of the middle is three CSS pixels further.
    expect(toCanvas(map, { column: 11, row: 20 })).toEqual({ x: 153, y: 100 })
  })

  it('draws a pixel in the proportions of its spacing', () => {
    // Rows 2 mm apart, columns 1 mm apart: a pixel is twice as high as wide.
    const map = canvasMap(
      { zoom: 4, centre: { column: 0, row: 0 } },
      pictureShape(10, 10, { row: 2, column: 1 }),
      { width: 100, height: 100 },
    )
    expect([map.columnX, map.rowY]).toEqual([4, 8])
  })
})

describe('zoom and position', () => {
  it('is the same camera up to rounding, and another by a hundredth of a pixel', () => {
    const one = fitCamera(pictureShape(512, 512, null), { width: 700, height: 300 })
    const { zoom, centre } = one
    expect(isSameCamera(one, { zoom: (zoom / 3) * 3, centre: { ...centre } })).toBe(true)
    expect(isSameCamera(one, { zoom: zoom * 1.001, centre })).toBe(false)
    expect(isSameCamera(one, { zoom, centre: { ...centre, column: centre.column + 0.01 } })).toBe(false)
    expect(isSameCamera(one, { zoom, centre: { ...centre, row: centre.row - 0.01 } })).toBe(false)
  })

  it('fits the whole picture and touches two opposite edges', () => {
    fc.assert(
      fc.property(shape, size, (picture, canvas) => {
        const view = fitCamera(picture, canvas)
        fc.pre(view.zoom > 0.05 && view.zoom < 64)
        const map = canvasMap(view, picture, canvas)
        const [right, bottom] = [picture.widthPx - 0.5, picture.heightPx - 0.5]
        const box = boxToCanvas(map, { left: -0.5, top: -0.5, right, bottom })
        expect(box.left).toBeGreaterThan(-1e-6)
        expect(box.top).toBeGreaterThan(-1e-6)
        expect(box.right).toBeLessThan(canvas.width + 1e-6)
        expect(box.bottom).toBeLessThan(canvas.height + 1e-6)
        expect(Math.min(box.left, box.top)).toBeCloseTo(0, 6)
      }),
    )
  })

  it('zooming holds what lies under the pointer', () => {
    fc.assert(
      fc.property(
        camera,
        shape,
        size,
        place,
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        (view, picture, canvas, at, factor) => {
          const before = toImage(canvasMap(view, picture, canvas), at)
          const after = toImage(canvasMap(zoomedAt(view, factor, at, picture, canvas), picture, canvas), at)
          expect(after.column).toBeCloseTo(before.column, 6)
          expect(after.row).toBeCloseTo(before.row, 6)
        },
      ),
    )
  })

  it('panning there and back is identity while the picture stays in view', () => {
    const picture = pictureShape(512, 512, null)
    const view = { zoom: 2, centre: { column: 255, row: 255 } }
    const there = pannedBy(view, 31, -17, picture)
    expect(there.centre).toEqual({ column: 239.5, row: 263.5 })
    expect(pannedBy(there, -31, 17, picture)).toEqual(view)
  })

  it('cannot push the picture out of view', () => {
    const view = pannedBy({ zoom: 1, centre: { column: 5, row: 5 } }, 1e6, 1e6, pictureShape(10, 10, null))
    expect(view.centre).toEqual({ column: -0.5, row: -0.5 })
  })

  it('shows the whole grid of a run with its middle in the middle', () => {
    const picture = pictureShape(512, 512, { row: 0.7, column: 0.7 })
    const canvas = { width: 854, height: 812 }
    const grid = { widthPx: 96, heightPx: 96, originColumn: 300, originRow: 400, columnStep: 1, rowStep: 1 }
    const map = canvasMap(gridCamera(grid, picture, canvas), picture, canvas)
    const first = toCanvas(map, { column: 299.5, row: 399.5 })
    const last = toCanvas(map, { column: 395.5, row: 495.5 })
    expect(Math.min(first.x, first.y)).toBeGreaterThan(0)
    expect((first.x + last.x) / 2).toBeCloseTo(427, 6)
    expect((first.y + last.y) / 2).toBeCloseTo(406, 6)
  })
})

describe('lengths', () => {
  it('are in millimetres only where the spacing is known', () => {
    const line = [
      { column: 0, row: 0 },
      { column: 3, row: 4 },
    ] as const
    expect(lineLength(...line, null)).toEqual({ lengthPx: 5, lengthMm: null })
    // 3 columns of 2 mm and 4 rows of 0.5 mm: sqrt(36 + 4).
    expect(lineLength(...line, { row: 0.5, column: 2 }).lengthMm).toBeCloseTo(Math.sqrt(40), 12)
  })
})
