/** Laws of padding in planes: it is shown as it stands in the slices, and no value that was measured takes part of it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PatientPoint, PixelDescription } from '../../../src/contract'
import { PLANE_NAMES, placeOfPoint, planeThrough, type PlaneName } from '../../../src/core/volume/planes'
import { resliceInto, type Slab } from '../../../src/core/volume/reslice'
import { noVoxels, volumeOf, withSlice } from '../../../src/core/volume/voxels'
import type { VolumePlaces } from '../../../src/core/volume/volume-places'

const [COLUMNS, ROWS, SLICES] = [7, 6, 5]
const PLACES: VolumePlaces = {
  orientation: { row: [1, 0, 0], column: [0, 1, 0] },
  normal: [0, 0, 1],
  spacingMm: { row: 1, column: 1 },
  ...{ columns: COLUMNS, rows: ROWS, stepMm: 2 },
  positionsMm: Array.from({ length: SLICES }, (_, slice): PatientPoint => [0, 0, slice * 2]),
  alongMm: Array.from({ length: SLICES }, (_, slice) => slice * 2),
  isGapAfter: [false, false, false, false],
}

/** What was measured lies between these, far from what fills the slices up. */
const [LEAST, MOST] = [100, 200]

/** Padding below and above all values, one value or a range of them. */
const paddings = fc.constantFrom(
  { stated: -2000, limit: undefined, filled: [-2000] },
  { stated: 3000, limit: undefined, filled: [3000] },
  { stated: -2000, limit: -1500, filled: [-2000, -1700, -1500] },
)

interface MadeUp {
  readonly stored: readonly number[]
  readonly isThere: readonly boolean[]
  readonly padding: typeof paddings extends fc.Arbitrary<infer P> ? P : never
}
const madeUp: fc.Arbitrary<MadeUp> = fc
  .tuple(
    paddings,
    fc.array(fc.tuple(fc.integer({ min: LEAST, max: MOST }), fc.boolean()), {
      minLength: COLUMNS * ROWS * SLICES,
      maxLength: COLUMNS * ROWS * SLICES,
    }),
  )
  .map(([padding, voxels]) => ({
    padding,
    isThere: voxels.map(([, isThere]) => isThere),
    stored: voxels.map(([value, isThere], at) =>
      isThere ? value : (padding.filled[at % padding.filled.length] ?? padding.stated),
    ),
  }))

/** As the page has it: slices with their descriptions, in one scale or each in its own. */
function volume({ stored, padding }: MadeUp, slopeOf: (slice: number) => number) {
  const range = padding.limit === undefined ? {} : { paddingLimitStored: padding.limit }
  return volumeOf(
    Array.from({ length: SLICES }).reduce<ReturnType<typeof noVoxels>>((voxels, _, slice) => {
      const values = stored.slice(slice * COLUMNS * ROWS, (slice + 1) * COLUMNS * ROWS)
      const description: PixelDescription = {
        ...{
          widthPx: COLUMNS,
          heightPx: ROWS,
          type: 'int16',
          slope: slopeOf(slice),
          intercept: 0,
          unit: 'HU',
        },
        ...{ minStored: Math.min(...values), maxStored: Math.max(...values), warnings: [] },
        ...{ paddingStored: padding.stated, ...range },
      }
      return withSlice(voxels, slice, description, Int16Array.from(values).buffer)
    }, noVoxels(PLACES)),
  )
}

const through = fc.tuple(
  fc.double({ min: 0, max: COLUMNS - 1, noNaN: true }),
  fc.double({ min: 0, max: ROWS - 1, noNaN: true }),
  fc.double({ min: 0, max: 2 * (SLICES - 1), noNaN: true }),
)
const cutOf = (of: ReturnType<typeof volume>, name: PlaneName, at: PatientPoint, slab: Slab) => {
  const plane = planeThrough(PLACES, name, at)
  const into = of.slices.some((slice) => slice instanceof Float32Array)
    ? new Float32Array(plane.widthPx * plane.heightPx)
    : new Int16Array(plane.widthPx * plane.heightPx)
  resliceInto(of, plane, slab, into)
  return { plane, values: [...into] }
}
const isMeasured = (value: number): boolean => value >= LEAST && value <= MOST
/** The voxel about a place, counted from the first; none for a place on the border of two. */
function voxelAt([x, y, z]: PatientPoint): number | null {
  const near = [x, y, z / 2].map(Math.round)
  const [column = 0, row = 0, slice = 0] = near
  const isOnBorder = [x, y, z / 2].some((place) => Math.abs(Math.abs(place - Math.floor(place)) - 0.5) < 1e-6)
  return isOnBorder ? null : (slice * ROWS + row) * COLUMNS + column
}

test('a place shows what was measured exactly where its own voxel was, and never a value in between', () => {
  fc.assert(
    fc.property(madeUp, through, fc.boolean(), (made, at, hasScales) => {
      const of = volume(made, (slice) => (hasScales && slice === 2 ? 1.0001 : 1))
      for (const name of PLANE_NAMES) {
        const { plane, values } = cutOf(of, name, at, { offsetsMm: [0], take: 'mean' })
        values.forEach((value, pixel) => {
          const column = pixel % plane.widthPx
          const voxel = voxelAt(placeOfPoint(plane, { column, row: (pixel - column) / plane.widthPx }))
          if (voxel === null) return
          if (made.isThere[voxel] === true)
            expect(value).toSatisfy((v: number) => v >= LEAST && v <= MOST + 1)
          else expect(value < -1400 || value >= 3000 || value === Math.fround(of.outside)).toBe(true)
        })
      }
    }),
    { numRuns: 60 },
  )
})

test('a slab is the mean, or the largest, of what was measured in it; padding where nothing was', () => {
  fc.assert(
    fc.property(madeUp, fc.constantFrom<Slab['take']>('mean', 'largest'), (made, take) => {
      const of = volume(made, () => 1)
      const { values } = cutOf(of, 'axial', [0, 0, 4], { offsetsMm: [-2, 0, 2], take })
      values.forEach((value, pixel) => {
        const there = [1, 2, 3]
          .map((slice) => slice * ROWS * COLUMNS + pixel)
          .filter((voxel) => made.isThere[voxel] === true)
          .map((voxel) => made.stored[voxel] ?? Number.NaN)
        const sum = there.reduce((total, one) => total + one, 0)
        if (there.length === 0) expect(isMeasured(value)).toBe(false)
        else expect(value).toBe(take === 'mean' ? Math.floor(sum / there.length + 0.5) : Math.max(...there))
      })
    }),
  )
})

test('on a slice the padding stands as the file has it', () => {
  fc.assert(
    fc.property(madeUp, fc.integer({ min: 0, max: SLICES - 1 }), (made, slice) => {
      const { values } = cutOf(
        volume(made, () => 1),
        'axial',
        [0, 0, slice * 2],
        {
          offsetsMm: [0],
          take: 'mean',
        },
      )
      expect(values).toEqual(made.stored.slice(slice * ROWS * COLUMNS, (slice + 1) * ROWS * COLUMNS))
    }),
  )
})
