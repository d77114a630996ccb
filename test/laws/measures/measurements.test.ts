/** Laws of what is measured on a slice: figures against arithmetic and counting, and the journal that keeps them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Measurement, MeasurementEntry, PixelDescription } from '../../../src/contract'
import { figuresOf, sliceValues, type SliceValues } from '../../../src/core/measurement/figures'
import { measuredSteps } from '../../../src/core/measurement/journal'

const { standing, lastToUndo } = measuredSteps
const undoing = (entries: readonly MeasurementEntry[], last: MeasurementEntry) => ({
  measurementId: last.measurementId,
  state: measuredSteps.before(entries, last),
  undoes: last.number,
})

const real = (least: number, most: number): fc.Arbitrary<number> =>
  fc.double({ min: least, max: most, noNaN: true })
const point = fc.record({ column: real(-5, 40), row: real(-5, 40) })
/** Off the centres of pixels, so that no rounding decides what is inside. */
const clear = fc.integer({ min: -40, max: 320 }).map((eighths) => eighths / 8 + 1 / 16)
const clearPoint = fc.record({ column: clear, row: clear })
const spacings = fc.record({ row: real(0.1, 5), column: real(0.1, 5) })

const slice = (value: (column: number, row: number) => number): SliceValues => ({
  ...{ widthPx: 32, heightPx: 24, unit: 'HU' },
  at: (index) => value(index % 32, Math.floor(index / 32)),
})
const anything = slice((column, row) => ((column * 37 + row * 101) % 211) - 1000)

describe('figures', () => {
  test('a ruler is as long as Pythagoras says, with rows and columns of their own step', () => {
    const points = [
      { column: 1, row: 1 },
      { column: 4, row: 5 },
    ]
    // 3 columns of 2 mm and 4 rows of 2 mm: 6, 8, 10. With rows of 0.5 mm: 6, 2, the root of 40.
    expect(figuresOf({ shape: 'ruler', points }, { row: 2, column: 2 }, null)).toMatchObject({
      unit: 'mm',
      length: 10,
    })
    expect(figuresOf({ shape: 'ruler', points }, { row: 0.5, column: 2 }, null).length).toBeCloseTo(
      Math.sqrt(40),
      12,
    )
    expect(figuresOf({ shape: 'ruler', points }, null, null)).toMatchObject({ unit: 'px', length: 5 })
  })

  test('of two diameters the longer is the long one, whichever was drawn first', () => {
    fc.assert(
      fc.property(fc.tuple(point, point, point, point), spacings, ([a, b, c, d], spacing) => {
        const first = figuresOf({ shape: 'diameters', points: [a, b, c, d] }, spacing, null).diameters
        const second = figuresOf({ shape: 'diameters', points: [c, d, b, a] }, spacing, null).diameters
        expect(second?.long).toBeCloseTo(first?.long ?? NaN, 9)
        expect(second?.short).toBeCloseTo(first?.short ?? NaN, 9)
        expect(first?.long).toBeGreaterThanOrEqual(first?.short ?? NaN)
        expect(first?.mean).toBeCloseTo(((first?.long ?? NaN) + (first?.short ?? NaN)) / 2, 9)
      }),
    )
  })

  test('the angles of a triangle make 180 degrees', () => {
    fc.assert(
      fc.property(point, point, point, spacings, (a, b, c, spacing) => {
        const angle = (...points: [typeof a, typeof b, typeof c]): number =>
          figuresOf({ shape: 'angle', points }, spacing, null).angleDegrees ?? NaN
        const least = Math.min(
          ...[
            [a, b],
            [b, c],
            [c, a],
          ].map(([p, q]) => Math.hypot((p?.column ?? 0) - (q?.column ?? 0), (p?.row ?? 0) - (q?.row ?? 0))),
        )
        fc.pre(least > 0.01)
        expect(angle(a, b, c) + angle(b, c, a) + angle(c, a, b)).toBeCloseTo(180, 6)
      }),
    )
  })

  test('a polygon of the corners of a rectangle is the rectangle: area, pixels, mean', () => {
    fc.assert(
      fc.property(point, point, spacings, (a, c, spacing) => {
        const whole = [a.column, a.row, c.column, c.row].some((edge) => Number.isInteger(edge))
        fc.pre(!whole)
        const corners = [a, { column: c.column, row: a.row }, c, { column: a.column, row: c.row }]
        const box = figuresOf({ shape: 'rectangle', points: [a, c] }, spacing, anything)
        const ring = figuresOf({ shape: 'polygon', points: corners }, spacing, anything)
        expect(ring.area).toBeCloseTo(box.area ?? NaN, 6)
        expect(ring.values?.count).toBe(box.values?.count)
        expect(ring.values?.mean).toEqual(box.values?.mean)
      }),
    )
  })

  test('values are those of the pixels whose centres lie inside, counted one by one', () => {
    fc.assert(
      fc.property(clearPoint, clearPoint, (a, b) => {
        const values: number[] = []
        const [x, y] = [(a.column + b.column) / 2, (a.row + b.row) / 2]
        const [w, h] = [Math.abs(a.column - b.column) / 2, Math.abs(a.row - b.row) / 2]
        fc.pre(w > 0.01 && h > 0.01)
        for (let row = 0; row < 24; row += 1)
          for (let column = 0; column < 32; column += 1)
            if (((column - x) / w) ** 2 + ((row - y) / h) ** 2 <= 1)
              values.push(anything.at(row * 32 + column))
        const found = figuresOf({ shape: 'ellipse', points: [a, b] }, null, anything).values
        if (values.length === 0) {
          expect(found).toBeNull()
          return
        }
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
        expect(found).toMatchObject({
          ...{ count: values.length, least: Math.min(...values), most: Math.max(...values), unit: 'HU' },
        })
        expect(found?.mean).toBeCloseTo(mean, 6)
        expect(found?.deviation).toBeCloseTo(Math.sqrt(variance), 6)
      }),
    )
  })

  test('values of a polygon are those of the pixels that its sides go around an odd number of times, each asked alone', () => {
    fc.assert(
      fc.property(fc.array(clearPoint, { minLength: 3, maxLength: 12 }), (points) => {
        const values: number[] = []
        let isOnSide = false
        for (let row = 0; row < 24; row += 1)
          for (let column = 0; column < 32; column += 1) {
            // Sides that a ray upwards crosses.
            const crossed = points.filter((from, at) => {
              const to = points[(at + 1) % points.length] ?? from
              if (from.column > column === to.column > column) return false
              const share = (column - from.column) / (to.column - from.column)
              const crossing = from.row + share * (to.row - from.row)
              isOnSide ||= Math.abs(crossing - row) < 1e-9
              return crossing < row
            })
            if (crossed.length % 2 === 1) values.push(anything.at(row * 32 + column))
          }
        fc.pre(!isOnSide)
        const found = figuresOf({ shape: 'polygon', points }, null, anything).values
        expect(found?.count ?? 0).toBe(values.length)
        if (values.length > 0)
          expect(found?.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6)
      }),
    )
  })

  test('padding is no tissue: it is left out and counted', () => {
    const description: PixelDescription = {
      ...{ widthPx: 32, heightPx: 24, type: 'int16', slope: 2, intercept: -1000, unit: 'HU' },
      ...{ minStored: -2000, maxStored: 500, paddingStored: -2000, warnings: [] },
    }
    const stored = Int16Array.from({ length: 768 }, (_, index) => (index % 32 < 8 ? -2000 : 500))
    const corners = [
      { column: -0.5, row: -0.5 },
      { column: 31.5, row: 23.5 },
    ]
    const { values } = figuresOf(
      { shape: 'rectangle', points: corners },
      null,
      sliceValues(description, stored),
    )
    expect(values).toMatchObject({ count: 576, leftOut: 192, mean: 0, deviation: 0, least: 0, most: 0 })
    const padded = Int16Array.from({ length: 768 }, () => -2000)
    expect(
      figuresOf({ shape: 'rectangle', points: corners }, null, sliceValues(description, padded)).values,
    ).toBeNull()
  })

  test('a thousand does not take the digits of the deviation', () => {
    const far = slice((column) => 1e6 + (column % 2))
    const corners = [
      { column: -0.5, row: -0.5 },
      { column: 31.5, row: 23.5 },
    ]
    expect(figuresOf({ shape: 'rectangle', points: corners }, null, far).values).toMatchObject({
      ...{ count: 768, mean: 1e6 + 0.5, deviation: 0.5 },
    })
  })
})

