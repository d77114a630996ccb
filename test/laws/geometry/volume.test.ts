/** Laws of planes cut out of a volume: what they show is what stands there, and nobody is mirrored. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Orientation, PatientPoint } from '../../../src/contract'
import { edgeLetters, planeNormal } from '../../../src/core/geometry/orientation'
import { add, cross, dot, length, scale, subtract, type Vector } from '../../../src/core/geometry/vector'
import {
  PLANE_NAMES,
  PLANE_ORIENTATIONS,
  placeOfPoint,
  planeThrough,
  pointOnPlane,
  type Plane,
} from '../../../src/core/volume/planes'
import { cutOutlines, nearestSlice, ontoSlice, slicePlane } from '../../../src/core/volume/cut-outlines'
import type { Volume } from '../../../src/core/volume/reslice'
import { reslice } from '../../fixtures/reslice'
import { slabThrough } from '../../../src/core/volume/slab'
import { SliceFinder } from '../../../src/core/volume/slice-finder'
import { cuttableVolume, type VolumePlaces } from '../../../src/core/volume/volume-places'
import { madeUpSeries } from '../../fixtures/made-up-series'

const real = (least: number, most: number): fc.Arbitrary<number> =>
  fc.double({ min: least, max: most, noNaN: true })
const direction = fc.tuple(real(-1, 1), real(-1, 1), real(-1, 1))
const turned = fc
  .tuple(direction, direction)
  .filter(([a, b]) => length(a) > 0.2 && length(cross(a, b)) > 0.2)
  .map(([a, b]): Orientation => {
    const row = scale(a, 1 / length(a))
    const across = add(b, scale(row, -dot(b, row)))
    return { row, column: scale(across, 1 / length(across)) }
  })
const straight = fc.constantFrom<Orientation>(
  { row: [1, 0, 0], column: [0, 1, 0] },
  { row: [-1, 0, 0], column: [0, 1, 0] },
  { row: [1, 0, 0], column: [0, 0, -1] },
  { row: [0, 1, 0], column: [0, 0, -1] },
  // A gantry tilted by 15 degrees.
  { row: [1, 0, 0], column: [0, Math.cos(Math.PI / 12), Math.sin(Math.PI / 12)] },
)

/** Any volume: turned, sheared, with uneven steps. */
const volumesOfPlaces = fc
  .record({
    orientation: fc.oneof(turned, straight),
    row: real(0.4, 3),
    column: real(0.4, 3),
    columns: fc.integer({ min: 2, max: 12 }),
    rows: fc.integer({ min: 2, max: 12 }),
    steps: fc.oneof(
      fc.array(real(0.5, 5), { minLength: 1, maxLength: 7 }),
      fc.tuple(real(0.5, 5), fc.integer({ min: 1, max: 7 })).map(([step, n]) => Array<number>(n).fill(step)),
    ),
    shear: fc.oneof(fc.constant([0, 0] as const), fc.tuple(real(-0.5, 0.5), real(-0.5, 0.5))),
    origin: fc.tuple(real(-300, 300), real(-300, 300), real(-300, 300)),
  })
  .map(({ orientation, row, column, columns, rows, steps, shear, origin }): VolumePlaces => {
    const normal = planeNormal(orientation)
    const alongMm = [0, ...steps].map((_, at) => steps.slice(0, at).reduce((sum, step) => sum + step, 0))
    const slope = add(add(normal, scale(orientation.row, shear[0])), scale(orientation.column, shear[1]))
    return {
      ...{ orientation, normal, columns, rows, alongMm },
      spacingMm: { row, column },
      positionsMm: alongMm.map((mm) => add(origin, scale(slope, mm))),
      stepMm: new Set(steps).size === 1 ? (steps[0] ?? null) : null,
      isGapAfter: steps.map(() => false),
    }
  })

const positionOf = (places: VolumePlaces, column: number, row: number, slice: number): PatientPoint =>
  add(
    add(
      places.positionsMm[slice] ?? [0, 0, 0],
      scale(places.orientation.row, column * places.spacingMm.column),
    ),
    scale(places.orientation.column, row * places.spacingMm.row),
  )

const filled = (places: VolumePlaces, value: (at: PatientPoint, index: number) => number): Volume => ({
  places,
  outside: -5000,
  padding: null,
  slices: places.positionsMm.map((_, slice) =>
    Float32Array.from({ length: places.columns * places.rows }, (_zero, at) =>
      value(
        positionOf(places, at % places.columns, Math.floor(at / places.columns), slice),
        slice * places.columns * places.rows + at,
      ),
    ),
  ),
})

