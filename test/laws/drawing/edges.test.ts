import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findEdges, pathTo, seedLiveWire, stepCost } from '../../../src/core/contour/live-wire'
import { fillPolygon } from '../../../src/core/contour/rasterise'
import { wholeBox, type ImagePosition, type ValueSlice } from '../../../src/core/contour/slice-mask'
import { standardNormals } from '../../../src/core/sampling/counter-rng'
import { countOf, onImage, sizes, slicesOf } from './drawn'

/** A bright disc on a dark ground, its rim a pixel wide, with noise of a tenth of the step. */
function discImage(side: number, column: number, row: number, radius: number, noise = 10): ValueSlice {
  const normals = standardNormals(3, 0, 2, side * side)
  const values = Float32Array.from({ length: side * side }, (_, at) => {
    const distance = Math.hypot((at % side) - column, Math.floor(at / side) - row)
    return 100 * Math.min(1, Math.max(0, radius - distance + 0.5)) + noise * (normals[at] ?? 0)
  })
  return { widthPx: side, heightPx: side, values }
}

const AROUND = [-1, 0, 1] as const
const STEPS = AROUND.flatMap((y) => AROUND.map((x) => [x, y] as const)).filter(([x, y]) => x !== 0 || y !== 0)

test('no way to the seed is cheaper than the one found, and the way told costs what is said', () => {
  fc.assert(
    fc.property(
      sizes(9).chain((size) => fc.tuple(slicesOf(size, 50), fc.nat(size.widthPx * size.heightPx - 1))),
      ([slice, start]) => {
        const { widthPx, heightPx } = slice
        const edges = findEdges(slice, wholeBox(slice))
        const wire = seedLiveWire(edges, { column: start % widthPx, row: Math.floor(start / widthPx) })
        // Bellman and Ford: until no step makes any way cheaper.
        const cost = Array.from({ length: widthPx * heightPx }, (_, at) => (at === start ? 0 : Infinity))
        for (let changed = true; changed;) {
          changed = false
          cost.forEach((here, p) => {
            for (const [x, y] of STEPS) {
              const [column, row] = [(p % widthPx) + x, Math.floor(p / widthPx) + y]
              if (column < 0 || row < 0 || column >= widthPx || row >= heightPx) continue
              const q = row * widthPx + column
              const through = here + stepCost(edges, p, q, x, y)
              if (through >= (cost[q] ?? 0)) continue
              cost[q] = through
              changed = true
            }
          })
        }
        expect([...(wire?.cost ?? [])]).toEqual(cost)
        const end = widthPx * heightPx - 1
        const path = wire === null ? [] : [...pathTo(wire, { column: 99, row: 99 })]
        const pixels = path.flatMap((x, at) => (at % 2 === 0 ? [(path[at + 1] ?? 0) * widthPx + x] : []))
        expect([pixels[0], pixels.at(-1)]).toEqual([start, end])
        const told = pixels.slice(1).map((q, at) => {
          const p = pixels[at] ?? 0
          return stepCost(
            edges,
            p,
            q,
            (q % widthPx) - (p % widthPx),
            Math.floor(q / widthPx) - Math.floor(p / widthPx),
          )
        })
        expect(told.reduce((sum, step) => sum + step, 0)).toBe(cost[end])
      },
    ),
  )
})

test('a live-wire around a disc with noise keeps within a pixel of its rim', () => {
  const slice = discImage(128, 63.3, 61.8, 30)
  const edges = findEdges(slice, wholeBox(slice))
  const rim = (turn: number): ImagePosition => ({
    column: 63.3 + 30 * Math.cos(turn),
    row: 61.8 + 30 * Math.sin(turn),
  })
  const ring = [0, 1, 2].flatMap((third) => {
    const wire = seedLiveWire(edges, rim((third * 2 * Math.PI) / 3))
    return wire === null ? [] : [...pathTo(wire, rim(((third + 1) * 2 * Math.PI) / 3))].slice(0, -2)
  })
  const off = ring.flatMap((x, at) =>
    at % 2 === 0 ? [Math.abs(Math.hypot(x - 63.3, (ring[at + 1] ?? 0) - 61.8) - 30)] : [],
  )
  expect(off.length).toBeGreaterThan(100)
  expect(Math.max(...off)).toBeLessThanOrEqual(1)
  const area = countOf(onImage(fillPolygon([ring], slice), slice))
  expect(Math.abs(area / (Math.PI * 900) - 1)).toBeLessThan(0.03)
})

test('a window at the edge of the image, and none at all', () => {
  const slice = discImage(40, 20, 20, 9)
  const wire = seedLiveWire(findEdges(slice, { column: 30, row: -8, widthPx: 64, heightPx: 20 }), {
    column: 500,
    row: -3,
  })
  expect(wire?.box).toEqual({ column: 30, row: 0, widthPx: 10, heightPx: 12 })
  expect([...(wire === null ? [] : pathTo(wire, { column: 39, row: 0 }))]).toEqual([39, 0])
  const none = findEdges(slice, { column: 90, row: 0, widthPx: 8, heightPx: 8 })
  expect(seedLiveWire(none, { column: 1, row: 1 })).toBeNull()
})
