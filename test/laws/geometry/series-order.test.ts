/** Laws of series: the order of slices does not depend on files; millimetres never come from nowhere. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PatientPoint, SeriesDetail } from '../../../src/contract'
import { assembleSeries } from '../../../src/core/dicom/assemble-series'
import { uidInFiles, unsharedUid } from '../../../src/core/dicom/made-up-uid'
import type { FramePlace, Instance } from '../../../src/core/dicom/instance'
import { planeNormal } from '../../../src/core/geometry/orientation'
import { stackSlices } from '../../../src/core/geometry/stack'
import { add, dot, scale } from '../../../src/core/geometry/vector'
import { cuttableVolume } from '../../../src/core/volume/volume-places'

const axial = { row: [1, 0, 0] as PatientPoint, column: [0, 1, 0] as PatientPoint }

const place = (positionMm: PatientPoint | null): FramePlace => ({
  positionMm,
  orientation: axial,
  spacingMm: { row: 0.7, column: 0.7 },
  rescale: { slope: 1, intercept: 0, unit: 'HU' },
})

function instance(path: string, changes: Partial<Instance>): Instance {
  return {
    path,
    sopInstanceUid: `1.2.${path}`,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    seriesUid: '1.2.3',
    studyUid: '1.2',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    patientId: 'P',
    modality: 'CT',
    description: '',
    seriesNumber: 1,
    instanceNumber: null,
    studyDate: '',
    seriesDate: '',
    bodyPart: 'CHEST',
    kernel: '',
    kilovoltagePeak: '',
    sliceThicknessMm: null,
    stackKeys: ['', '', '', '', ''],
    layout: {
      rows: 4,
      columns: 4,
      frames: 1,
      samplesPerPixel: 1,
      bitsAllocated: 16,
      bitsStored: 16,
      highBit: 15,
      signed: false,
      planar: false,
      colour: 'grey',
      float: false,
      littleEndian: true,
      bytesSwapped: false,
    },
    photometric: 'MONOCHROME2',
    paddingStored: null,
    windows: [],
    lossy: false,
    frames: [place([0, 0, 0])],
    warnings: [],
    ...changes,
  }
}

/** A series whose neighbours lie so far apart. */
function seriesOfSteps(stepsMm: readonly number[]): SeriesDetail | undefined {
  const along = [0, ...stepsMm].map((_step, index, all) =>
    all.slice(0, index + 1).reduce((sum, mm) => sum + mm, 0),
  )
  const instances = along.map((mm, index) =>
    instance(`${index}.dcm`, { instanceNumber: index + 1, frames: [place([0, 0, mm])] }),
  )
  return assembleSeries(instances)[0]?.detail
}

/** Distinct heights, in tenths of a millimetre, at least 0.1 mm apart. */
const heights = fc.uniqueArray(fc.integer({ min: -5000, max: 5000 }), { minLength: 1, maxLength: 40 })

const shuffled = fc
  .tuple(heights, fc.array(fc.nat(), { minLength: 40, maxLength: 40 }))
  .map(([tenths, keys]) => {
    const instances = tenths.map((tenth, index) =>
      instance(`${keys[index] ?? 0}-${index}.dcm`, {
        sopInstanceUid: `1.9.${tenth}`,
        instanceNumber: keys[39 - index] ?? null,
        frames: [place([0, 0, tenth / 10])],
      }),
    )
    const order = instances.map((each, index) => ({ each, key: keys[(index * 7) % 40] ?? 0 }))
    return { tenths, instances, mixed: order.sort((a, b) => a.key - b.key).map(({ each }) => each) }
  })

test('slices ascend along the normal, whatever the files are called and however they come', () => {
  fc.assert(
    fc.property(shuffled, ({ tenths, instances, mixed }) => {
      const [series] = assembleSeries(mixed)
      const expected = [...tenths].sort((a, b) => a - b).map((tenth) => `1.9.${tenth}`)
      expect(series?.detail.slices.map((slice) => slice.sopInstanceUid)).toEqual(expected)
      expect(assembleSeries(mixed)).toEqual(assembleSeries(instances))
    }),
  )
})