/**
 * The value at a place by the definition, found by looking at every slice and every corner; null beyond the centres of
 * the outermost voxels. Written apart from the program: eight weights, no steps.
 */
function direct({ places, slices }: Volume, at: PatientPoint): number | null {
  const { normal, orientation, spacingMm, columns, rows, positionsMm } = places
  const [first = at] = positionsMm
  const heights = positionsMm.map((position) => dot(subtract(position, first), normal))
  const height = dot(subtract(at, first), normal)
  let sum = 0
  let weights = 0
  positionsMm.forEach((position, slice) => {
    const below = heights[slice - 1]
    const above = heights[slice + 1]
    const own = heights[slice] ?? 0
    const reach = height < own ? below : above
    const weight = height === own ? 1 : reach === undefined ? 0 : 1 - (height - own) / (reach - own)
    if (!(weight > 0)) return
    const from = subtract(at, position)
    const column = dot(from, orientation.row) / spacingMm.column
    const row = dot(from, orientation.column) / spacingMm.row
    for (let r = 0; r < rows; r += 1)
      for (let c = 0; c < columns; c += 1) {
        const corner = weight * Math.max(0, 1 - Math.abs(column - c)) * Math.max(0, 1 - Math.abs(row - r))
        weights += corner
        sum += corner * (slices[slice]?.[r * columns + c] ?? 0)
      }
  })
  return Math.abs(weights - 1) < 1e-6 ? sum : null
}

/** What a plane of one pixel at a place shows. */
const shownAt = (volume: Volume, orientation: Orientation, originMm: PatientPoint): number | undefined =>
  reslice(volume, { orientation, originMm, spacingMm: { row: 1, column: 1 }, widthPx: 1, heightPx: 1 })[0]

const inside = (places: VolumePlaces, [x, y, z]: readonly [number, number, number]): PatientPoint =>
  positionOf(
    places,
    x * (places.columns - 1),
    y * (places.rows - 1),
    Math.round(z * (places.positionsMm.length - 1)),
  )
const share = fc.tuple(real(0, 1), real(0, 1), real(0, 1))

