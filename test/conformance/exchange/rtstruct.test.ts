/** Structure sets: written, read by other programs, and holes however they are drawn. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { countReadings, type ExchangeStructure, wholeMask } from '../../../src/core/exchange/exchange-reading'
import type { SeriesTarget } from '../../../src/core/exchange/image-target'
import { placeStructureSet } from '../../../src/core/exchange/rtstruct/place-structure-set'
import {
  type Contour,
  readStructureSet,
  type Region,
  type StructureSet,
} from '../../../src/core/exchange/rtstruct/read-structure-set'
import {
  verifyStructureSet,
  writeStructureSet,
} from '../../../src/core/exchange/rtstruct/write-structure-set'
import { inflate, ORIENTATIONS, readingOn, seriesOf, sourceOf, STAMP } from '../../fixtures/exchange-source'
import { hasValidator, saidByValidator } from '../../fixtures/dicom-validator'
import { python, pythonHas } from '../../python'
import { unwrap } from '../../unwrap'

const hasPython = pythonHas('pydicom', 'skimage')
const axial = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }
const SHAPE = { orientation: axial, widthPx: 37, heightPx: 26, slices: 5 }

const onesOf = (structure: ExchangeStructure, target: SeriesTarget) =>
  structure.slices.map((slice) => {
    const whole = wholeMask(slice, target.widthPx, target.heightPx)
    return [...whole.keys()].filter((pixel) => whole[pixel] === 1)
  })

test.each(Object.entries(ORIENTATIONS))('%s: holes, names and pixels come back', (_name, orientation) => {
  const target = seriesOf({ ...SHAPE, orientation })
  const reading = readingOn(target)
  const bytes = unwrap(writeStructureSet(reading, sourceOf(target), STAMP))
  const { readings, warnings } = unwrap(placeStructureSet(unwrap(readStructureSet(bytes, inflate)), target))
  expect(readings.map(({ reader }) => reader)).toEqual(['Reader 1'])
  const [read] = readings
  expect(read?.structures.map(({ label, colour }) => ({ label, colour }))).toEqual(
    reading.structures.map(({ label, colour }) => ({ label, colour })),
  )
  expect(read?.structures.map((s) => onesOf(s, target))).toEqual(
    reading.structures.map((s) => onesOf(s, target)),
  )
  expect(warnings).toEqual([])
})

test('a reading with other pixels or another reader does not verify', () => {
  const target = seriesOf(SHAPE)
  const reading = readingOn(target)
  const bytes = unwrap(writeStructureSet(reading, sourceOf(target), STAMP))
  expect(verifyStructureSet(bytes, reading, sourceOf(target))).toMatchObject({ ok: true })
  const renamed = { ...reading, reader: 'Reader 2' }
  expect(verifyStructureSet(bytes, renamed, sourceOf(target))).toMatchObject({ ok: false })
  const fewer = { ...reading, structures: reading.structures.slice(1) }
  expect(verifyStructureSet(bytes, fewer, sourceOf(target))).toMatchObject({ ok: false })
})

/** A contour in millimetres from pixel-centre coordinates of an axial slice. */
function contour(
  target: SeriesTarget,
  slice: number,
  points: readonly number[],
  more: Partial<Contour> = {},
): Contour {
  const at = target.slices[slice]
  const [x, y, z] = at?.positionMm ?? [0, 0, 0]
  const { row, column } = target.spacingMm ?? { row: 1, column: 1 }
  const mm: number[] = []
  for (let k = 0; k < points.length; k += 2) {
    mm.push(x + (points[k] ?? 0) * column, y + (points[k + 1] ?? 0) * row, z)
  }
  return {
    geometricType: 'CLOSED_PLANAR',
    sopInstanceUid: at?.sopInstanceUid ?? '',
    frame: null,
    pointsMm: Float64Array.from(mm),
    ...more,
  }
}

const regionOf = (contours: readonly Contour[], more: Partial<Region> = {}): Region => ({
  unreadable: 0,
  number: 1,
  name: 'ring',
  description: '',
  frameOfReferenceUid: '2.25.12',
  generation: 'MANUAL',
  interpretedType: '',
  interpreter: 'A',
  colour: null,
  contours,
  ...more,
})

const setOf = (regions: readonly Region[]): StructureSet => ({
  sopInstanceUid: '2.25.50',
  label: 'x',
  operator: '',
  referencedSeriesUids: ['2.25.13'],
  regions,
  warnings: [],
})

const square = (left: number, top: number, right: number, bottom: number): readonly number[] => [
  left,
  top,
  right,
  top,
  right,
  bottom,
  left,
  bottom,
]

