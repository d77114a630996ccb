import { expect, test } from 'vitest'
import type { EdgeMap, LidcFile, ReadingSession } from './lidc-file'
import { type AnnotatedSeries, lidcReadings } from './lidc-readings'

const series: AnnotatedSeries = {
  seriesUid: '1.2.3',
  rows: 64,
  columns: 64,
  slices: [0, 1, 2, 3].map((index) => ({ index, sopInstanceUid: `1.2.3.${index}`, zMm: index * 2.5 - 100 })),
  stack: { numbering: 'down', count: 4 },
}

/** A square of `side - 1` pixels across, right and below of its corner. */
const square = (
  sopInstanceUid: string,
  zMm: number | null,
  left: number,
  top: number,
  side: number,
): EdgeMap => ({
  sopInstanceUid,
  zMm,
  inclusion: true,
  points: [
    { column: left, row: top },
    { column: left + side, row: top },
    { column: left + side, row: top + side },
    { column: left, row: top + side },
  ],
})

const session = (...outlines: readonly (readonly EdgeMap[])[]): ReadingSession => ({
  radiologist: 'anonymous',
  nodules: outlines.map((edgeMaps, index) => ({ noduleId: `${index}`, characteristics: null, edgeMaps })),
  smallMarkCount: 0,
  smallMarks: [],
  nonNoduleCount: 0,
})

const fileOf = (...sessions: readonly ReadingSession[]): LidcFile => ({
  seriesUid: '1.2.3',
  studyUid: '1.2',
  sessions,
})

function readingsOf(file: LidcFile) {
  const readings = lidcReadings(file, series)
  if (!readings.ok) throw new Error(readings.refusal.reason)
  return readings.value
}

test('annotations that share a voxel, be it by way of a third, are one lesion', () => {
  const [left, middle, right] = [0, 8, 16].map((column) => [square('1.2.3.1', null, column, 10, 10)])
  const { structures } = readingsOf(fileOf(session(left ?? []), session(right ?? []), session(middle ?? [])))
  expect(structures).toHaveLength(1)
  expect(structures[0]?.readings.map((reading) => [reading.letter, reading.voxels])).toEqual([
    ['A', 81],
    ['B', 81],
    ['C', 81],
  ])
})

test('annotations at the same place on neighbouring slices share no voxel', () => {
  const { structures } = readingsOf(
    fileOf(session([square('1.2.3.1', null, 10, 10, 5)]), session([square('1.2.3.2', null, 10, 10, 5)])),
  )
  expect(structures.map((structure) => structure.label)).toEqual(['Nodule 1', 'Nodule 2'])
  expect(structures[0]?.readings.map((reading) => reading.empty)).toEqual([false, true])
})

test('a slice is found by its position where the file names no instance, and counted as lost where neither fits', () => {
  const { structures, warnings } = readingsOf(
    fileOf(
      session([square('', -95, 10, 10, 5), square('', -94, 10, 10, 5), square('1.9', -97.5, 10, 10, 5)]),
    ),
  )
  expect(structures[0]?.readings[0]?.slices.map((slice) => slice.sliceIndex)).toEqual([1, 2])
  expect(warnings).toMatchObject([{ code: 'slices-missing' }])
})

test('the centre is the middle of all outlines of all readers on all slices', () => {
  const { structures } = readingsOf(
    fileOf(
      session([square('1.2.3.0', null, 10, 20, 4)]),
      session([square('1.2.3.0', null, 10, 20, 6), square('1.2.3.3', null, 30, 40, 4)]),
    ),
  )
  // Columns 11 to 33, rows 21 to 43, slices 0 to 3.
  expect(structures[0]?.centre).toEqual({ column: 22, row: 32, sliceIndex: 1 })
})

test('of more than four sessions those who outlined something are shown, and it is said', () => {
  const outlined = session([square('1.2.3.1', null, 10, 10, 5)])
  const { structures, warnings } = readingsOf(
    fileOf(session(), session(), outlined, outlined, outlined, session(), outlined),
  )
  expect(structures[0]?.readings.map((reading) => reading.empty)).toEqual([false, false, false, false])
  expect(warnings).toMatchObject([{ code: 'sessions-left-out' }])
})

test('another series, or outlines outside the image, are refused', () => {
  const outlined = session([square('1.2.3.1', null, 10, 10, 5)])
  const other = lidcReadings({ ...fileOf(outlined), seriesUid: '9.9' }, series)
  expect(other).toMatchObject({ ok: false, refusal: { code: 'annotation-mismatch' } })
  const outside = lidcReadings(fileOf(session([square('1.2.3.1', null, 62, 10, 5)])), series)
  expect(outside).toMatchObject({ ok: false, refusal: { code: 'annotation-mismatch' } })
})

test('a file without outlines gives no lesion and says so', () => {
  // A point on the second slice, another on a slice that is known by its position alone, a third nowhere.
  const smallMarks = [square('1.2.3.1', null, 12, 7, 1), square('9.9', -50, 3, 4, 1)]
  const { structures, warnings } = readingsOf(
    fileOf(
      { ...session(), smallMarkCount: 3, smallMarks },
      // Another reader meant the first of them: a pixel beside it, on the next slice.
      { ...session(), smallMarkCount: 1, smallMarks: [square('1.2.3.2', null, 13, 8, 1)] },
    ),
  )
  expect(warnings[1]?.text).toMatch(
    /^4\smarks of nodules below 3 mm carry no outline; 2\splaces: slice 3 \(col 12, row 7\), 2\sreaders; z −50\.0 mm \(col 3, row 4\), 1\sreader\.$/,
  )
  expect(structures).toEqual([])
  expect(warnings.map((warning) => warning.code)).toEqual(['no-outline', 'small-marks'])
})
