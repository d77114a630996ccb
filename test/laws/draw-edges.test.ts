import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findEdges, pathTo, seedLiveWire, stepCost } from '../../src/core/contour/live-wire'
import { walkFromScribbles, type Scribbles, type Walk } from '../../src/core/contour/random-walker'
import { fillPolygon } from '../../src/core/contour/rasterise'
import { wholeBox, type ImagePosition, type ValueSlice } from '../../src/core/contour/slice-mask'
import { standardNormals, uniforms } from '../../src/core/sampling/counter-rng'
import { runPython } from '../python'
import { countOf, disc, onImage, sizes, slicesOf } from './drawn'

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

/** The walk's equations as a full matrix, by elimination. */
function denseShares({ widthPx, heightPx, values }: ValueSlice, marks: Uint8Array): number[] {
  const count = widthPx * heightPx
  let mean = 0
  for (const value of values) mean += value / count
  let variance = 0
  for (const value of values) variance += (value - mean) ** 2 / count
  const rows = Array.from({ length: count }, (_, at) => {
    const row = new Float64Array(count + 1)
    if (marks[at] !== 0) {
      row[at] = 1
      row[count] = marks[at] === 1 ? 1 : 0
      return row
    }
    for (const [x, y] of STEPS) {
      const [column, line] = [(at % widthPx) + x, Math.floor(at / widthPx) + y]
      if (x * y !== 0 || column < 0 || line < 0 || column >= widthPx || line >= heightPx) continue
      const other = line * widthPx + column
      const difference = (values[at] ?? 0) - (values[other] ?? 0)
      const weight = Math.exp(variance > 0 ? (-13 * difference ** 2) / variance : 0) + 1e-6
      row[at] = (row[at] ?? 0) + weight
      row[other] = -weight
    }
    return row
  })
  rows.forEach((row, at) => {
    const pivot = row[at] ?? NaN
    rows.forEach((other, below) => {
      const factor = (other[at] ?? 0) / pivot
      if (below === at || factor === 0) return
      for (let k = at; k <= count; k += 1) other[k] = (other[k] ?? 0) - factor * (row[k] ?? 0)
    })
  })
  return rows.map((row, at) => (row[count] ?? NaN) / (row[at] ?? NaN))
}

function walk(slice: ValueSlice, scribbles: Scribbles, from?: Walk): Walk {
  const result = walkFromScribbles(slice, scribbles, from)
  if (!result.ok) throw new Error(result.refusal.reason)
  return result.value
}

test('shares of walkers are those of a dense solve, and scribbles are kept', () => {
  for (let index = 0; index < 8; index += 1) {
    const values = Float32Array.from(uniforms(41, index, 2, 64), (draw, at) => draw + (at % 8 > 3 ? 1 : 0))
    const slice = { widthPx: 8, heightPx: 8, values }
    const marks = new Uint8Array(64)
    uniforms(42, index, 2, 4).forEach((draw, at) => (marks[Math.floor(draw * 64)] = 1 + (at % 2)))
    marks[9] = 1
    marks[54] = 2
    const { share, placed } = walk(slice, { box: wholeBox(slice), marks })
    const expected = denseShares(slice, marks)
    expect(Math.max(...share.map((value, at) => Math.abs(value - (expected[at] ?? NaN))))).toBeLessThan(1e-3)
    marks.forEach((mark, at) => {
      if (mark !== 0) expect(placed.mask.pixels[at]).toBe(mark === 1 ? 1 : 0)
    })
  }
})

/** A dab in the middle of a disc and a frame around it. */
function aroundDisc(side: number): Uint8Array {
  return Uint8Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)]
    if (Math.hypot(x - 63, y - 61) < 5) return 1
    return x < 4 || y < 4 || x >= side - 4 || y >= side - 4 ? 2 : 0
  })
}

test('walkers find the rim of a disc with noise within a pixel', () => {
  const slice = discImage(128, 63.3, 61.8, 30)
  const marks = aroundDisc(128)
  const { placed } = walk(slice, { box: wholeBox(slice), marks })
  const found = onImage(placed, slice).pixels
  const [least, most] = [29, 31].map((radius) => disc(slice, 63.3, 61.8, radius).pixels)
  expect(found.every((pixel, at) => pixel >= (least?.[at] ?? 0))).toBe(true)
  expect(found.every((pixel, at) => pixel <= (most?.[at] ?? 0))).toBe(true)
})

test('a walk that starts from an earlier one comes to the same pixels', () => {
  const slice = discImage(128, 63.3, 61.8, 30)
  const marks = aroundDisc(128)
  const box = wholeBox(slice)
  const first = walk(slice, { box, marks })
  const more = marks.slice()
  more[61 * 128 + 85] = 1
  expect(walk(slice, { box, marks: more }, first).placed).toEqual(walk(slice, { box, marks: more }).placed)
})

test('scribbles of one kind, or off the image, are refused with what to do', () => {
  const slice = discImage(8, 4, 4, 2)
  const box = wholeBox(slice)
  const marks = new Uint8Array(64)
  marks[3] = 1
  expect(walkFromScribbles(slice, { box, marks })).toMatchObject({
    refusal: { code: 'request-invalid', next: 'Scribble outside it as well.' },
  })
  const off = { ...box, column: 3 }
  expect(walkFromScribbles(slice, { box: off, marks }).ok).toBe(false)
})

const python = runPython()

test.skipIf(python === null)('scikit-image sends the same walkers', () => {
  // A soft bump: across steep edges the two programs differ in the weight that they leave (1e-6 here, 1e-10 there).
  const normals = standardNormals(8, 0, 2, 1600)
  const values = Float32Array.from(normals, (normal, at) => {
    const square = ((at % 40) - 19) ** 2 + (Math.floor(at / 40) - 21) ** 2
    return Math.exp(-square / 100) + 0.02 * normal
  })
  const slice = { widthPx: 40, heightPx: 40, values }
  const marks = Uint8Array.from({ length: 1600 }, (_, at) =>
    at === 21 * 40 + 19 ? 1 : at % 40 === 1 ? 2 : 0,
  )
  const answer = python?.(
    `import json, sys, warnings
import numpy as np
from skimage.segmentation import random_walker
warnings.simplefilter("ignore")
asked = json.load(sys.stdin)
values = np.array(asked["values"]).reshape(40, 40)
marks = np.array(asked["marks"]).reshape(40, 40)
share = random_walker(values / values.std(), marks, beta=130, mode="bf", return_full_prob=True)[0]
print(json.dumps(share.ravel().tolist()))`,
    JSON.stringify({ values: [...slice.values], marks: [...marks] }),
  )
  const expected = JSON.parse(answer ?? '') as number[]
  const { share } = walk(slice, { box: wholeBox(slice), marks })
  expect(Math.max(...share.map((value, at) => Math.abs(value - (expected[at] ?? NaN))))).toBeLessThan(1e-3)
})
