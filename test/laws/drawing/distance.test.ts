import fc from 'fast-check'
import { expect, test } from 'vitest'
import { squaredDistances, type Extent } from '../../../src/core/contour/distance-transform'
import { runPython } from '../../python'
import { uniforms } from '../../../src/core/sampling/counter-rng'

const side = fc.integer({ min: 1, max: 9 })
const extents = fc.record({ width: side, height: side, depth: fc.integer({ min: 1, max: 5 }) })
const length = fc.double({ min: 0.05, max: 8, noNaN: true })

/** The definition: every element against every member. */
function bySearch(members: Uint8Array, { width, height }: Extent, step = { x: 1, y: 1, z: 1 }): number[] {
  const place = (at: number): readonly [number, number, number] => [
    at % width,
    Math.floor(at / width) % height,
    Math.floor(at / (width * height)),
  ]
  return Array.from(members, (_, at) => {
    const [x, y, z] = place(at)
    let least = Infinity
    members.forEach((member, other) => {
      if (member === 0) return
      const [u, v, w] = place(other)
      least = Math.min(least, ((x - u) * step.x) ** 2 + ((y - v) * step.y) ** 2 + ((z - w) * step.z) ** 2)
    })
    return least
  })
}

const grids = extents.chain((extent) => {
  const count = extent.width * extent.height * extent.depth
  return fc.tuple(
    fc.constant(extent),
    fc
      .integer({ min: 0, max: 9 })
      .chain((rarity) =>
        fc
          .array(fc.integer({ min: 0, max: 20 }), { minLength: count, maxLength: count })
          .map((draws) => Uint8Array.from(draws, (draw) => (draw < rarity ? 1 : 0))),
      ),
  )
})

test('distances of unit steps are exactly those of a search', () => {
  fc.assert(
    fc.property(grids, ([extent, members]) => {
      expect([...squaredDistances(members, extent)]).toEqual(bySearch(members, extent))
    }),
  )
})

test('distances of uneven steps are those of a search', () => {
  fc.assert(
    fc.property(grids, fc.record({ x: length, y: length, z: length }), ([extent, members], step) => {
      const expected = bySearch(members, extent, step)
      squaredDistances(members, extent, step).forEach((square, at) => {
        const other = expected[at] ?? NaN
        if (other === Infinity) expect(square).toBe(Infinity)
        else expect(Math.abs(square - other)).toBeLessThanOrEqual(1e-12 * (1 + other))
      })
    }),
  )
})

const python = runPython()

test.skipIf(python === null)('SciPy measures the same distances', () => {
  const extent = { width: 61, height: 47, depth: 9 }
  const draws = uniforms(5, 0, 2, extent.width * extent.height * extent.depth)
  const members = Uint8Array.from(draws, (draw) => (draw < 0.002 ? 1 : 0))
  const step = { x: 0.7, y: 0.9, z: 2.5 }
  const answer = python?.(
    `import json, sys
import numpy as np
from scipy.ndimage import distance_transform_edt
members = np.array(json.load(sys.stdin)).reshape(9, 47, 61)
print(json.dumps(distance_transform_edt(members == 0, sampling=(2.5, 0.9, 0.7)).ravel().tolist()))`,
    JSON.stringify([...members]),
  )
  const expected = JSON.parse(answer ?? '') as number[]
  const errors = squaredDistances(members, extent, step).map((square, at) =>
    Math.abs(Math.sqrt(square) - (expected[at] ?? NaN)),
  )
  expect(Math.max(...errors)).toBeLessThan(1e-9)
})