const IDS = ['a', 'b', 'c'] as const
const stateOf = (measurementId: string, name: string): Measurement => ({
  ...{ measurementId, name, shape: 'ruler', place: { sliceIndex: 0 } },
  points: [
    { column: 0, row: 0 },
    { column: 1, row: 1 },
  ],
})
/** What a person does: lays, renames, deletes, takes back. */
const acts = fc.array(
  fc.oneof(
    fc.record({ id: fc.constantFrom(...IDS), name: fc.constantFrom('x', 'y', null) }),
    fc.constant('undo' as const),
  ),
  { maxLength: 30 },
)

function step(
  entries: readonly MeasurementEntry[],
  step: Pick<MeasurementEntry, 'measurementId' | 'state' | 'undoes'>,
): readonly MeasurementEntry[] {
  const number = entries.length + 1
  return [...entries, { ...step, entryId: `${number}`, number, at: '2026-01-01T00:00:00.000Z' }]
}

describe('the journal of measurements', () => {
  test('undo gives what stood before, step by step, down to nothing', () => {
    fc.assert(
      fc.property(acts, (done) => {
        let entries: readonly MeasurementEntry[] = []
        const stood: string[] = []
        const now = (): string =>
          JSON.stringify([...standing(entries)].sort((a, b) => (a.measurementId < b.measurementId ? -1 : 1)))
        for (const act of done) {
          const last = lastToUndo(entries)
          if (act !== 'undo') {
            stood.push(now())
            entries = step(entries, {
              measurementId: act.id,
              state: act.name === null ? null : stateOf(act.id, act.name),
              undoes: null,
            })
          } else if (last !== null) {
            entries = step(entries, undoing(entries, last))
            expect(now()).toBe(stood.pop())
          } else expect(stood).toEqual([])
        }
        for (let last = lastToUndo(entries); last !== null; last = lastToUndo(entries)) {
          entries = step(entries, undoing(entries, last))
          expect(now()).toBe(stood.pop())
        }
        expect(standing(entries)).toEqual([])
      }),
    )
  })
})
