/** The measurement report: every shape, read by two other programs where they are. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Measurement } from '../../../src/contract'
import type { ExportSource } from '../../../src/core/exchange/derived-object'
import { seriesTarget } from '../../../src/core/exchange/image-target'
import type { MeasuredOut } from '../../../src/core/exchange/measured/measurement-groups'
import { measurementsReport } from '../../../src/core/exchange/measured/measurements-report'
import { figuresOf, type SliceValues } from '../../../src/core/measurement/figures'
import { hasValidator, saidByValidator } from '../../fixtures/dicom-validator'
import { madeUpSeries } from '../../fixtures/made-up-series'
import { python, pythonHas } from '../../python'
import { unwrap } from '../../unwrap'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const slice = {
  ...{ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '1.2.3.4.5' },
  elements: new Map(),
}
const source: ExportSource = {
  target: seriesTarget(madeUpSeries(), null),
  shared: new Map([
    ['StudyInstanceUID', text('1.2')],
    ['PatientID', text('P1')],
    ['StudyDate', text('20200101')],
  ]),
  slices: new Map([[0, slice]]),
}
const values: SliceValues = { widthPx: 50, heightPx: 50, unit: 'HU', at: (index) => (index % 100) - 50 }
const at = (column: number, row: number) => ({ column, row })

const SHAPES: readonly Pick<Measurement, 'shape' | 'points'>[] = [
  { shape: 'ruler', points: [at(1, 2), at(30, 40)] },
  { shape: 'diameters', points: [at(10, 30), at(30, 10), at(1, 2), at(30, 40)] },
  { shape: 'angle', points: [at(0, 0), at(10, 0), at(10, 10)] },
  { shape: 'ellipse', points: [at(5, 5), at(30, 20)] },
  { shape: 'rectangle', points: [at(5, 5), at(30, 20)] },
  { shape: 'polygon', points: [at(5, 5), at(30, 20), at(10, 40)] },
]
const measured = SHAPES.map(({ shape, points }, index): MeasuredOut => {
  const measurement: Measurement = {
    ...{ measurementId: `m${index}`, name: `${shape} 1`, shape, points },
    place: { sliceIndex: 0 },
  }
  return { measurement, slice, figures: figuresOf(measurement, { row: 0.7, column: 0.5 }, values) }
})

const READ = `
import json, sys
import highdicom as hd
import pydicom
content = hd.sr.Comprehensive3DSR.from_dataset(pydicom.dcmread(sys.argv[1])).content
groups = [*content.get_image_measurement_groups(), *content.get_planar_roi_measurement_groups()]
print(json.dumps({group.tracking_identifier: [[m.name.meaning, m.value, m.unit.value] for m in group.get_measurements()] for group in groups}))
`

test('every figure of every shape is read by others as it stands', () => {
  const stamp = { key: 'k', seriesNumber: 9250, softwareVersion: '0' }
  const bytes = unwrap(measurementsReport(measured, 'R1', source, stamp))
  const path = join(mkdtempSync(join(tmpdir(), 'margin-report-')), 'measurements.dcm')
  writeFileSync(path, bytes)
  if (hasValidator) expect(saidByValidator(path)).not.toMatch(/^Error/m)
  if (!pythonHas('highdicom')) return
  const read = JSON.parse(execFileSync(python, ['-c', READ, path]).toString()) as Record<
    string,
    readonly (readonly [string, number, string])[]
  >
  expect(Object.keys(read).sort()).toEqual(measured.map(({ measurement }) => measurement.name).sort())
  // Rows of 0.7 mm, columns of 0.5: 29 columns and 38 rows, 20 columns and 20 rows.
  const [ruler, short] = [Math.hypot(14.5, 26.6), Math.hypot(10, 14)]
  const first = (name: string): number | undefined => read[name]?.[0]?.[1]
  expect(first('ruler 1')).toBeCloseTo(ruler, 6)
  const diameters = read['diameters 1']?.map(([, value]) => value) ?? []
  for (const [place, expected] of [ruler, short, (ruler + short) / 2].entries())
    expect(diameters[place]).toBeCloseTo(expected, 6)
  expect(first('angle 1')).toBeCloseTo(90, 6)
  // 25 columns and 15 rows: 12.5 x 10.5 mm.
  expect(first('rectangle 1')).toBeCloseTo(131.25, 6)
  expect(first('ellipse 1')).toBeCloseTo((131.25 * Math.PI) / 4, 6)
  expect(read['rectangle 1']?.map(([, , unit]) => unit)).toEqual([
    'mm2',
    ...Array<string>(4).fill("[hnsf'U]"),
  ])
})
