import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SeriesSummary } from '../../contract'
import { inOrder, LIST_ORDERS, newestStudy, patientsOf } from './study-list'

const summary = (own: Partial<SeriesSummary>): SeriesSummary => ({
  ...{ seriesUid: '1.1', studyUid: '1', patientId: 'P1', modality: 'CT', description: '', seriesNumber: 1 },
  ...{ studyDate: '', bodyPart: '', slices: 1, rows: 1, columns: 1, spacingMm: null, warnings: [] },
  ...own,
})

const anySeries = fc
  .uniqueArray(
    fc.record({
      seriesUid: fc.integer({ min: 1, max: 40 }).map((n) => `1.${n}`),
      studyUid: fc.constantFrom('1', '2', '3', '4'),
      patientId: fc.constantFrom('', 'P2', 'P10'),
      studyDate: fc.constantFrom('', '20230101', '20240101'),
      modality: fc.constantFrom('CT', 'MR'),
      slices: fc.integer({ min: 1, max: 300 }),
    }),
    { selector: ({ seriesUid }) => seriesUid, maxLength: 12 },
  )
  .map((drawn) => drawn.map(summary))

const listed = (patients: ReturnType<typeof patientsOf>): readonly string[] =>
  patients.flatMap(({ studies }) => studies.flatMap(({ series }) => series.map(({ seriesUid }) => seriesUid)))

it('lists each series once, whatever the order, and never puts two patients together', () => {
  fc.assert(
    fc.property(anySeries, fc.constantFrom(...LIST_ORDERS), (series, order) => {
      const patients = inOrder(patientsOf(series), order)
      expect([...listed(patients)].sort()).toEqual(series.map(({ seriesUid }) => seriesUid).sort())
      for (const { patientId, studies } of patients)
        for (const study of studies)
          for (const one of study.series) {
            expect(one.patientId).toBe(patientId)
            expect(one.studyUid).toBe(study.studyUid)
          }
    }),
  )
})

it('does not depend on the order in which the series came', () => {
  fc.assert(
    fc.property(anySeries, (series) => {
      expect(listed(patientsOf([...series].reverse()))).toEqual(listed(patientsOf(series)))
    }),
  )
})

it('puts prior studies before the newest, and those without a date last', () => {
  const patients = patientsOf([
    summary({ seriesUid: '1.1', studyUid: '1', studyDate: '20240101' }),
    summary({ seriesUid: '1.2', studyUid: '2', studyDate: '' }),
    summary({ seriesUid: '1.3', studyUid: '3', studyDate: '20230201' }),
  ])
  const [patient] = patients
  expect(patients).toHaveLength(1)
  expect(patient?.studies.map(({ studyUid }) => studyUid)).toEqual(['3', '1', '2'])
  expect(patient === undefined ? null : newestStudy(patient)?.studyUid).toBe('1')
})

it('takes two studies without a patient for two people', () => {
  const patients = patientsOf([
    summary({ seriesUid: '1.1', studyUid: '1', patientId: '' }),
    summary({ seriesUid: '1.2', studyUid: '2', patientId: '' }),
  ])
  expect(patients).toHaveLength(2)
})

it('orders patients as asked: P2 before P10, the newest first, the largest first', () => {
  const patients = patientsOf([
    summary({ seriesUid: '1.1', studyUid: '1', patientId: 'P10', studyDate: '20240101', slices: 5 }),
    summary({ seriesUid: '1.2', studyUid: '2', patientId: 'P2', studyDate: '20230101', slices: 50 }),
    summary({ seriesUid: '1.3', studyUid: '3', patientId: 'A', modality: 'MR' }),
  ])
  const ids = (order: (typeof LIST_ORDERS)[number]): readonly string[] =>
    inOrder(patients, order).map(({ patientId }) => patientId)
  expect(ids('patient')).toEqual(['A', 'P2', 'P10'])
  expect(ids('date')).toEqual(['P10', 'P2', 'A'])
  expect(ids('modality')).toEqual(['P2', 'P10', 'A'])
  expect(ids('slices')).toEqual(['P2', 'P10', 'A'])
})

it('one id is two people where issuer, birth date or sex differ', () => {
  const marks = ['a', 'b', undefined, 'a']
  const series = marks.map((patientMark, at) =>
    summary({
      ...{ seriesUid: `1.${at}`, studyUid: String(at), patientId: '0' },
      ...(patientMark === undefined ? {} : { patientMark }),
    }),
  )
  expect(
    patientsOf(series)
      .map(({ studies }) => studies.length)
      .sort(),
  ).toEqual([1, 1, 2])
})
