/** Segmentations read back by ourselves, by pydicom and by the validator of dicom3tools, at sizes that shear masks of careless writers. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readSegmentationFrames } from '../../../src/core/exchange/seg/read-segmentation'
import { type Segmentation, writeSegmentation } from '../../../src/core/exchange/seg/segmentation'
import { hasValidator, saidByValidator } from '../../fixtures/dicom-validator'
import { SHARED } from '../../fixtures/exchange-source'
import { python, pythonHas } from '../../python'

const hasPydicom = pythonHas('pydicom', 'numpy')

const bytes = (text: string): Uint8Array =>
  new TextEncoder().encode(text.length % 2 === 0 ? text : `${text} `)

function segmentationOf(rows: number, columns: number, masks: readonly Uint8Array[]): Segmentation {
  return {
    sopInstanceUid: '2.25.21',
    seriesUid: '2.25.22',
    dimensionUid: '2.25.23',
    trackingUid: '2.25.24',
    seriesNumber: 9100,
    instanceNumber: 1,
    seriesDescription: 'Margin Nodule 1',
    sourceSeriesUid: '2.25.13',
    rows,
    columns,
    shared: SHARED,
    label: 'Median sample',
    description: 'The deepest of the samples.',
    trackingId: 'nodule-1 median',
    algorithmName: 'a model 1.0.0',
    softwareVersion: '0.1.0',
    frames: masks.map((pixels, index) => ({
      pixels,
      slice: {
        sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
        sopInstanceUid: `2.25.14.${index + 1}`,
        elements: new Map([
          ['ImagePositionPatient', bytes(`-166.000000\\-171.699997\\${(index * 2.5).toFixed(6)}`)],
          ['ImageOrientationPatient', bytes('1.000000\\0.000000\\0.000000\\0.000000\\1.000000\\0.000000')],
          ['PixelSpacing', bytes('0.703125\\0.703125')],
          ['SliceThickness', bytes('2.500000')],
        ]),
      },
    })),
  }
}

/** Not symmetric in any way, and different on each frame. */
function wedge(rows: number, columns: number, frame: number): Uint8Array {
  const pixels = new Uint8Array(rows * columns)
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      if (3 * column > 5 * row + 7 * frame || (row === 2 && column === frame + 1))
        pixels[row * columns + column] = 1
    }
  }
  return pixels
}

function written(rows: number, columns: number, masks: readonly Uint8Array[]): Uint8Array {
  const made = writeSegmentation(segmentationOf(rows, columns, masks))
  if (!made.ok) throw new Error(made.refusal.reason)
  return made.value
}

test('what is written reads back pixel for pixel', () => {
  const shapes = fc.record({
    rows: fc.integer({ min: 1, max: 13 }),
    columns: fc.integer({ min: 1, max: 13 }),
    count: fc.integer({ min: 1, max: 4 }),
  })
  const cases = shapes.chain(({ rows, columns, count }) =>
    fc
      .array(fc.uint8Array({ minLength: rows * columns, maxLength: rows * columns, max: 1 }), {
        minLength: count,
        maxLength: count,
      })
      .map((masks) => ({ rows, columns, masks })),
  )
  fc.assert(
    fc.property(cases, ({ rows, columns, masks }) => {
      const read = readSegmentationFrames(written(rows, columns, masks))
      if (!read.ok) throw new Error(read.refusal.reason)
      expect(read.value.rows).toBe(rows)
      expect(read.value.columns).toBe(columns)
      expect(read.value.frames.map((frame) => frame.pixels)).toEqual(masks)
      expect(read.value.frames.map((frame) => frame.sopInstanceUid)).toEqual(
        masks.map((_mask, index) => `2.25.14.${index + 1}`),
      )
    }),
  )
})

test('the same segmentation gives the same bytes', () => {
  const masks = [wedge(20, 127, 0)]
  expect(written(20, 127, masks)).toEqual(written(20, 127, masks))
})

test('nothing to write, or a source without its place, is refused', () => {
  expect(writeSegmentation(segmentationOf(4, 4, []))).toMatchObject({ ok: false })
  const placeless = { ...segmentationOf(4, 4, [wedge(4, 4, 0)]), shared: new Map() }
  expect(writeSegmentation(placeless)).toMatchObject({
    ok: false,
    refusal: { code: 'annotation-unsupported' },
  })
})

const SIZES = [
  { rows: 33, columns: 127, count: 3 },
  { rows: 130, columns: 130, count: 2 },
  { rows: 64, columns: 511, count: 5 },
  { rows: 512, columns: 512, count: 1 },
]

describe('other programs', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'margin-seg-'))
  afterAll(() => {
    rmSync(scratch, { recursive: true })
  })
  const file = (rows: number, columns: number, count: number) => {
    const masks = Array.from({ length: count }, (_unused, frame) => wedge(rows, columns, frame))
    const path = join(scratch, `${rows}-${columns}.dcm`)
    writeFileSync(path, written(rows, columns, masks))
    return { path, masks }
  }

  const Answer = z.object({
    shape: z.array(z.number()),
    ones: z.array(z.array(z.number())),
    positions: z.array(z.array(z.string())),
    name: z.string(),
    spacing: z.array(z.string()),
  })
  const SCRIPT = `
import json, sys, numpy, pydicom
d = pydicom.dcmread(sys.argv[1])
p = numpy.atleast_3d(d.pixel_array) if d.NumberOfFrames > 1 else d.pixel_array.reshape(1, d.Rows, d.Columns)
shared = d.SharedFunctionalGroupsSequence[0]
print(json.dumps({
  "shape": list(p.shape),
  "ones": [numpy.flatnonzero(frame).tolist() for frame in p],
  "positions": [[str(v) for v in g.PlanePositionSequence[0].ImagePositionPatient] for g in d.PerFrameFunctionalGroupsSequence],
  "name": str(d.PatientName),
  "spacing": [str(v) for v in shared.PixelMeasuresSequence[0].PixelSpacing],
}))`

  test.skipIf(!hasPydicom).each(SIZES)(
    'pydicom reads $rows x $columns, $count frames (skipped without .venv)',
    ({ rows, columns, count }) => {
      const { path, masks } = file(rows, columns, count)
      const output = execFileSync(python, ['-c', SCRIPT, path], { encoding: 'utf8', maxBuffer: 2 ** 26 })
      const answer = Answer.parse(JSON.parse(output))
      expect(answer.shape).toEqual([count, rows, columns])
      const ones = masks.map((mask) => [...mask.keys()].filter((at) => mask[at] === 1))
      expect(answer.ones).toEqual(ones)
      expect(answer.positions[0]).toEqual(['-166.000000', '-171.699997', '0.000000'])
      expect(answer.spacing).toEqual(['0.703125', '0.703125'])
      expect(answer.name).toBe('Phantom^Margin')
    },
  )

  test.skipIf(!hasValidator).each(SIZES)(
    'dciodvfy finds no error in $rows x $columns (skipped where it is not installed)',
    ({ rows, columns, count }) => {
      const { path } = file(rows, columns, count)
      const said = saidByValidator(path)
      expect(said).toContain('Segmentation')
      expect(said.split('\n').filter((line) => line.startsWith('Error'))).toEqual([])
    },
  )
})