test('distances along the normal start at 0 and do not fall', () => {
  fc.assert(
    fc.property(shuffled, ({ mixed }) => {
      const along =
        assembleSeries(mixed)[0]?.detail.slices.map((slice) => slice.alongNormalMm ?? Number.NaN) ?? []
      expect(along[0]).toBe(0)
      expect(along.every((mm, index) => index === 0 || mm > (along[index - 1] ?? 0))).toBe(true)
    }),
  )
})

test('moving and turning the patient does not change order, gaps or step', () => {
  const tilts = fc.double({ min: -3, max: 3, noNaN: true })
  fc.assert(
    fc.property(heights, tilts, fc.tuple(tilts, tilts, tilts), (tenths, angle, shift) => {
      const turned = {
        row: [Math.cos(angle), Math.sin(angle), 0] as PatientPoint,
        column: [0, 0, -1] as PatientPoint,
      }
      const normal = planeNormal(turned)
      const plain = stackSlices(
        axial,
        tenths.map((tenth): PatientPoint => [0, 0, tenth / 10]),
      )
      const moved = stackSlices(
        turned,
        tenths.map((tenth) => add(scale(normal, tenth / 10), shift)),
      )
      expect(moved.order).toEqual(plain.order)
      moved.gapsMm.forEach((gap, index) => {
        expect(gap).toBeCloseTo(plain.gapsMm[index] ?? Number.NaN, 6)
      })
      expect(dot(normal, turned.row)).toBeCloseTo(0, 12)
    }),
  )
})

test('even steps give their step, and one slice taken out of the middle is named', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: 40 }),
      fc.integer({ min: 1, max: 100 }),
      fc.nat(),
      (count, tenths, pick) => {
        const positions = Array.from({ length: count }, (_, k): PatientPoint => [0, 0, (k * tenths) / 10])
        expect(stackSlices(axial, positions).stepMm).toBeCloseTo(tenths / 10, 9)
        const without = positions.filter((_, k) => k !== 1 + (pick % (count - 2)))
        const holed = stackSlices(axial, without)
        expect(holed.stepMm).toBeNull()
        expect(holed.warnings[0]).toMatchObject({ code: 'slices-missing' })
        expect(holed.warnings[0]?.text).toMatch(/^1 slice is missing/)
      },
    ),
  )
})

test('no spacing in millimetres where a slice has none', () => {
  fc.assert(
    fc.property(heights, fc.nat(), (tenths, pick) => {
      const blind = pick % tenths.length
      const instances = tenths.map((tenth, index) => {
        const where = place([0, 0, tenth / 10])
        return instance(`${index}.dcm`, { frames: [index === blind ? { ...where, spacingMm: null } : where] })
      })
      expect(assembleSeries(instances)[0]?.detail.summary.spacingMm).toBeNull()
    }),
  )
})

test('without positions slices stand by Instance Number, and it is said', () => {
  const numbers = [3, 1, 2]
  const instances = numbers.map((number) =>
    instance(`${9 - number}.dcm`, { instanceNumber: number, frames: [place(null)] }),
  )
  const [series] = assembleSeries(instances)
  expect(series?.detail.slices.map((slice) => slice.instanceNumber)).toEqual([1, 2, 3])
  expect(series?.detail.summary.warnings.map(({ code }) => code)).toContain('order-by-number')
  expect(series?.detail.summary.spacingMm?.slice).toBeNull()
})

test('a chest CT without a window is read in the lung window', () => {
  expect(assembleSeries([instance('a', {})])[0]?.detail.windows).toEqual([
    { centre: -600, width: 1500, label: 'lung' },
  ])
})

test('two studies that share a series UID stay apart', () => {
  const series = assembleSeries([instance('a', { studyUid: '1' }), instance('b', { studyUid: '2' })])
  expect(new Set(series.map(({ detail }) => detail.summary.seriesUid)).size).toBe(2)
})

/** A stack of slices 2.5 mm apart from a height on; `keys` are put where the strongest keys stand. */
const stackAt = (name: string, fromMm: number, count: number, keys: Partial<Instance>): Instance[] =>
  Array.from({ length: count }, (_unused, at) =>
    instance(`${name}${String(at).padStart(3, '0')}.dcm`, {
      frames: [place([0, 0, fromMm + 2.5 * at])],
      ...keys,
    }),
  )
const key = (at: number, value: string): Partial<Instance> => ({
  stackKeys: Array.from({ length: 11 }, (_unused, index) => (index === at ? value : '')),
})

