/** Files of one series that contradict one another: no patient among another's slices, no unit, place or scale without a word. */
import { describe, expect, test } from 'vitest'
import { readDicomFile } from '../../../src/core/dicom/read-file'
import { assembleSeries, type Series } from '../../../src/core/dicom/assemble-series'
import { describeObject } from '../../../src/core/dicom/describe-object'
import type { Instance } from '../../../src/core/dicom/instance'
import { type DataSet, writeDicom } from '../../../src/core/dicom/write/write-dicom'
import { writeCtImage, type CtSeries } from '../../../src/core/dicom/write/ct-image'
import { inflate } from '../../../src/main/exchange/image-of-subject'
import { cuttableVolume } from '../../../src/core/volume/volume-places'
import { changedElement } from '../../fixtures/changed-element'
import { SERIES, SIZE_PX } from '../../fixtures/made-up-ct'

const SLICES = 8
const VALUES_HU = new Int16Array(SIZE_PX ** 2)
const RESCALE_TYPE = 0x00281054

function described(bytes: Uint8Array, path: string): Instance {
  const read = readDicomFile({ bytes, totalBytes: bytes.length }, inflate)
  if (read.kind !== 'complete') throw new Error(read.kind)
  const found = describeObject(read.file, { path, key: path })
  if (!found.ok || found.value.kind !== 'image') throw new Error('no image')
  return found.value.instance
}

/** Slices 2 mm apart, each of a series that may state other things. */
function assembled(
  of: (slice: number) => Partial<CtSeries>,
  change = (bytes: Uint8Array, _slice: number): Uint8Array => bytes,
): readonly Series[] {
  const instances = Array.from({ length: SLICES }, (_none, slice) => {
    const bytes = writeCtImage(
      { ...SERIES, ...of(slice) },
      {
        ...{ sopInstanceUid: `2.25.103.${slice}`, instanceNumber: slice + 1 },
        ...{ positionMm: [0, 0, slice * 2], valuesHu: VALUES_HU },
      },
    )
    return described(change(bytes, slice), `${slice}.dcm`)
  })
  return assembleSeries(instances)
}

const codesOf = ({ detail }: Series): readonly string[] => detail.summary.warnings.map(({ code }) => code)
const numbersOf = ({ detail }: Series): readonly (number | null)[] =>
  detail.slices.map(({ instanceNumber }) => instanceNumber)

test.each<[string, Partial<CtSeries>]>([
  ['another ID', { patientId: 'OTHER' }],
  ['the same ID and another name', { patientName: 'Other^Person' }],
])(
  '%s: the images of each patient are a series of their own, named the same whatever else is open',
  (_what, other) => {
    const both = assembled((slice) => (slice % 2 === 0 ? {} : other))
    expect(both.map(numbersOf).toSorted()).toEqual([
      [1, 3, 5, 7],
      [2, 4, 6, 8],
    ])
    for (const series of both) expect(codesOf(series)).toContain('patients-differ')
    const uids = both.map(({ detail }) => detail.summary.seriesUid)
    expect(new Set(uids).size).toBe(2)
    expect(uids).not.toContain(SERIES.seriesUid)
    const fewer = assembled((slice) => (slice < 7 ? other : {}))
    expect(fewer.map(({ detail }) => detail.summary.seriesUid).toSorted()).toEqual(uids.toSorted())
  },
)

test('an empty ID hides no second patient', () => {
  const both = assembled((slice) => ({ patientId: '', patientName: slice < 4 ? 'One^A' : 'Two^B' }))
  expect(both.map(({ detail }) => detail.slices.length)).toEqual([4, 4])
})

test('one name written in two ways, or left out in some files, is one patient', () => {
  const names = [
    'Test^Margin',
    'TEST^MARGIN',
    'Test^Margin^^^',
    'Test^Margin ',
    '',
    'test^margin',
    '',
    'Test^Margin',
  ]
  const [series, ...others] = assembled((slice) => ({ patientName: names[slice] ?? '' }))
  expect(others).toEqual([])
  expect(series && codesOf(series)).toEqual([])
})

test('two study dates in one series are told', () => {
  const [series] = assembled((slice) => ({ date: slice < 5 ? '20200101' : '20250101' }))
  expect(series && codesOf(series)).toContain('dates-differ')
})

test('slices of another unit are named as the page counts them, and no planes are cut', () => {
  const [series] = assembled(
    () => ({}),
    (bytes, slice) => (slice < 6 ? bytes : changedElement(bytes, RESCALE_TYPE, 'LO', 'MGML')),
  )
  const told = series?.detail.summary.warnings.find(({ code }) => code === 'units-differ')?.text
  // Axial CT is counted from the head: the two highest are 1 and 2.
  expect(told).toContain('slice 1 to 2 in MGML, the others in HU')
  expect(series && cuttableVolume(series.detail).why).toContain('different units')
})

test('two frames of reference are two stacks; one a file leaves the stack whole, without planes', () => {
  const two = assembled((slice) => ({ frameOfReferenceUid: slice < 4 ? '2.25.7' : '2.25.8' }))
  expect(two.map(({ detail }) => detail.slices.length)).toEqual([4, 4])
  const [each, ...others] = assembled((slice) => ({ frameOfReferenceUid: `2.25.7.${slice}` }))
  expect(others).toEqual([])
  expect(each && codesOf(each)).toContain('frames-of-reference-differ')
  expect(each?.detail.summary.spacingMm?.slice).toBeNull()
  expect(each && cuttableVolume(each.detail).why).toContain('frames of reference')
})

test('windows that differ are told', () => {
  const [series] = assembled((slice) => ({ window: { centreHu: slice < 4 ? 40 : -600, widthHu: 1500 } }))
  expect(series && codesOf(series)).toEqual(['windows-differ'])
})

describe('Pixel Spacing of a projection', () => {
  const opened = (stated: DataSet): Series['detail']['summary'] | undefined => {
    const bytes = writeDicom({
      ...stated,
      ...{ SOPClassUID: '1.2.840.10008.5.1.4.1.1.1.1', SOPInstanceUID: '2.25.1', Modality: 'DX' },
      ...{ Rows: 2, Columns: 2, SamplesPerPixel: 1, PhotometricInterpretation: 'MONOCHROME2' },
      ...{ BitsAllocated: 16, BitsStored: 16, HighBit: 15, PixelRepresentation: 0 },
      PixelData: new Uint8Array(8),
    })
    return assembleSeries([described(bytes, 'a.dcm')])[0]?.detail.summary
  }
  const detector = { ImagerPixelSpacing: ['0.2', '0.2'], PixelSpacing: ['0.2', '0.2'] }

  test('that repeats the detector and is not calibrated gives no millimetres', () => {
    const summary = opened({ ...detector, EstimatedRadiographicMagnificationFactor: '1.5' })
    expect(summary?.spacingMm).toBeNull()
    expect(summary?.warnings.find(({ code }) => code === 'spacing-at-detector')?.text).toContain('1.5 times')
  })

  test('that is calibrated, or is another one than the detector’s, is that in the patient', () => {
    const calibrated = opened({ ...detector, PixelSpacingCalibrationType: 'FIDUCIAL' })
    expect(calibrated?.spacingMm).toMatchObject({ row: 0.2, column: 0.2 })
    const another = opened({ ...detector, PixelSpacing: ['0.15', '0.15'] })
    expect(another?.spacingMm).toMatchObject({ row: 0.15, column: 0.15 })
  })
})
