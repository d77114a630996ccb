import fc from 'fast-check'
import { canvasMap, pictureShape } from '../camera'
import { describe, expect, it } from 'vitest'
import { boxOfRings, traceWhole, visibleRuns, visibleVertices, meanWidthPx } from './ring-path'

/** A ring of `count` vertices on a circle. */
function circle(count: number, column: number, row: number, radius: number): Float32Array {
  return Float32Array.from({ length: count * 2 }, (_, place) => {
    const angle = (Math.floor(place / 2) * 2 * Math.PI) / count
    return place % 2 === 0 ? column + radius * Math.cos(angle) : row + radius * Math.sin(angle)
  })
}
const everything = { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 }
const identity = canvasMap({ zoom: 1, centre: { column: 0, row: 0 } }, pictureShape(1, 1, null), {
  width: 0,
  height: 0,
})

describe('visibleRuns', () => {
  it('is the closed ring when a short ring lies in view', () => {
    expect(visibleRuns(circle(200, 0, 0, 10), everything)).toEqual([
      { first: 0, last: 200, closed: true, lengthBeforePx: 0 },
    ])
  })

  it('covers a long ring once, without gaps', () => {
    const runs = visibleRuns(circle(5000, 0, 0, 900), everything)
    expect(runs.length).toBeGreaterThan(1)
    expect(runs[0]?.first).toBe(0)
    expect(runs.at(-1)?.last).toBe(5000)
    runs.slice(1).forEach((run, index) => {
      expect(run.first).toBe(runs[index]?.last)
    })
  })

  it('knows the length before each run, so that dashes run on', () => {
    // A circle of radius 900 and 5000 vertices: its length up to vertex n is n chords of 2 r sin(pi / 5000).
    const chord = 2 * 900 * Math.sin(Math.PI / 5000)
    for (const run of visibleRuns(circle(5000, 0, 0, 900), everything)) {
      expect(run.lengthBeforePx).toBeCloseTo(run.first * chord, 1)
    }
  })

  it('leaves nothing out that the box holds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 900 }),
        fc.double({ min: -60, max: 60, noNaN: true }),
        fc.double({ min: -60, max: 60, noNaN: true }),
        (count, left, top) => {
          const ring = circle(count, 0, 0, 50)
          const box = { left, top, right: left + 20, bottom: top + 20 }
          const runs = visibleRuns(ring, box)
          for (let vertex = 0; vertex < count; vertex += 1) {
            const [column, row] = [ring[vertex * 2] ?? 0, ring[vertex * 2 + 1] ?? 0]
            if (column < box.left || column > box.right || row < box.top || row > box.bottom) continue
            expect(runs.some((run) => run.first <= vertex && vertex <= run.last)).toBe(true)
          }
        },
      ),
    )
  })
})

it('a ring far away is not traced', () => {
  const box = { left: 500, top: 500, right: 600, bottom: 600 }
  expect(visibleRuns(circle(300, 0, 0, 10), box)).toEqual([])
  expect(visibleVertices([circle(300, 0, 0, 10)], identity, box)).toEqual([])
})

it('the box around rings', () => {
  const rings = [new Float32Array([0, 1, 4, 1, 4, 3]), new Float32Array([-2, 7, 0, 7, 0, 9])]
  expect(boxOfRings(rings)).toEqual({ left: -2, top: 1, right: 4, bottom: 9 })
  expect(boxOfRings([])).toBeNull()
})

describe('traceWhole', () => {
  /** Whether a point is inside by the even-odd rule, from the path alone. */
  function isInside(paths: readonly (readonly [number, number])[][], x: number, y: number): boolean {
    let inside = false
    for (const path of paths)
      path.forEach(([ax, ay], index) => {
        const [bx, by] = path[(index + 1) % path.length] ?? [ax, ay]
        if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside
      })
    return inside
  }

  it('fills the middle as the whole path would, also amid rings whose vertices are all out of view', () => {
    const middle = { left: -5, top: -5, right: 5, bottom: 5 }
    const radius = fc.double({ min: 8, max: 400, noNaN: true })
    fc.assert(
      fc.property(fc.array(radius, { maxLength: 5 }), fc.boolean(), (radii, isBeside) => {
        const rings = radii.map((r) => circle(400, 0, 0, r))
        if (isBeside) rings.push(circle(400, 600, 0, 20))
        const paths: [number, number][][] = []
        const pen = {
          moveTo: (x: number, y: number) => void paths.push([[x, y]]),
          lineTo: (x: number, y: number) => void paths.at(-1)?.push([x, y]),
          closePath: () => undefined,
        }
        traceWhole(pen, rings, identity, middle)
        expect(isInside(paths, 0.1, 0.2)).toBe(radii.length % 2 === 1)
      }),
    )
  })
})

it('tells a vessel from a disc by its mean width, wherever it lies', () => {
  const box = (left: number, top: number, width: number, height: number): Float32Array =>
    Float32Array.of(left, top, left + width, top, left + width, top + height, left, top + height)
  // A band of 4 by 400 px: 2 · 1600 / 808; a square of 80: 2 · 6400 / 320; a frame: the hole runs the other way.
  expect(meanWidthPx([box(100, 7, 4, 400)])).toBeCloseTo(3.96, 2)
  expect(meanWidthPx([box(-40, 300, 80, 80)])).toBeCloseTo(40, 4)
  const hole = Float32Array.of(10, 10, 10, 90, 90, 90, 90, 10)
  expect(meanWidthPx([box(0, 0, 100, 100), hole])).toBeCloseTo((2 * 3600) / 720, 4)
  expect(meanWidthPx([])).toBe(0)
})
