import { contours as d3Contours } from 'd3-contour'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { longestDiameter } from '../../../src/core/contour/polygon'
import { placeOnImage, traceField, traceMask, type Ring } from '../../../src/core/contour/trace'
import { rasterise, signedArea } from './fill-rings'

const sizes = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }))

/** Masks from noise of every density, so that saddles, holes, islands in holes and shapes cut by the edge all occur. */
const masks = fc.tuple(sizes, fc.integer({ min: 1, max: 9 })).chain(([[widthPx, heightPx], tenths]) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), {
      minLength: widthPx * heightPx,
      maxLength: widthPx * heightPx,
    })
    .map((draws) => ({
      widthPx,
      heightPx,
      pixels: Uint8Array.from(draws, (draw) => (draw < tenths ? 1 : 0)),
    })),
)

/** int8 fields that are never 0, as the samples' fields are (contract/http/inference.ts). */
const fields = sizes.chain(([widthPx, heightPx]) =>
  fc
    .array(fc.oneof(fc.integer({ min: 1, max: 127 }), fc.integer({ min: -127, max: -1 })), {
      minLength: widthPx * heightPx,
      maxLength: widthPx * heightPx,
    })
    .map((values) => ({ widthPx, heightPx, values: Int8Array.from(values) })),
)

type Point = readonly [number, number]
const pointsOf = (ring: Ring): Point[] =>
  Array.from({ length: ring.length / 2 }, (_, at) => [ring[2 * at] ?? 0, ring[2 * at + 1] ?? 0] as const)
const edgesOf = (ring: Ring): [Point, Point][] => {
  const points = pointsOf(ring)
  return points.map((point, at) => [point, points[(at + 1) % points.length] ?? point])
}

function turnOf(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

function meet([a, b]: [Point, Point], [c, d]: [Point, Point]): boolean {
  const onLine = turnOf(a, b, c) * turnOf(a, b, d) <= 0 && turnOf(c, d, a) * turnOf(c, d, b) <= 0
  const apart =
    Math.max(a[0], b[0]) < Math.min(c[0], d[0]) ||
    Math.max(c[0], d[0]) < Math.min(a[0], b[0]) ||
    Math.max(a[1], b[1]) < Math.min(c[1], d[1]) ||
    Math.max(c[1], d[1]) < Math.min(a[1], b[1])
  return onLine && !apart
}

/** True where no two edges of any rings meet, but for neighbours at their common vertex. */
function nothingMeets(rings: readonly Ring[]): boolean {
  const edges = rings.flatMap((ring) =>
    edgesOf(ring).map((edge, at, all) => ({ edge, ring, at, of: all.length })),
  )
  return edges.every((one, first) =>
    edges.slice(first + 1).every((other) => {
      const gap = other.at - one.at
      const neighbours = one.ring === other.ring && (gap === 1 || gap === one.of - 1)
      return neighbours || !meet(one.edge, other.edge)
    }),
  )
}

const maskOf = (values: Int8Array): Uint8Array => Uint8Array.from(values, (value) => (value > 0 ? 1 : 0))
const areaOf = (rings: readonly Ring[]): number => rings.reduce((sum, ring) => sum + signedArea(ring), 0)

test('filling the outline of a mask gives the mask back', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      expect(rasterise(traceMask(mask), mask.widthPx, mask.heightPx)).toEqual(mask)
    }),
    { numRuns: 500 },
  )
})

test('filling the outline of a field gives the pixels above zero', () => {
  fc.assert(
    fc.property(fields, ({ values, widthPx, heightPx }) => {
      const filled = rasterise(traceField(values, widthPx, heightPx), widthPx, heightPx)
      expect(filled.pixels).toEqual(maskOf(values))
    }),
    { numRuns: 500 },
  )
})

test('rings never cross or touch, saddles included', () => {
  fc.assert(
    fc.property(fields, ({ values, widthPx, heightPx }) => {
      expect(nothingMeets(traceField(values, widthPx, heightPx))).toBe(true)
    }),
  )
  fc.assert(
    fc.property(masks, (mask) => {
      expect(nothingMeets(traceMask(mask))).toBe(true)
    }),
  )
})

test('the area of a mask outline is that of d3-contour, holes taken off', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      const [multi] = d3Contours().size([mask.widthPx, mask.heightPx]).thresholds([0.5])([...mask.pixels])
      // d3 puts pixel centres at halves; an area does not see the shift. Its rings repeat their first point.
      const peer = (multi?.coordinates ?? []).flat().map((ring) => {
        const points = ring.map(([x = 0, y = 0]): Point => [x - 0.5, y - 0.5])
        return points.slice(1).reduce((twice, [x, y], at) => {
          const [lastX, lastY] = points[at] ?? [0, 0]
          return twice + lastX * y - x * lastY
        }, 0)
      })
      const peerArea = peer.reduce((sum, twice) => sum + twice / 2, 0)
      const rings = traceMask(mask)
      expect(rings.length).toBe(peer.length)
      expect(areaOf(rings)).toBeCloseTo(Math.abs(peerArea), 4)
    }),
    { numRuns: 300 },
  )
})

