import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Calibration, Manifest, SliceReport, type Grid } from '../../../src/contract'
import type { Mask } from '../../../src/core/image/mask'
import { sliceReport } from '../../../src/core/measures/slice-report'
import { intervalAt } from '../../../src/core/uncertainty/calibrated-interval'
import { sliceOfLesion } from '../../../src/core/lesion/no-nodule'
import { faultOfCalibration, withCalibration } from '../../../src/core/uncertainty/calibration-scope'
import { calibrationNote, calibrationSentence } from '../../../src/core/words/size-rows'

/** Written by the trainer's rule (trainer/tests/scoring/test_conformal.py reads the same file). */
const Vectors = z.object({
  intervals: z.array(
    z.object({ sizes: z.array(z.number()), level: z.number(), low: z.number(), high: z.number() }),
  ),
  table: Calibration,
  refused: z.array(
    z.object({ why: z.string(), at: z.array(z.string()).min(1), value: z.unknown().optional() }),
  ),
})
const read = (...path: string[]): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../..', ...path), 'utf8'))
const { intervals, table, refused } = Vectors.parse(read('test/fixtures/calibration.json'))
const shipped = Manifest.parse(read('models/lidc-cflow-planar/manifest.json'))

const sortedOf = (sizes: readonly number[]) => Float64Array.from(sizes).sort()

test.each(intervals)('level $level of samples is the interval that the trainer fitted for', (vector) => {
  const { low, high } = intervalAt(sortedOf(vector.sizes), vector.level)
  expect(low / vector.low).toBeCloseTo(1, 11)
  expect(high / vector.high).toBeCloseTo(1, 11)
})

