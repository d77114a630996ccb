/** Parts of one region: none erases another unless it lies in it, and one that is damaged takes nothing with it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { liesWithin } from '../../../src/core/contour/lies-within'
import { combineOutlines, type Outline } from '../../../src/core/exchange/combine-outlines'
import { readCocoReadings } from '../../../src/core/exchange/coco/coco-readings'
import { countReadings } from '../../../src/core/exchange/exchange-reading'
import { placeStructureSet } from '../../../src/core/exchange/rtstruct/place-structure-set'
import type { Contour } from '../../../src/core/exchange/rtstruct/read-structure-set'
import { ORIENTATIONS, seriesOf } from '../../fixtures/exchange-source'

const SIZE = { widthPx: 48, heightPx: 40 }
const BAD = Float64Array.of(3, 3, 9, 9)

interface Disc {
  readonly x: number
  readonly y: number
  readonly radius: number
}

/** A polygon of 24 corners round a centre, begun at any corner, in either direction. */
function polygon({ x, y, radius }: Disc, turn = 0, isBackwards = false): Float64Array {
  const corners = Array.from({ length: 24 }, (_unused, at) => {
    const angle = (((isBackwards ? -at : at) + turn) / 24) * 2 * Math.PI
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
  })
  return Float64Array.from(corners.flat())
}

const plain = (points: Float64Array): Outline => ({ points, isXor: false })
const pixelsOf = (outlines: readonly Outline[]): Uint8Array => combineOutlines(outlines, SIZE).pixels
const alone = (points: Float64Array): Uint8Array => pixelsOf([plain(points)])
const either = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((pixel, at) => pixel | (b[at] ?? 0))
const without = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((pixel, at) => pixel & ~(b[at] ?? 0) & 1)

const discs = fc.record({
  x: fc.double({ min: 14, max: 32, noNaN: true }),
  y: fc.double({ min: 14, max: 26, noNaN: true }),
  radius: fc.double({ min: 5, max: 13, noNaN: true }),
})

describe('outlines of one plane', () => {
  test('the same outline twice, however it is begun or turned, is that outline', () => {
    fc.assert(
      fc.property(discs, fc.integer({ min: 0, max: 23 }), fc.boolean(), (disc, turn, isBackwards) => {
        const outlines = [plain(polygon(disc)), plain(polygon(disc, turn, isBackwards))]
        expect(pixelsOf(outlines)).toEqual(alone(polygon(disc)))
      }),
      { numRuns: 200, seed: 31 },
    )
  })

  test('outlines that cross or lie apart are united; one strictly within another is its hole', () => {
    fc.assert(
      fc.property(discs, discs, (a, b) => {
        const [large, small] = a.radius >= b.radius ? [a, b] : [b, a]
        const distance = Math.hypot(a.x - b.x, a.y - b.y)
        // Of polygons of 24 corners the sides lie between r cos 7.5° and r from the centre.
        const isInside = distance + small.radius < large.radius * Math.cos(Math.PI / 24) - 1e-3
        const isOutside = distance + small.radius > large.radius + 1e-3
        fc.pre(isInside || (isOutside && !liesWithin(polygon(small), polygon(large))))
        const [l, s] = [alone(polygon(large)), alone(polygon(small))]
        expect(pixelsOf([plain(polygon(a)), plain(polygon(b))])).toEqual(
          isInside ? without(l, s) : either(l, s),
        )
      }),
      { numRuns: 300, seed: 32 },
    )
  })

  test('neither order nor repetition nor a damaged part changes anything; islands stand in holes', () => {
    const centre = { x: 24, y: 20 }
    const rings = [16, 11, 6].map((radius) => polygon({ ...centre, radius }))
    const [outer, hole, island] = rings.map(alone)
    const expected = either(without(outer ?? BAD8, hole ?? BAD8), island ?? BAD8)
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 0, 1, 1, 2], { minLength: 5 }), (order) => {
        const outlines = order.map((at) => plain(rings[at] ?? BAD))
        expect(pixelsOf(outlines)).toEqual(expected)
        const damaged = combineOutlines([...outlines, plain(BAD)], SIZE)
        expect({ ...damaged, pixels: [...damaged.pixels] }).toMatchObject({
          unusable: 1,
          pixels: [...expected],
        })
      }),
      { numRuns: 60, seed: 33 },
    )
  })

  test('outlines that say exclusive or are combined so, whatever they share', () => {
    const [a, b] = [polygon({ x: 20, y: 20, radius: 9 }), polygon({ x: 26, y: 20, radius: 9 })]
    const xor = alone(a).map((pixel, at) => pixel ^ (alone(b)[at] ?? 0))
    expect(pixelsOf([a, b].map((points) => ({ points, isXor: true })))).toEqual(xor)
    expect(pixelsOf([a, a].map((points) => ({ points, isXor: true }))).includes(1)).toBe(false)
  })
})
const BAD8 = new Uint8Array(0)

