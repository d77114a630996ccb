// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import type { ScanResult, SeriesDetail, SeriesSummary } from '../../contract'
import { useLibrary } from '../library/library'
import { usePictures } from './pictures'

const summaryWith = (slices: number): SeriesSummary => ({
  ...{ seriesUid: '1.2', studyUid: '1', patientId: 'P', modality: 'CT', description: '', seriesNumber: 1 },
  ...{ studyDate: '', bodyPart: '', slices, rows: 2, columns: 2, spacingMm: null, warnings: [] },
})
const detailWith = (count: number): SeriesDetail => ({
  summary: summaryWith(count),
  slices: Array.from({ length: count }, (_, index) => ({
    ...{ index, sopInstanceUid: `1.2.${index}`, instanceNumber: index + 1, frame: 0 },
    ...{ positionMm: null, alongNormalMm: null, rescale: { slope: 1, intercept: 0, unit: 'HU' } },
  })),
  orientation: null,
  ...{ photometric: 'MONOCHROME2', windows: [], kernel: '', kilovoltagePeak: '', seriesDate: '' },
  ...{ sliceThicknessMm: null, lossy: false },
})
const listed = (slices: number): ScanResult => ({
  ...{ images: [], annotations: [], refused: [], filesRead: slices, scannedAt: '', roots: [] },
  series: [summaryWith(slices)],
})

let here = 120
let asked = 0
beforeEach(() => {
  ;[here, asked] = [120, 0]
  vi.stubGlobal('fetch', () => {
    asked += 1
    const headers = { 'content-type': 'application/json' }
    return Promise.resolve(new Response(JSON.stringify(detailWith(here)), { headers }))
  })
  setActivePinia(createPinia())
})

it('a series is asked for once, and again when more of it came', async () => {
  const [library, pictures] = [useLibrary(), usePictures()]
  library.result = listed(120)
  const count = async (): Promise<number> => {
    const answer = await pictures.detailOf('1.2')
    return answer.ok ? answer.value.slices.length : 0
  }
  expect([await count(), await count(), asked]).toEqual([120, 120, 1])
  ;[here, library.result] = [300, listed(300)]
  expect(pictures.slicesCame('1.2')).toBe(180)
  expect([await count(), await count(), asked]).toEqual([300, 300, 2])
  expect(pictures.slicesCame('1.2')).toBe(0)
})
