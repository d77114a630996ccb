import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SeriesDetail } from '../../contract'
import { inStepOf, sameSight, sliceAsFar, sliceAtPlace } from './in-step'

/** An axial stack: its first slice at z, then one each step. */
const stack = (
  firstMm: number,
  stepMm: number,
  count: number,
  own: Partial<SeriesDetail> = {},
): SeriesDetail => ({
  summary: {
    ...{ seriesUid: '1', studyUid: '1', patientId: 'P', modality: 'CT', description: '', seriesNumber: 1 },
    ...{ studyDate: '', bodyPart: '', slices: count, rows: 11, columns: 11, warnings: [] },
    spacingMm: { row: 1, column: 1, slice: stepMm },
  },
  slices: Array.from({ length: count }, (_, index) => ({
    ...{ index, sopInstanceUid: `1.${index}`, instanceNumber: index, frame: 0 },
    ...{ positionMm: [0, 0, firstMm + index * stepMm], alongNormalMm: index * stepMm },
    rescale: { slope: 1, intercept: 0, unit: 'HU' },
  })),
  orientation: { row: [1, 0, 0], column: [0, 1, 0] },
  ...{ photometric: 'MONOCHROME2', windows: [], kernel: '', kilovoltagePeak: '', seriesDate: '' },
  ...{ sliceThicknessMm: null, lossy: false, frameOfReferenceUid: '9' },
  ...own,
})

it('is by position in one frame of reference alone, and says why not', () => {
  const one = stack(0, 2, 10)
  expect(inStepOf(one, stack(3, 5, 4))).toEqual({ by: 'position' })
  const elsewhere = { by: 'slice', why: 'no common frame of reference' }
  expect(inStepOf(one, stack(0, 2, 10, { frameOfReferenceUid: '8' }))).toEqual(elsewhere)
  const unknown = stack(0, 2, 10)
  delete unknown.frameOfReferenceUid
  expect(inStepOf(unknown, unknown)).toEqual(elsewhere)
  const sagittal = stack(0, 2, 10, { orientation: { row: [0, 1, 0], column: [0, 0, -1] } })
  expect(inStepOf(one, sagittal)).toEqual({ by: 'slice', why: 'their planes differ' })
  expect(inStepOf(one, stack(0, 2, 10, { orientation: null })).by).toBe('slice')
})

it('finds the nearest slice: at most half a step off where the other stack reaches', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: 0.5, max: 10, noNaN: true }),
      fc.integer({ min: 0, max: 9 }),
      (firstMm, stepMm, index) => {
        const [from, to] = [stack(0, 3, 10), stack(firstMm, stepMm, 40)]
        const found = sliceAtPlace(from, index, to)
        const [placeMm, lastMm] = [index * 3, firstMm + 39 * stepMm]
        const beyondMm = Math.max(0, firstMm - placeMm, placeMm - lastMm)
        expect(found?.offMm ?? NaN).toBeLessThanOrEqual(beyondMm + (beyondMm > 0 ? 0 : stepMm / 2) + 1e-9)
        expect(Math.abs(firstMm + (found?.index ?? NaN) * stepMm - placeMm)).toBeCloseTo(
          found?.offMm ?? NaN,
          6,
        )
      },
    ),
  )
})

it('goes from end to end where places are not compared', () => {
  expect([sliceAsFar(0, 10, 4), sliceAsFar(9, 10, 4), sliceAsFar(0, 1, 5)]).toEqual([0, 3, 2])
})

it('shows the same millimetres at the same size, and comes back to what was in sight', () => {
  const coarse = (mm: number, cornerMm: number): SeriesDetail => {
    const made = stack(0, 2, 10)
    return {
      ...made,
      summary: { ...made.summary, spacingMm: { row: mm, column: mm, slice: 2 } },
      slices: made.slices.map((slice, index) => ({ ...slice, positionMm: [cornerMm, cornerMm, index * 2] })),
    }
  }
  const [one, other] = [
    { detail: coarse(1, 0), index: 3 },
    { detail: coarse(2, -4), index: 3 },
  ]
  // Pixel 7 of the first lies at 7 mm, which is 11 mm from the corner of the other: its pixel 5.5.
  const sight = { zoom: 3, centre: { column: 7, row: 2 } }
  const there = sameSight(sight, one, other, 'position')
  expect(there).toEqual({ zoom: 6, centre: { column: 5.5, row: 3 } })
  expect(there && sameSight(there, other, one, 'position')).toEqual(sight)
  // By slice 2 mm right of the middle is 2 mm right of the middle.
  expect(sameSight(sight, one, other, 'slice')?.centre).toEqual({ column: 6, row: 3.5 })
})

it('by slice shows the same side of a patient who lies on the other one', () => {
  const supine = { detail: stack(0, 1, 3), index: 1 }
  const prone = { detail: stack(0, 1, 3, { orientation: { row: [-1, 0, 0], column: [0, -1, 0] } }), index: 1 }
  // Three pixels towards the patient's left and two towards the back of one, of the other as many to the other side.
  const sight = { zoom: 4, centre: { column: 8, row: 7 } }
  expect(sameSight(sight, supine, prone, 'slice')?.centre).toEqual({ column: 2, row: 3 })
})