describe('contours', () => {
  const target = seriesOf(SHAPE)
  const pixelsOf = (regions: readonly Region[], onto: SeriesTarget = target) => {
    const placed = unwrap(placeStructureSet(setOf(regions), onto))
    return { ...placed, pixels: countReadings(placed.readings).pixels }
  }

  test('a hole by a second contour and a hole by a keyhole are the same ring', () => {
    const outer = square(4.5, 3.5, 14.5, 13.5)
    const two = pixelsOf([
      regionOf([contour(target, 2, outer), contour(target, 2, square(7.5, 6.5, 10.5, 9.5))]),
    ])
    const keyhole = [4.5, 3.5, 14.5, 3.5, 14.5, 13.5, 4.5, 13.5, 4.5, 8.5, 7.5, 8.5]
    keyhole.push(7.5, 9.5, 10.5, 9.5, 10.5, 6.5, 7.5, 6.5, 7.5, 8.5, 4.5, 8.5)
    const one = pixelsOf([regionOf([contour(target, 2, keyhole)])])
    expect(two.pixels).toBe(91)
    expect(one.readings[0]?.structures[0]?.slices).toEqual(two.readings[0]?.structures[0]?.slices)
    expect(two.warnings.map(({ code }) => code)).toEqual(['contours-combined'])
    expect(one.warnings).toEqual([])
  })

  test('a contour through pixel centres has the pixel at its index, not half a pixel beside it', () => {
    const { readings } = pixelsOf([regionOf([contour(target, 0, square(5.9, 7.9, 6.1, 8.1))])])
    expect(readings[0]?.structures[0]?.slices[0]?.mask).toMatchObject({ originColumn: 6, originRow: 8 })
  })

  test('without a named slice the nearest plane is taken, within half a step', () => {
    const off = contour(target, 3, square(1.5, 1.5, 4.5, 4.5), { sopInstanceUid: '' })
    const shifted = { ...off, pointsMm: off.pointsMm.map((value, at) => (at % 3 === 2 ? value + 1 : value)) }
    const placed = pixelsOf([regionOf([shifted])])
    expect(placed.readings[0]?.structures[0]?.slices.map(({ sliceIndex }) => sliceIndex)).toEqual([3])
    expect(placed.warnings.map(({ code }) => code)).toEqual(['placed-by-position'])
    const far = { ...off, pointsMm: off.pointsMm.map((value, at) => (at % 3 === 2 ? value + 9 : value)) }
    const both = pixelsOf([regionOf([shifted, far])])
    expect(both.warnings.map(({ code }) => code)).toContain('slices-missing')
    expect(placeStructureSet(setOf([regionOf([far])]), target)).toMatchObject({
      ok: false,
      refusal: { code: 'annotation-mismatch' },
    })
  })

  test('points and open lines are left out with a word; a region without contours stays, empty', () => {
    const point = contour(target, 1, [3, 3], { geometricType: 'POINT' })
    const line = contour(target, 1, [3, 3, 9, 9], { geometricType: 'OPEN_PLANAR' })
    const placed = pixelsOf([
      regionOf([point], { number: 1, name: 'isocentre' }),
      regionOf([line], { number: 2, name: 'line' }),
      regionOf([], { number: 3, name: 'nothing' }),
    ])
    expect(placed.readings[0]?.structures.map(({ label }) => label)).toEqual(['nothing'])
    expect(placed.warnings.map(({ text }) => text)).toEqual([
      '1 contours of type POINT enclose nothing and were left out.',
      '1 contours of type OPEN_PLANAR enclose nothing and were left out.',
    ])
  })

  test('regions of several interpreters are several readings', () => {
    const drawn = contour(target, 1, square(1.5, 1.5, 4.5, 4.5))
    const placed = pixelsOf([
      regionOf([drawn], { number: 1, interpreter: 'A' }),
      regionOf([drawn], { number: 2, interpreter: 'B' }),
    ])
    expect(placed.readings.map(({ reader }) => reader)).toEqual(['A', 'B'])
  })

  test('another frame of reference, and references to another series, are refused by name', () => {
    const region = regionOf([contour(target, 1, square(1.5, 1.5, 4.5, 4.5))])
    const other = { ...target, frameOfReferenceUid: '2.25.99' }
    expect(placeStructureSet(setOf([region]), other)).toMatchObject({
      refusal: { code: 'annotation-mismatch', reason: expect.stringContaining('2.25.12') as string },
    })
    const unknown: SeriesTarget = {
      ...target,
      seriesUid: '2.25.77',
      frameOfReferenceUid: null,
      slices: target.slices.map((slice) => ({ ...slice, sopInstanceUid: `${slice.sopInstanceUid}.9` })),
    }
    expect(placeStructureSet(setOf([region]), unknown)).toMatchObject({
      refusal: { code: 'annotation-mismatch', reason: expect.stringContaining('series 2.25.13') as string },
    })
  })

  test('a contour of a million points is filled or refused, never waited for', () => {
    const points = Array.from({ length: 2_000_000 }, (_unused, at) => {
      const angle = (Math.floor(at / 2) / 1_000_000) * 2 * Math.PI
      return at % 2 === 0 ? 15 + 9 * Math.cos(angle) : 12 + 9 * Math.sin(angle)
    })
    const { pixels } = pixelsOf([regionOf([contour(target, 1, points)])])
    expect(Math.abs(pixels - Math.PI * 81)).toBeLessThan(12)
  })
})

