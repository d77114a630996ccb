/** Laws of index, position and orientation. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Orientation, PatientPoint } from '../../../src/contract'
import { affineFrom, indexToPatient } from '../../../src/core/geometry/affine'
import { edgeLetters, orientationFrom, planeNormal } from '../../../src/core/geometry/orientation'
import { spacingFrom } from '../../../src/core/geometry/spacing'
import type { Affine, ImageIndex } from '../../../src/core/geometry/affine'
import { add, cross, dot, length, scale, subtract } from '../../../src/core/geometry/vector'
import type { Vector } from '../../../src/core/geometry/vector'

const finite = (least: number, most: number): fc.Arbitrary<number> =>
  fc.double({ min: least, max: most, noNaN: true })
const coordinates = fc.tuple(finite(-2000, 2000), finite(-2000, 2000), finite(-2000, 2000))

/** Any orientation: two random directions made orthonormal. */
const orientations = fc
  .tuple(
    fc.tuple(finite(-1, 1), finite(-1, 1), finite(-1, 1)),
    fc.tuple(finite(-1, 1), finite(-1, 1), finite(-1, 1)),
  )
  .filter(([a, b]) => length(a) > 0.2 && length(cross(a, b)) > 0.2)
  .map(([a, b]): Orientation => {
    const row = scale(a, 1 / length(a))
    const across = add(b, scale(row, -dot(b, row)))
    return { row, column: scale(across, 1 / length(across)) }
  })

/** A volume, perhaps sheared as by a tilted gantry (up to 45 degrees). */
const volumes = fc
  .record({
    orientation: orientations,
    row: finite(0.05, 10),
    column: finite(0.05, 10),
    step: finite(0.1, 20),
    shear: fc.tuple(finite(-1, 1), finite(-1, 1)),
    origin: coordinates,
  })
  .map(({ orientation, row, column, step, shear, origin }) => {
    const along = scale(planeNormal(orientation), step)
    const aside = add(scale(orientation.row, shear[0] * step), scale(orientation.column, shear[1] * step))
    return affineFrom(orientation, { row, column }, origin, add(along, aside))
  })

/** The inverse of `indexToPatient` by Cramer's rule; null when the three steps do not span space. */
function patientToIndex(affine: Affine, positionMm: PatientPoint): ImageIndex | null {
  const { columnStepMm: u, rowStepMm: v, sliceStepMm: w } = affine
  const determinant = dot(u, cross(v, w))
  if (!(Math.abs(determinant) > 0)) return null
  const p = subtract(positionMm, affine.originMm)
  return {
    column: dot(p, cross(v, w)) / determinant,
    row: dot(u, cross(p, w)) / determinant,
    slice: dot(u, cross(v, p)) / determinant,
  }
}

test('index to millimetres and back is the index', () => {
  fc.assert(
    fc.property(volumes, coordinates, (affine, [column, row, slice]) => {
      const back = patientToIndex(affine, indexToPatient(affine, { column, row, slice }))
      expect(back?.column).toBeCloseTo(column, 5)
      expect(back?.row).toBeCloseTo(row, 5)
      expect(back?.slice).toBeCloseTo(slice, 5)
    }),
  )
})

test('one step along a row is the distance between columns, one along a column that between rows', () => {
  fc.assert(
    fc.property(orientations, finite(0.1, 5), finite(0.1, 5), (orientation, row, column) => {
      const affine = affineFrom(orientation, { row, column }, [1, 2, 3], planeNormal(orientation))
      const at = (c: number, r: number): Vector => indexToPatient(affine, { column: c, row: r, slice: 0 })
      const distance = (a: Vector, b: Vector): number => length(add(a, scale(b, -1)))
      expect(distance(at(0, 0), at(1, 0))).toBeCloseTo(column, 9)
      expect(distance(at(0, 0), at(0, 1))).toBeCloseTo(row, 9)
    }),
  )
})

test('a volume without thickness has no inverse', () => {
  const affine = affineFrom(
    { row: [1, 0, 0], column: [0, 1, 0] },
    { row: 1, column: 1 },
    [0, 0, 0],
    [1, 1, 0],
  )
  expect(patientToIndex(affine, [1, 2, 3])).toBeNull()
})

const opposite: Readonly<Record<string, string>> = { L: 'R', R: 'L', A: 'P', P: 'A', S: 'I', I: 'S' }
const turned = (letters: string): string => letters.replaceAll(/./g, (letter) => opposite[letter] ?? '?')

test('opposite edges carry opposite letters, and the letters turn with the patient', () => {
  fc.assert(
    fc.property(orientations, (orientation) => {
      const letters = edgeLetters(orientation)
      expect(letters.left).toBe(turned(letters.right))
      expect(letters.top).toBe(turned(letters.bottom))
      expect(letters.right.length).toBeGreaterThan(0)
      const mirrored = edgeLetters({ row: scale(orientation.row, -1), column: orientation.column })
      expect([mirrored.left, mirrored.right]).toEqual([letters.right, letters.left])
    }),
  )
})

test.each([
  [
    'axial, head first: the right of the patient is at the left of the image',
    [1, 0, 0, 0, 1, 0],
    ['R', 'L', 'A', 'P'],
  ],
  ['axial, feet first', [-1, 0, 0, 0, 1, 0], ['L', 'R', 'A', 'P']],
  ['coronal', [1, 0, 0, 0, 0, -1], ['R', 'L', 'S', 'I']],
  ['sagittal', [0, 1, 0, 0, 0, -1], ['A', 'P', 'S', 'I']],
  ['axial, gantry tilted by 15 degrees', [1, 0, 0, 0, 0.96592583, 0.25881905], ['R', 'L', 'AI', 'PS']],
] as const)('%s', (_, cosines, [left, right, top, bottom]) => {
  const orientation = orientationFrom(cosines)
  if (orientation === null) throw new Error('no orientation')
  expect(edgeLetters(orientation)).toEqual({ left, right, top, bottom })
})

test.each([
  ['zeros', [0, 0, 0, 0, 0, 0]],
  ['45 degrees apart', [1, 0, 0, 0.7071, 0.7071, 0]],
  ['five numbers', [1, 0, 0, 0, 1]],
  ['not a number', [1, 0, null, 0, 1, 0]],
  ['parallel', [1, 0, 0, 1, 0, 0]],
] as const)('no orientation: %s', (_, cosines) => {
  expect(orientationFrom(cosines)).toBeNull()
})

test('a spacing that lies is no spacing', () => {
  for (const lie of [
    [0, 0],
    [-0.5, 0.5],
    [0.5],
    [1e-300, 1e-300],
    [null, 1],
    [Infinity, 1],
    [Number.NaN, 1],
    [1e6, 1],
  ]) {
    expect(spacingFrom(lie)).toBeNull()
  }
  expect(spacingFrom([2, 1.5])).toEqual({ row: 2, column: 1.5 })
})
