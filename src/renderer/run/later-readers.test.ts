import { describe, expect, it } from 'vitest'
import type { Grid, ReadingSet } from '../../contract'
import { encodeBoxMask } from '../../core/contour/box-mask'
import { type Mask, packMask } from '../../core/image/mask'
import { readersOfRun } from '../../core/measures/readers-of-run'
import { sliceReport } from '../../core/measures/slice-report'
import { withoutSpread } from '../../core/uncertainty/one-outline'
import { laterReaders, reportWith } from './later-readers'
import { newRun, type RunSnapshot } from './run-snapshot'

const SIDE_PX = 16
const GRID: Grid = {
  widthPx: SIDE_PX,
  heightPx: SIDE_PX,
  originColumn: 100,
  originRow: 50,
  columnStep: 1,
  rowStep: 1,
}
const SPACING = { row: 0.7, column: 0.7 }

const square = (from: number, side: number): Mask => ({
  widthPx: SIDE_PX,
  heightPx: SIDE_PX,
  pixels: Uint8Array.from({ length: SIDE_PX ** 2 }, (_, at) => {
    const [column, row] = [at % SIDE_PX, Math.floor(at / SIDE_PX)]
    return Math.min(column, row) >= from && Math.max(column, row) < from + side ? 1 : 0
  }),
})
const MASKS = [3, 4, 5, 6].map((side) => square(4, side))

/** Two readers of `near`, which the crop holds, on slice 7; one of `far`, which it does not. */
const SET: ReadingSet = {
  seriesUid: '1.2',
  imageId: null,
  source: 'a.xml',
  warnings: [],
  structures: (
    [
      ['near', 100, ['A', 'B']],
      ['far', 400, ['C']],
    ] as const
  ).map(([structureId, column, letters]) => ({
    structureId,
    label: structureId,
    firstSlice: 7,
    lastSlice: 7,
    centre: { column: column + 6, row: 56, sliceIndex: 7 },
    readings: letters.map((letter, at) => ({
      readingId: `${structureId}-${letter}`,
      letter,
      label: letter,
      voxels: 16,
      empty: false,
      slices: [{ sliceIndex: 7, mask: encodeBoxMask(square(4, 4 + at), column, 50) }],
    })),
  })),
}

function drawn(structureId: string | null, sliceIndex = 7): RunSnapshot {
  const target = { kind: 'series', seriesUid: '1.2', sliceIndex, column: 106, row: 56, structureId } as const
  const report = sliceReport({
    masks: MASKS,
    grid: GRID,
    pixelSpacingMm: SPACING,
    fieldOfView: null,
    readers: [],
    sopInstanceUid: null,
    sliceIndex,
    warnings: [{ code: 'stays', text: 'stays' }],
  })
  const run = newRun({ target, modelId: 'm', samples: MASKS.length, seed: 1 }, null)
  return { ...run, phase: 'done', grid: GRID, report, masks: MASKS.map(packMask) }
}

describe('readings that come in after a run', () => {
  it('are those of the structure at its place, and none once the report is about them', async () => {
    const run = drawn(null)
    const readers = laterReaders(run, SET, null) ?? []
    expect(readers.map(({ readingId }) => readingId)).toEqual(['near-A', 'near-B'])
    const report = await reportWith(run, readers, SPACING)
    expect(laterReaders({ ...run, report }, SET, null)).toBeNull()
    expect(laterReaders(run, null, null)).toBeNull()
    expect(laterReaders({ ...run, phase: 'running' }, SET, null)).toBeNull()
    expect(laterReaders(drawn(null, 8), SET, null)).toBeNull()
  })

  it('are of the structure that the place was found to lie on, also where another is nearer', () => {
    const of = (run: RunSnapshot, structureId: string | null) =>
      laterReaders(run, SET, structureId)?.map(({ readingId }) => readingId)
    expect(of(drawn(null), 'far')).toEqual(['far-C'])
    expect(of(drawn('near'), 'far')).toEqual(['near-A', 'near-B'])
  })

  it('give the very figures of a run for which they had been there', async () => {
    const run = drawn(null)
    const readers = readersOfRun(SET, run.request.target, GRID)
    const there = sliceReport({
      masks: MASKS,
      grid: GRID,
      pixelSpacingMm: SPACING,
      fieldOfView: null,
      readers,
      sopInstanceUid: null,
      sliceIndex: 7,
      warnings: [{ code: 'stays', text: 'stays' }],
    })
    expect(await reportWith(run, readers, SPACING)).toEqual(there)
    expect(there.agreement?.readers).toHaveLength(2)
    expect(there.agreement?.readers[0]?.equivalentDiameterMm).toBeGreaterThan(0)
    const record = { uncertainty: 'none' } as RunSnapshot['record']
    expect(await reportWith({ ...run, record }, readers, SPACING)).toEqual(withoutSpread(there))
  })
})