test('a contour of coordinates that are no numbers is left out with a word; cuts of the file are refused', () => {
  const target = seriesOf(SHAPE)
  const bytes = unwrap(writeStructureSet(readingOn(target), sourceOf(target), STAMP))
  const lying = bytes.slice()
  // The first digit of the first Contour Data (3006,0050), behind tag and length.
  const at = bytes.findIndex((_byte, k) => [0x06, 0x30, 0x50, 0].every((byte, j) => bytes[k + j] === byte))
  lying[at + 8] = 0x78
  const count = (set: StructureSet): number =>
    set.regions.reduce((sum, { contours }) => sum + contours.length, 0)
  const read = unwrap(readStructureSet(lying, inflate))
  expect(count(read)).toBe(count(unwrap(readStructureSet(bytes, inflate))) - 1)
  expect(read.warnings.map(({ code }) => code)).toEqual(['contours-unreadable'])
  for (let length = 0; length < bytes.length - 2; length += 211) {
    const cut = readStructureSet(bytes.slice(0, length), inflate)
    if (cut.ok) expect(unwrap(cut).regions.length).toBeGreaterThan(0)
  }
})

describe('other programs', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'margin-exchange-rt-'))
  afterAll(() => {
    rmSync(scratch, { recursive: true })
  })
  const cases = ['axial', 'sagittal', 'oblique'].map((name) => {
    const target = seriesOf({ ...SHAPE, orientation: ORIENTATIONS[name] ?? axial })
    const reading = readingOn(target)
    const path = join(scratch, `${name}.dcm`)
    writeFileSync(path, unwrap(writeStructureSet(reading, sourceOf(target), STAMP)))
    const geometry = {
      row: target.orientation?.row,
      column: target.orientation?.column,
      spacing: target.spacingMm,
      origins: target.slices.map(({ positionMm }) => positionMm),
      size: [target.heightPx, target.widthPx],
    }
    return { path, target, reading, geometry }
  })

  const SCRIPT = `
import json, sys, numpy, pydicom
from skimage.measure import points_in_poly
answers = []
for path, g in zip(sys.argv[2:], json.loads(sys.argv[1])):
    d = pydicom.dcmread(path)
    rows, columns = g["size"]
    centres = numpy.array([[c, r] for r in range(rows) for c in range(columns)], float)
    rois = []
    for roi in d.ROIContourSequence:
        slices = {}
        for c in getattr(roi, "ContourSequence", []):
            uid = c.ContourImageSequence[0].ReferencedSOPInstanceUID
            k = int(uid.split(".")[-1]) - 1
            offset = numpy.array(c.ContourData, float).reshape(-1, 3) - numpy.array(g["origins"][k])
            xy = numpy.stack([offset @ g["row"] / g["spacing"]["column"], offset @ g["column"] / g["spacing"]["row"]], 1)
            assert int(c.NumberOfContourPoints) == len(xy)
            inside = points_in_poly(centres, xy)
            slices[k] = slices.get(k, False) ^ inside
        rois.append([numpy.flatnonzero(slices[k]).tolist() for k in sorted(slices)])
    answers.append({"names": [r.ROIName for r in d.StructureSetROISequence], "reader": str(d.RTROIObservationsSequence[0].ROIInterpreter), "ones": rois})
print(json.dumps(answers))`
  const Answer = z.array(
    z.object({ names: z.array(z.string()), reader: z.string(), ones: z.array(z.array(z.array(z.number()))) }),
  )

  test.skipIf(!hasPython)('pydicom and scikit-image fill the same pixels (skipped without .venv)', () => {
    const geometry = JSON.stringify(cases.map((entry) => entry.geometry))
    const output = execFileSync(python, ['-c', SCRIPT, geometry, ...cases.map(({ path }) => path)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    Answer.parse(JSON.parse(output)).forEach((answer, at) => {
      const { reading, target } = cases[at] ?? { reading: null, target: null }
      if (target === null) throw new Error('no case')
      expect(answer.reader).toBe('Reader 1')
      expect(answer.names).toEqual(reading.structures.map(({ label }) => label))
      expect(answer.ones).toEqual(reading.structures.map((structure) => onesOf(structure, target)))
    })
  })

  test.skipIf(!hasValidator)('dciodvfy finds no error (skipped where it is not installed)', () => {
    for (const { path } of cases) {
      const said = saidByValidator(path)
      expect(said).toContain('RTStructureSet')
      expect(said.split('\n').filter((line) => line.startsWith('Error'))).toEqual([])
    }
  })
})