test('outer rings have a positive area, holes a negative one', () => {
  // A 5 x 5 block with a hole of one pixel. Cut corners take 4 * 1/8; the hole is a diamond of 1/2.
  const pixels = new Uint8Array(49)
  for (let row = 1; row < 6; row += 1) pixels.fill(1, row * 7 + 1, row * 7 + 6)
  pixels[3 * 7 + 3] = 0
  const areas = traceMask({ widthPx: 7, heightPx: 7, pixels }).map(signedArea)
  expect(areas.toSorted((a, b) => a - b)).toEqual([-0.5, 24.5])
})

test('a field is traced where its straight line between two centres crosses zero', () => {
  // 3 at the centre, -1 around: each crossing lies at 3 / 4 of the way.
  const rings = traceField(Int8Array.from([-1, -1, -1, -1, 3, -1, -1, -1, -1]), 3, 3)
  expect(rings).toHaveLength(1)
  expect(new Set(pointsOf(rings[0] ?? new Float32Array(0)).map(String))).toEqual(
    new Set(['0.25,1', '1,0.25', '1.75,1', '1,1.75']),
  )
})

test('a saddle is joined where the bilinear surface is above zero in its middle, and parted else', () => {
  const joined = traceField(Int8Array.from([9, -1, -1, 9]), 2, 2)
  const parted = traceField(Int8Array.from([1, -9, -9, 1]), 2, 2)
  expect([joined.length, parted.length]).toEqual([1, 2])
})

test('a shape that fills the grid is closed along its border', () => {
  const [ring = new Float32Array(0)] = traceMask({
    widthPx: 3,
    heightPx: 2,
    pixels: new Uint8Array(6).fill(1),
  })
  const xs = pointsOf(ring).map(([x]) => x)
  const ys = pointsOf(ring).map(([, y]) => y)
  expect([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]).toEqual([-0.5, 2.5, -0.5, 1.5])
})

test('a disc given as a smooth field has the area and the diameter of the disc', () => {
  const radius = 20
  const field = new Float32Array(64 * 64)
  for (let at = 0; at < field.length; at += 1) {
    field[at] = radius - Math.hypot((at % 64) - 31.3, Math.floor(at / 64) - 30.8)
  }
  const rings = traceField(field, 64, 64)
  expect(areaOf(rings) / (Math.PI * radius * radius)).toBeCloseTo(1, 2)
  expect(longestDiameter(rings, { x: 1, y: 1 })).toBeCloseTo(2 * radius, 1)
})

/** Rings that touch themselves at a corner of pixels: a hull for simple polygons lost a corner of one. */
const TOUCHING = Int8Array.from(
  // prettier-ignore
  [-51, 1, 1, 1, 1, 1, 1, 4, -1, 1, 1, 1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, 1, -1, -1, -1, 1, 1, 1, -1, 1, -1, 71, -1, -1, 1, -1, -1, -1, -1, 1, -1, -1, -1, -1, 1, -1, 1, -1, -1, 1, -1, 1, 1, -1, 1, 1, 1, -1, -1, 1, 1, -1, -1, -1, 1, -1, 4, -1, -1, -1, -1, -1, -1, -1, 1, -1, 1, -1, -1, 1, 1, 1, 1, -1, 1, 1, -1, -1, 1, -1, 1, -1, -1, 1, -1, -1, -1, 1, -1, 1, -1, -1, -1, -1, -1, 1, 1, -1, -1, -1, -1, 1, 1, 1, -1, -1, 4, -1, 1, 1, -1, 1, 1, -1, 1, -1, 1, 9, -1, -1, -1, -1, 2, 1, 1, 1, 1, 1, 1, -1, 1, -1, 1, -1, -1, -1, -1, -1, 1, 1, -1, -1, 1, -1, -1, 1, -1, -1, -1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, 1, 1, 1, -1, -1, 1, -1, -1, 1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -2, -1, 1, -1, 1, 1, 1, 1, -1, -1, -1, -1, 3, 1],
)

test('the longest diameter is the largest distance between two vertices of one ring', () => {
  fc.assert(
    fc.property(
      fields,
      fc.double({ min: 0.2, max: 5, noNaN: true }),
      ({ values, widthPx, heightPx }, stretch) => {
        const rings = traceField(values, widthPx, heightPx)
        let longest = 0
        for (const points of rings.map(pointsOf)) {
          for (const a of points) {
            for (const b of points) {
              longest = Math.max(longest, Math.hypot((a[0] - b[0]) * stretch, a[1] - b[1]))
            }
          }
        }
        expect(longestDiameter(rings, { x: stretch, y: 1 })).toBeCloseTo(longest, 5)
      },
    ),
    { numRuns: 300, examples: [[{ widthPx: 12, heightPx: 17, values: TOUCHING }, 2.0078793324555813]] },
  )
})

test('a grid puts its pixel centres where its definition says', () => {
  const grid = { widthPx: 4, heightPx: 4, originColumn: 10, originRow: 20, columnStep: 1.5, rowStep: 2 }
  expect(placeOnImage([Float32Array.from([0, 0, 2, 3])], grid)).toEqual([Float32Array.from([10, 20, 13, 26])])
})
