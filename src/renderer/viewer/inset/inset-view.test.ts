import { expect, it } from 'vitest'
import { canvasMap, fitCamera, pictureShape, toCanvas, toImage } from '../camera'
import { LENS_PLACES } from '../viewport-types'
import { boxHolds, insetView } from './inset-view'

const shape = pictureShape(999, 960, null)
const size = { width: 884, height: 812 }
const camera = fitCamera(shape, size)
const map = canvasMap(camera, shape, size)

it('shows exactly what the box encloses', () => {
  const inset = insetView({ column: 500, row: 300 }, map, camera.zoom, shape, size, 'lower-right')
  expect(inset).not.toBeNull()
  if (inset === null) return
  const corner = toImage(map, { x: inset.box.left, y: inset.box.top })
  expect(toCanvas(inset.map, corner).x).toBeCloseTo(0, 6)
  expect(toCanvas(inset.map, corner).y).toBeCloseTo(0, 6)
  const other = toImage(map, { x: inset.box.right, y: inset.box.bottom })
  expect(toCanvas(inset.map, other).x).toBeCloseTo(inset.sidePx, 6)
  expect(boxHolds(inset.box, toCanvas(map, { column: 500, row: 300 }))).toBe(true)
})

it('keeps its box inside the picture', () => {
  const inset = insetView({ column: -50, row: 5000 }, map, camera.zoom, shape, size, 'lower-right')
  const from = toCanvas(map, { column: -0.5, row: -0.5 })
  const to = toCanvas(map, { column: 998.5, row: 959.5 })
  expect(inset?.box.left).toBeCloseTo(from.x, 6)
  expect(inset?.box.bottom).toBeCloseTo(to.y, 6)
})

it('is not there once the view is large enough, or too small to hold it', () => {
  expect(insetView({ column: 500, row: 300 }, map, 3, shape, size, 'lower-right')).toBeNull()
  expect(
    insetView({ column: 500, row: 300 }, map, 0.3, shape, { width: 300, height: 300 }, 'upper-left'),
  ).toBeNull()
})

it('stands whole in each corner that it may stand in, and nowhere twice', () => {
  const places = LENS_PLACES.map(
    (corner) => insetView({ column: 500, row: 300 }, map, camera.zoom, shape, size, corner)?.place,
  )
  for (const place of places) {
    expect(place?.left).toBeGreaterThanOrEqual(0)
    expect(place?.right).toBeLessThanOrEqual(size.width)
    expect(place?.top).toBeGreaterThanOrEqual(0)
    expect(place?.bottom).toBeLessThanOrEqual(size.height)
  }
  expect(new Set(places.map((place) => `${place?.left},${place?.top}`)).size).toBe(3)
})
