import { expect, it } from 'vitest'
import type { ImageSummary, ScanResult, SeriesSummary } from '../../contract'
import { NO_BREAK } from '../../core/words/numbers'
import { casesShown, libraryGroups } from './library-groups'

const series = (own: Partial<SeriesSummary>): SeriesSummary => ({
  ...{ seriesUid: '1.1', studyUid: '1', patientId: 'P1', modality: 'CT', description: 'Axial' },
  ...{ seriesNumber: 1, studyDate: '20240101', bodyPart: 'CHEST', slices: 4, rows: 1, columns: 1 },
  ...{ spacingMm: null, warnings: [] },
  ...own,
})
const image = (imageId: string, name: string): ImageSummary => ({
  ...{ imageId, path: name, name, format: 'png', width: 10, height: 10 },
  ...{ bitsPerChannel: 8, channels: 3, eye: null, warnings: [] },
})
const result = (own: Partial<ScanResult>): ScanResult => ({
  ...{ series: [], images: [], annotations: [], refused: [], filesRead: 1, scannedAt: '', roots: [] },
  ...own,
})

it('leaves one case, thirty patients and photographs as cards, without a heading over any', () => {
  const patients = Array.from({ length: 30 }, (_, at) =>
    series({ seriesUid: `1.${at}`, studyUid: `${at}`, patientId: `P${at}` }),
  )
  const groups = libraryGroups(
    result({ series: patients, images: [image('b', 'eye 10'), image('a', 'eye 2')] }),
    'patient',
    '',
  )
  expect(groups.map(({ kind }) => kind)).toEqual(['cards'])
  expect(casesShown(groups).map(({ title }) => title)).toEqual([
    ...patients.map(({ patientId }) => patientId),
    'eye 2',
    'eye 10',
  ])
})

const TWO_DATES = result({
  series: [
    series({}),
    series({ seriesUid: '1.2', studyUid: '2', studyDate: '20230201', description: 'Thin' }),
    series({ seriesUid: '1.3', studyUid: '3', patientId: 'Q' }),
  ],
})

it('puts the prior study of a patient beside the new one, in words', () => {
  const [first, second] = libraryGroups(TWO_DATES, 'patient', '')
  if (first?.kind !== 'patient') throw new Error('the patient stands first')
  expect([first.title, first.note.replaceAll(NO_BREAK, ' ')]).toEqual(['P1', '2 studies, 2 series'])
  expect(
    first.studies.map(({ title, words, cases }) => [title, words.replaceAll(NO_BREAK, ' '), cases[0]?.title]),
  ).toEqual([
    ['2023-02-01, CT chest', 'prior, 11 months before', 'Thin'],
    ['2024-01-01, CT chest', '', 'Axial'],
  ])
  expect(second?.kind).toBe('cards')
})

it('finds by the words of a case and of what stands over it, and says of a prior what it is', () => {
  const found = (wanted: string): readonly string[] =>
    casesShown(libraryGroups(TWO_DATES, 'patient', wanted)).map(({ key }) => key)
  expect(found('thin p1')).toEqual(['series/1.2'])
  expect(found('prior')).toEqual(['series/1.2'])
  expect(found('q')).toEqual(['series/1.3'])
  expect(found('none of it')).toEqual([])
})