test('repetitions of the same places are stacks of their own, whatever tells them apart; continuations are one', () => {
  const keys = fc.integer({ min: 0, max: 10 })
  fc.assert(
    fc.property(
      keys,
      fc.integer({ min: 4, max: 12 }),
      fc.integer({ min: 0, max: 20 }),
      (at, count, ahead) => {
        const second = stackAt('b', 2.5 * ahead, count, key(at, 'B'))
        const series = assembleSeries([...stackAt('a', 0, count, key(at, 'A')), ...second])
        const shared = Math.max(0, count - ahead)
        const isRepetition = shared > count / 2
        expect(series.map(({ planes }) => planes.length)).toEqual(isRepetition ? [count, count] : [2 * count])
        const codes = series[0]?.detail.summary.warnings.map(({ code }) => code) ?? []
        if (!isRepetition) expect(codes.includes('positions-repeated')).toBe(shared > 0)
        else expect(series.every(({ detail }) => detail.summary.spacingMm?.slice === 2.5)).toBe(true)
      },
    ),
    { numRuns: 200, seed: 61 },
  )
})

test('two attributes at once part a series into all of their combinations', () => {
  const both = (kernel: string, time: string): Partial<Instance> => ({
    stackKeys: Array.from({ length: 11 }, (_unused, at) => (at === 2 ? kernel : at === 9 ? time : '')),
  })
  const all = ['x', 'y'].flatMap((kernel) =>
    ['1', '2', '3'].flatMap((time) => stackAt(kernel + time, 0, 5, both(kernel, time))),
  )
  expect(assembleSeries(all).map(({ planes }) => planes.length)).toEqual([5, 5, 5, 5, 5, 5])
})

test('frames of one object at two times are two stacks', () => {
  const frames = [0, 1, 2, 3, 0, 1, 2, 3].map((at, frame) => ({
    ...place([0, 0, 3 * at]),
    stackKeys: ['', frame < 4 ? '1' : '2'],
  }))
  const series = assembleSeries([instance('enhanced.dcm', { frames })])
  expect(series.map(({ planes }) => planes.map(({ frame }) => frame))).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ])
})

test('slices beside the straight line are named and give no step; a tilted gantry is no shift', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: 20 }),
      fc.nat(),
      fc.double({ min: 0.5, max: 30, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      (count, which, asideMm, tilt) => {
        const straight = Array.from({ length: count }, (_unused, at): PatientPoint => [
          0,
          2 * tilt * at,
          2 * at,
        ])
        expect(stackSlices(axial, straight).warnings.map(({ code }) => code)).not.toContain('slices-shifted')
        expect(stackSlices(axial, straight).stepMm).toBeCloseTo(2, 9)
        const moved = 1 + (which % (count - 2))
        const shifted = straight.map((at, index): PatientPoint =>
          index === moved ? add(at, [asideMm, 0, 0]) : at,
        )
        const stack = stackSlices(axial, shifted)
        expect(stack.warnings.map(({ code }) => code)).toContain('slices-shifted')
        expect(stack.stepMm).toBeNull()
      },
    ),
    { numRuns: 200, seed: 62 },
  )
})

test('positions written with one decimal, and cosines with two, do not make steps uneven or split a stack', () => {
  const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
  fc.assert(
    fc.property(
      fc.double({ min: 0.45, max: 6, noNaN: true }),
      fc.integer({ min: 3, max: 60 }),
      fc.double({ min: 0, max: 0.3, noNaN: true }),
      (step, count, angle) => {
        const all = Array.from({ length: count }, (_unused, at) => {
          const wobble = angle + (at % 2 === 0 ? 0.004 : -0.004)
          const row: PatientPoint = [rounded(Math.cos(wobble), 2), rounded(Math.sin(wobble), 2), 0]
          const column: PatientPoint = [-row[1], row[0], 0]
          return instance(`r${String(at).padStart(3, '0')}.dcm`, {
            frames: [{ ...place([0, 0, rounded(100 + step * at, 1)]), orientation: { row, column } }],
          })
        })
        const series = assembleSeries(all)
        expect(series).toHaveLength(1)
        const summary = series[0]?.detail.summary
        expect(summary?.warnings.map(({ code }) => code)).toEqual([])
        expect(Math.abs((summary?.spacingMm?.slice ?? 0) - step)).toBeLessThan(0.11 / (count - 1) + 1e-9)
      },
    ),
    { numRuns: 200, seed: 63 },
  )
})