describe('a plane', () => {
  test('shows at each pixel what the eight voxels about its place say', () => {
    fc.assert(
      fc.property(volumesOfPlaces, share, fc.integer(), (places, at, seed) => {
        const volume = filled(places, (_place, index) => ((index * 7919 + seed) % 2003) - 1000)
        for (const name of PLANE_NAMES) {
          const plane = planeThrough(places, name, inside(places, at))
          const shown = reslice(volume, plane)
          for (let pixel = 0; pixel < shown.length; pixel += 1 + Math.floor(shown.length / 40)) {
            const column = pixel % plane.widthPx
            const place = placeOfPoint(plane, { column, row: (pixel - column) / plane.widthPx })
            const expected = direct(volume, place)
            if (expected !== null) expect(Math.abs((shown[pixel] ?? NaN) - expected)).toBeLessThan(0.05)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of values that rise evenly through the body shows the values of its places, however the slices lie', () => {
    fc.assert(
      fc.property(volumesOfPlaces, share, direction, (places, at, slope) => {
        const volume = filled(places, (place) => dot(place, slope))
        const plane = planeThrough(places, 'coronal', inside(places, at))
        const shown = reslice(volume, plane)
        shown.forEach((value, pixel) => {
          const column = pixel % plane.widthPx
          const place = placeOfPoint(plane, { column, row: (pixel - column) / plane.widthPx })
          if (direct(volume, place) !== null) expect(value).toBeCloseTo(dot(place, slope), 2)
        })
      }),
      { numRuns: 40 },
    )
  })

  test('shows the same place, with the same value, under the crosshair as the two others', () => {
    fc.assert(
      fc.property(volumesOfPlaces, share, (places, at) => {
        const cross = inside(places, at)
        const volume = filled(places, (_place, index) => (index * 31) % 997)
        const values = PLANE_NAMES.map((name) => {
          const plane = planeThrough(places, name, cross)
          const back = placeOfPoint(plane, pointOnPlane(plane, cross))
          expect(length(subtract(back, cross))).toBeLessThan(1e-9)
          return shownAt(volume, plane.orientation, back)
        })
        for (const value of values) expect(Math.abs((value ?? NaN) - (values[0] ?? NaN))).toBeLessThan(1e-2)
      }),
    )
  })

  test('of an axial series without tilt is the slice itself, pixel for pixel', () => {
    const places = placesOfStack({ row: 0.7, column: 0.8 }, [2.5, 2.5, 2.5])
    const volume = filled(places, (_place, index) => index)
    const plane = planeThrough(places, 'axial', places.positionsMm[2] ?? [0, 0, 0])
    expect([plane.widthPx, plane.heightPx, plane.spacingMm]).toEqual([6, 5, { row: 0.7, column: 0.8 }])
    expect([...reslice(volume, plane)]).toEqual([...(volume.slices[2] ?? [])])
  })
})

function placesOfStack(spacingMm: { row: number; column: number }, steps: readonly number[]): VolumePlaces {
  const alongMm = [0, ...steps].map((_, at) => steps.slice(0, at).reduce((sum, step) => sum + step, 0))
  return {
    orientation: { row: [1, 0, 0], column: [0, 1, 0] },
    normal: [0, 0, 1],
    ...{ spacingMm, columns: 6, rows: 5, alongMm },
    positionsMm: alongMm.map((mm): Vector => [-2, -3, mm - 7]),
    stepMm: new Set(steps).size === 1 ? (steps[0] ?? null) : null,
    isGapAfter: steps.map(() => false),
  }
}

test('the left of the patient is on the right, the front at the top or on the left, the head at the top', () => {
  expect(edgeLetters(PLANE_ORIENTATIONS.axial)).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' })
  expect(edgeLetters(PLANE_ORIENTATIONS.coronal)).toEqual({ left: 'R', right: 'L', top: 'S', bottom: 'I' })
  expect(edgeLetters(PLANE_ORIENTATIONS.sagittal)).toEqual({ left: 'A', right: 'P', top: 'S', bottom: 'I' })
})

describe('a slab', () => {
  test('is the mean, or the largest, of the slices within its thickness', () => {
    const places = placesOfStack({ row: 1, column: 1 }, [2, 2, 2, 2])
    const volume = filled(places, (_place, index) => ((index * 37) % 101) - 50)
    const through = places.positionsMm[2] ?? [0, 0, 0]
    const plane = planeThrough(places, 'axial', through)
    const within = volume.slices.slice(1, 4)
    const of = (take: 'mean' | 'largest'): number[] => [
      ...reslice(volume, plane, slabThrough(places, 'axial', through, { thicknessMm: 4, take })),
    ]
    of('largest').forEach((value, at) => {
      expect(value).toBe(Math.max(...within.map((slice) => slice?.[at] ?? NaN)))
    })
    of('mean').forEach((value, at) => {
      expect(value).toBeCloseTo(within.reduce((sum, slice) => sum + (slice?.[at] ?? NaN), 0) / 3, 4)
    })
  })

  test('holds its plane: the largest is never below it, and grows with the thickness', () => {
    fc.assert(
      fc.property(volumesOfPlaces, share, (places, at) => {
        const through = inside(places, at)
        const volume = filled(places, (_place, index) => (index * 31) % 997)
        const plane: Plane = planeThrough(places, 'sagittal', through)
        const largest = [0, 3, 9].map((thicknessMm) =>
          reslice(volume, plane, slabThrough(places, 'sagittal', through, { thicknessMm, take: 'largest' })),
        )
        largest[1]?.forEach((value, pixel) => {
          expect(value).toBeLessThanOrEqual((largest[2]?.[pixel] ?? NaN) + 1e-3)
        })
      }),
      { numRuns: 30 },
    )
  })
})

describe('outlines of slices', () => {
  test('are cut where the plane passes: a point between the ends of a piece is inside, one beyond is not', () => {
    fc.assert(
      fc.property(volumesOfPlaces, share, real(0.8, 4), (places, at, radius) => {
        const slice = Math.floor(places.positionsMm.length / 2)
        const centre = { column: (places.columns - 1) / 2, row: (places.rows - 1) / 2 }
        const corners = Array.from({ length: 64 }, (_, k) => (2 * Math.PI * k) / 64)
        const disc = Float32Array.from(
          corners.flatMap((angle) => [
            centre.column + radius * Math.cos(angle),
            centre.row + radius * Math.sin(angle),
          ]),
        )
        for (const name of PLANE_NAMES) {
          const plane = planeThrough(places, name, inside(places, at))
          const steep = length(cross(planeNormal(plane.orientation), places.normal)) > 0.05
          if (!steep) continue
          const ends = cutOutlines(places, slice, [disc], plane)
          expect([0, 4]).toContain(ends.length)
          const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = ends
          const from = (share: number): number => {
            const point = { column: x0 + (x1 - x0) * share, row: y0 + (y1 - y0) * share }
            const { column, row } = pointOnPlane(slicePlane(places, slice), placeOfPoint(plane, point))
            return Math.hypot(column - centre.column, row - centre.row)
          }
          if (ends.length === 0) continue
          expect(from(0)).toBeLessThan(radius * 1.01)
          expect(from(0)).toBeGreaterThan(radius * 0.98)
          expect(from(0.5)).toBeLessThan(radius * 1.01)
          expect(from(1.5)).toBeGreaterThan(radius * 0.98)
        }
      }),
    )
  })

  test('of a slice that the plane lies along are the outlines themselves, and none of its neighbours', () => {
    const places = placesOfStack({ row: 0.7, column: 0.8 }, [2, 2, 2])
    const plane = planeThrough(places, 'axial', places.positionsMm[1] ?? [0, 0, 0])
    const square = Float32Array.from([1, 1, 3, 1, 3, 3, 1, 3])
    const [own, next] = [1, 2].map((slice) => cutOutlines(places, slice, [square], plane))
    expect([...(own ?? [])].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
      1, 1, 3, 1, 3, 1, 3, 3, 3, 3, 1, 3, 1, 3, 1, 1,
    ])
    expect(next?.length).toBe(0)
  })
})

test('the slice nearest to a place is the one whose foot is nearest', () => {
  fc.assert(
    fc.property(volumesOfPlaces, share, (places, at) => {
      const place = add(inside(places, at), scale(places.normal, 0.2))
      const feet = places.positionsMm.map((_, slice) =>
        length(subtract(place, ontoSlice(places, slice, place))),
      )
      expect(feet[nearestSlice(places, place)]).toBeCloseTo(Math.min(...feet), 9)
    }),
  )
})

test('nothing is made up where slices are missing', () => {
  const places = { ...placesOfStack({ row: 1, column: 1 }, [3, 6, 3]), isGapAfter: [false, true, false] }
  const volume = filled(places, () => 100)
  const plane = { ...planeThrough(places, 'coronal', places.positionsMm[0] ?? [0, 0, 0]), heightPx: 13 }
  const column = [...reslice(volume, plane)].filter((_, at) => at % plane.widthPx === 0)
  // From the head down: slices at 12, 9, 3 and 0 mm; a slice reaches half a usual step, the rest of the gap is empty.
  const empty = column.flatMap((value, at) => (value === volume.outside ? [12 - at] : []))
  expect(empty).toEqual([7, 6, 5])
})

test('a lone slice beyond a gap reaches no further outwards than any other', () => {
  const places = { ...placesOfStack({ row: 1, column: 1 }, [1, 1, 34]), isGapAfter: [false, false, true] }
  const finder = new SliceFinder(places)
  expect([36.4, 37, -0.4, -1].map((mm) => finder.find(mm).lower)).toEqual([3, -1, 0, -1])
})

describe('a series that cannot be cut says why', () => {
  const slice = madeUpSeries().slices[0]
  const at = (index: number, z: number | null) => ({
    ...(slice ?? {}),
    index,
    positionMm: z === null ? null : ([0, 0, z] as PatientPoint),
    alongNormalMm: z,
  })
  const series = (zs: readonly (number | null)[], more = {}): ReturnType<typeof madeUpSeries> =>
    madeUpSeries(
      { slices: zs.length, spacingMm: { row: 1, column: 1, slice: 2 } },
      {
        orientation: { row: [1, 0, 0], column: [0, 1, 0] },
        slices: zs.map((z, index) => at(index, z)) as ReturnType<typeof madeUpSeries>['slices'],
        ...more,
      },
    )
  test.each([
    [series([0, 2, 4]), null],
    [series([0]), /one slice/],
    [series([0, 2], { orientation: null }), /Image Orientation/],
    [series([null, null]), /Image Position/],
    [series([0, 0, 2]), /same place/],
    [series([0, 2], { photometric: 'RGB' }), /colour/],
  ])('%#', (detail, why) => {
    const { places, why: said } = cuttableVolume(detail)
    if (why === null) expect([places === null, said]).toEqual([false, null])
    else expect(said).toMatch(why)
  })
})
