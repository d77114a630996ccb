import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refuse } from '../../../contract'
import { readDicomFile } from '../read-file'
import { code, decimals, items, words } from '../values'
import { derivedUid } from './derived-uid'
import { TAG } from '../elements'
import { type DataSet, decimalString, writeDicom } from './write-dicom'

const UIDS = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', SOPInstanceUID: '2.25.5' }

function read(dataSet: DataSet) {
  const bytes = writeDicom({ ...dataSet, ...UIDS })
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, () => refuse('internal', 'not deflated'))
  if (reading.kind !== 'complete') throw new Error(`not read: ${reading.kind}`)
  return reading.file
}

test('elements come back as they were given, items too', () => {
  const file = read({
    PatientID: 'odd',
    PixelSpacing: ['0.5', '0.25'],
    Rows: 513,
    PixelPaddingValue: -2000,
    ReferencedSeriesSequence: [
      { SeriesInstanceUID: '2.25.7', ReferencedInstanceSequence: [UID_ITEM, UID_ITEM] },
    ],
  })
  expect(file.syntax.uid).toBe('1.2.840.10008.1.2.1')
  expect(code(file.meta, 0x00020003)).toBe('2.25.5')
  expect(code(file.dataSet, TAG.PatientID)).toBe('odd')
  expect(decimals(file.dataSet, TAG.PixelSpacing)).toEqual([0.5, 0.25])
  expect(words(file.dataSet, TAG.Rows)).toEqual([513])
  expect(words(file.dataSet, TAG.PixelPaddingValue, true)).toEqual([-2000])
  const [series] = items(file.dataSet, TAG.ReferencedSeriesSequence)
  if (series === undefined) throw new Error('no item')
  expect(code(series, TAG.SeriesInstanceUID)).toBe('2.25.7')
  expect(items(series, TAG.ReferencedInstanceSequence)).toHaveLength(2)
})

const UID_ITEM: DataSet = { ReferencedSOPInstanceUID: '2.25.9' }

test('elements stand in ascending order of tags, whatever order they were given in', () => {
  const tags = [
    ...read({ Rows: 1, PatientID: 'a', StudyDate: '20200101', Columns: 2 }).dataSet.elements.keys(),
  ]
  expect(tags).toEqual([...tags].sort((a, b) => a - b))
})

test('a decimal string has at most 16 characters and keeps ten digits of any length in mm', () => {
  fc.assert(
    fc.property(fc.double({ min: -5000, max: 5000, noNaN: true }), (value) => {
      const text = decimalString(value)
      expect(text.length).toBeLessThanOrEqual(16)
      expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-8)
    }),
  )
})

test('derived identifiers are valid, the same for one name and different for others', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (first, second) => {
      const uid = derivedUid(first)
      expect(uid).toMatch(/^2\.25\.(0|[1-9]\d*)$/)
      expect(uid.length).toBeLessThanOrEqual(64)
      expect(derivedUid(second) === uid).toBe(first === second)
    }),
  )
})