test('a higher level holds the interval of a lower one, whatever the samples', () => {
  const sizes = fc.array(fc.double({ min: 0.1, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 100 })
  const level = fc.double({ min: 0, max: 3, noNaN: true })
  fc.assert(
    fc.property(sizes, level, level, (values, a, b) => {
      const inner = intervalAt(sortedOf(values), Math.min(a, b))
      const outer = intervalAt(sortedOf(values), Math.max(a, b))
      const slack = 1 + 1e-12
      expect(outer.low).toBeLessThanOrEqual(inner.low * slack)
      expect(outer.high * slack).toBeGreaterThanOrEqual(inner.high)
    }),
  )
})

describe('a table', () => {
  const withTable = { ...shipped, calibration: table }

  test('within the scope of its package is taken, and so are the shipped ones', () => {
    expect(faultOfCalibration(Manifest.parse(withTable))).toBe('')
    for (const id of ['lidc-cflow-planar', 'lidc-probunet', 'lidc-cflow-glow']) {
      const manifest = Manifest.parse(read('models', id, 'manifest.json'))
      expect(manifest.calibration?.samples, id).toBe(100)
      expect(faultOfCalibration(manifest)).toBe('')
    }
  })

  test.each(refused)('is refused: $why', ({ at, value }) => {
    const manifest = structuredClone(withTable) as Record<string, unknown>
    const keys = [...at]
    const last = keys.pop() ?? ''
    const holder = keys.reduce<Record<string, unknown>>(
      (found, key) => found[key] as Record<string, unknown>,
      manifest,
    )
    if (value === undefined) Reflect.deleteProperty(holder, last)
    else holder[last] = value
    const parsed = Manifest.safeParse(manifest)
    expect(parsed.success && faultOfCalibration(parsed.data) === '').toBe(false)
  })
})

const grid: Grid = { widthPx: 64, heightPx: 64, originColumn: 100, originRow: 50, columnStep: 1, rowStep: 1 }

/** Discs of differing size; the first `empty` draw nothing. */
const discs = (count: number, empty = 0, radius = 6): Mask[] =>
  Array.from({ length: count }, (_, index) => ({
    widthPx: 64,
    heightPx: 64,
    pixels: Uint8Array.from({ length: 4096 }, (_pixel, at) =>
      index >= empty && Math.hypot((at % 64) - 32, Math.floor(at / 64) - 32) <= radius + index / 25 ? 1 : 0,
    ),
  }))

const reportOf = (masks: readonly Mask[], more: { mm?: number | null; column?: number } = {}): SliceReport =>
  sliceReport({
    masks,
    grid,
    pixelSpacingMm: more.mm === null ? null : { row: more.mm ?? 0.7, column: more.mm ?? 0.7 },
    fieldOfView: null,
    readers: [],
    sopInstanceUid: null,
    sliceIndex: 4,
    place: { column: more.column ?? 132, row: 82 },
    warnings: [],
  })

describe('a run', () => {
  const plain = reportOf(discs(100))

  test('within the scope has intervals of the table, its medians and samples stay', () => {
    const report = SliceReport.parse(withCalibration(plain, { calibration: table }, 'even'))
    expect(report.calibration).toEqual({ kind: 'calibrated', patients: 148 })
    for (const [key, size] of [
      ['areaMm2', 'area'],
      ['equivalentDiameterMm', 'equivalentDiameter'],
      ['longestDiameterMm', 'longestDiameter'],
    ] as const) {
      const [before, after] = [plain.sizes[key], report.sizes[key]]
      const expected = intervalAt(
        sortedOf((before?.values ?? []).filter((value) => value !== null)),
        table.sizes[size]['95'].level,
      )
      expect(after).toEqual({
        ...before,
        low95: expected.low,
        high95: expected.high,
        interval: 'calibrated-95',
      })
      expect(after?.low95).not.toBe(before?.low95)
    }
    expect(calibrationNote(report.calibration ?? { kind: 'not-calibrated', reason: '' })).toMatch(
      /^calibrated on 148\spatients$/,
    )
  })

  test.each([
    ['another number of samples', reportOf(discs(99)), 'even', 'it is for 100 even samples'],
    ['independent draws', plain, 'independent', 'it is for 100 even samples'],
    ['no spacing', reportOf(discs(100), { mm: null }), 'even', 'the distance between pixels is unknown'],
    [
      'pixels too far apart',
      reportOf(discs(100), { mm: 1.2 }),
      'even',
      'it is for pixels 0.46 to 0.98 mm apart',
    ],
    [
      'most draw nothing',
      reportOf(discs(100, 51)),
      'even',
      'it is for places where 50 samples draw something',
    ],
    [
      'a click beside',
      reportOf(discs(100), { column: 110 }),
      'even',
      'most outlines lie beside the place that was clicked',
    ],
    [
      'larger than a nodule',
      reportOf(discs(100, 0, 20), { mm: 0.95 }),
      'even',
      'it is for nodules of 3 to 30 mm',
    ],
    ['cut by the crop', reportOf(discs(100, 0, 31)), 'even', 'outlines reach the edge of the crop'],
  ] as const)('outside keeps the intervals of its samples and says why: %s', (_, report, draws, reason) => {
    const judged = withCalibration(report, { calibration: table }, draws)
    expect(judged).toEqual({ ...report, calibration: { kind: 'not-calibrated', reason } })
    expect(calibrationSentence({ kind: 'not-calibrated', reason })).toMatch(/not calibrated here/)
  })

  test('of what is longer than any nodule takes the intervals of its samples back', () => {
    const judged = withCalibration(plain, { calibration: table }, 'even')
    expect(judged.calibration?.kind).toBe('calibrated')
    const reason = 'it is for nodules, and this is longer than any'
    const lesion = { warnings: [{ code: 'no-nodule', text: 'x' }] }
    expect(sliceOfLesion(judged, lesion)).toEqual({
      ...plain,
      calibration: { kind: 'not-calibrated', reason },
    })
    expect(sliceOfLesion(judged, { warnings: [] })).toBe(judged)
  })

  test('of a package without a table says so', () => {
    expect(withCalibration(plain, {}, 'even').calibration).toEqual({
      kind: 'not-calibrated',
      reason: 'the model brings no table for it',
    })
  })
})