test('blocks of slices with an odd stretch between them: the gap is named and nothing is cut out of it', () => {
  const blocks = fc.record({
    before: fc.integer({ min: 4, max: 12 }),
    behind: fc.integer({ min: 4, max: 12 }),
    stepMm: fc.constantFrom(0.7, 1, 1.25, 5),
    nextStepMm: fc.constantFrom(1, 2),
    times: fc.double({ min: 6.1, max: 40, noNaN: true }),
  })
  fc.assert(
    fc.property(blocks, ({ before, behind, stepMm, nextStepMm, times }) => {
      const steps = [
        ...Array.from({ length: before - 1 }, () => stepMm),
        stepMm * times,
        ...Array.from({ length: behind - 1 }, () => stepMm * nextStepMm),
      ]
      const detail = seriesOfSteps(steps)
      const text = detail?.summary.warnings.find(({ code }) => code === 'slices-missing')?.text
      expect(text).toContain(`${Number((stepMm * times).toFixed(3))} mm`)
      expect(detail?.summary.spacingMm?.slice).toBeNull()
      const gaps = detail && cuttableVolume(detail).places?.isGapAfter
      expect(gaps?.map((isGap, index) => (isGap ? index : -1)).filter((index) => index >= 0)).toEqual([
        before - 1,
      ])
    }),
  )
})

test.each([
  ['steps of 1 and 2 mm in turn', [1, 2, 1, 2, 1, 2]],
  ['thin slices, then thick ones', [1, 1, 1, 1, 5, 5, 5, 5]],
  ['steps that grow', [2, 2, 2, 4, 4, 5]],
])('%s are uneven, and no gap', (_what, steps) => {
  const detail = seriesOfSteps(steps)
  expect(detail?.summary.warnings.map(({ code }) => code)).toEqual(['steps-uneven'])
  expect(detail && cuttableVolume(detail).places?.isGapAfter).not.toContain(true)
})

test.each([
  ['a lone slice behind', [1, 1, 1, 1, 1, 1, 34], [6]],
  ['two lone slices', [1, 1, 1, 34, 34], [3, 4]],
  ['pairs', [3, 10, 3, 10, 3, 10, 3], [1, 3, 5]],
  ['a whole and a broken gap', [1, 1, 1, 4, 1, 1, 1, 4.5, 1, 1, 1], [3, 7]],
])('%s: gaps', (_what, steps, gaps) => {
  const detail = seriesOfSteps(steps)
  const found = (detail && cuttableVolume(detail).places?.isGapAfter) ?? []
  expect(found.flatMap((isGap, index) => (isGap ? [index] : []))).toEqual(gaps)
})

test('series of two studies that share a UID have names of their own and a warning each, in whatever order they lie', () => {
  const shared = { seriesUid: '1.2.3' }
  const first = stackAt('a', 0, 5, { ...shared, studyUid: '1.1', patientId: 'A' })
  const second = stackAt('b', 0, 4, { ...shared, studyUid: '1.2', patientId: 'B' })
  const renamed = (all: readonly Instance[], folder: (path: string) => string): readonly Instance[] =>
    all.map((one) => ({ ...one, path: `${folder(one.studyUid)}/${one.path}` }))
  const told = (folder: (studyUid: string) => string): readonly (readonly [string, string])[] => {
    const series = assembleSeries(renamed([...first, ...second], folder))
    for (const { detail } of series) {
      const { seriesUid, warnings } = detail.summary
      expect(warnings[0]?.code).toBe('series-uid-shared')
      expect(seriesUid).not.toBe('1.2.3')
      expect(uidInFiles(seriesUid)).toBe('1.2.3')
      expect(unsharedUid(seriesUid)).toBe('1.2.3')
    }
    return series.map(({ detail }) => [detail.summary.studyUid, detail.summary.seriesUid])
  }
  const names = told((studyUid) => studyUid)
  expect(new Set(names.map(([, uid]) => uid)).size).toBe(2)
  expect(told((studyUid) => (studyUid === '1.1' ? 'z' : 'a'))).toEqual(names)
  expect(assembleSeries(first)[0]?.detail.summary.seriesUid).toBe('1.2.3')
})