describe('planes that are finer than the slices', () => {
  const target = seriesOf({ orientation: ORIENTATIONS['oblique'] ?? never(), ...SIZE, slices: 6 })
  const region = (contours: readonly Contour[]) => ({
    number: 1,
    name: 'lung',
    description: '',
    frameOfReferenceUid: '2.25.12',
    generation: '',
    interpretedType: '',
    interpreter: 'A',
    colour: null,
    contours,
    unreadable: 0,
  })
  const [first, second] = target.slices.map(({ positionMm }) => positionMm ?? never())
  const step = [0, 1, 2].map((axis) => (second?.[axis] ?? 0) - (first?.[axis] ?? 0))

  /** A box drawn `steps` slice distances above the first slice, in millimetres. */
  function boxAt(
    steps: number,
    [left, top, right, bottom]: readonly [number, number, number, number],
  ): Contour {
    const { orientation, spacingMm } = target
    const corners = [left, top, right, top, right, bottom, left, bottom]
    const pointsMm: number[] = []
    for (let at = 0; at < corners.length; at += 2) {
      for (const axis of [0, 1, 2] as const) {
        const across = (orientation?.row[axis] ?? 0) * (corners[at] ?? 0) * (spacingMm?.column ?? 1)
        const down = (orientation?.column[axis] ?? 0) * (corners[at + 1] ?? 0) * (spacingMm?.row ?? 1)
        pointsMm.push((first?.[axis] ?? 0) + (step[axis] ?? 0) * steps + across + down)
      }
    }
    return {
      geometricType: 'CLOSED_PLANAR',
      sopInstanceUid: '',
      frame: null,
      pointsMm: Float64Array.from(pointsMm),
    }
  }
  const laid = (contours: readonly Contour[]) => {
    const set = { sopInstanceUid: '', label: '', operator: '', referencedSeriesUids: [], warnings: [] }
    const placed = placeStructureSet({ ...set, regions: [region(contours)] }, target)
    if (!placed.ok) throw new Error(placed.refusal.reason)
    const slices = placed.value.readings[0]?.structures[0]?.slices ?? []
    return new Map(
      slices.map(({ sliceIndex, mask }) => [
        sliceIndex,
        mask.mask.pixels.reduce((sum, pixel) => sum + pixel, 0),
      ]),
    )
  }

  test('any spacing of planes gives each slice inside them the box, once', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.15, max: 0.95, noNaN: true }), (spacing) => {
        const planes = Array.from(
          { length: Math.floor(3.4 / spacing) + 1 },
          (_unused, at) => 0.8 + at * spacing,
        )
        const top = planes.at(-1) ?? 0
        const found = laid(planes.map((at) => boxAt(at, [4.5, 5.5, 14.5, 12.5])))
        for (const slice of [1, 2, 3]) if (slice <= top) expect(found.get(slice)).toBe(70)
        expect([...found.values()].every((pixels) => pixels === 70)).toBe(true)
      }),
      { numRuns: 60, seed: 34 },
    )
  })

  test('a slice shows the plane nearest to it, not a mixture', () => {
    const found = laid([boxAt(1.9, [4.5, 5.5, 14.5, 12.5]), boxAt(2.2, [20.5, 5.5, 24.5, 9.5])])
    expect(found).toEqual(new Map([[2, 70]]))
  })
})

test('a COCO annotation that cannot be used takes no other with it', () => {
  const photograph = { kind: 'image', name: 'eye.png', ...SIZE } as const
  const good = { id: 1, image_id: 1, category_id: 1, segmentation: [[4, 4, 14, 4, 14, 11, 4, 11]] }
  const bads = [
    { segmentation: [[1, 2]] },
    { segmentation: 'nonsense' },
    { segmentation: { size: [40, 48], counts: [5] } },
    { segmentation: { size: [40, 48], counts: '~~~' } },
    { image_id: 9 },
    { category_id: 9 },
  ]
  fc.assert(
    fc.property(fc.subarray(bads, { minLength: 1 }), fc.boolean(), (chosen, isFirst) => {
      const bad = chosen.map((more, at) => ({ ...good, id: at + 2, ...more }))
      const file = {
        images: [{ id: 1, file_name: 'eye.png', width: 48, height: 40 }],
        categories: [{ id: 1, name: 'vessel' }],
        annotations: isFirst ? [good, ...bad] : [...bad, good],
      }
      const read = readCocoReadings(new TextEncoder().encode(JSON.stringify(file)), photograph)
      if (!read.ok) throw new Error(read.refusal.reason)
      expect(countReadings(read.value.readings).pixels).toBe(70)
      const told = read.value.warnings.map(({ text }) => Number.parseInt(text))
      expect(told.reduce((sum, count) => sum + count, 0)).toBe(bad.length)
    }),
    { numRuns: 60, seed: 35 },
  )
})

function never(): never {
  throw new Error('not there')
}
