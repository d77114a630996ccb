/** The phantom series of data/dicom: order, gaps, affine and what stands where, by construction. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { assembleSeries } from '../../../src/core/dicom/assemble-series'
import type { Series } from '../../../src/core/dicom/assemble-series'
import type { Instance } from '../../../src/core/dicom/instance'
import { affineFrom, indexToPatient } from '../../../src/core/geometry/affine'
import type { Affine } from '../../../src/core/geometry/affine'
import { planeNormal } from '../../../src/core/geometry/orientation'
import { scale, subtract } from '../../../src/core/geometry/vector'
import { bodyValues } from '../../../src/core/image/display'
import { perform } from '../../../src/main/library/decode/perform'
import { corpusDir, readCorpus } from '../../fixtures/dicom-corpus'
import type { Phantom } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom')
const phantoms = reason === null ? readCorpus().series : {}

function instanceOf(path: string): Instance {
  const answer = perform({ kind: 'inspect', source: { kind: 'file', file: join(corpusDir, path) }, path })
  if (answer.kind !== 'inspect' || answer.inspection.kind !== 'image') throw new Error(JSON.stringify(answer))
  return answer.inspection.instance
}

const instancesIn = (folder: string): readonly Instance[] =>
  readdirSync(join(corpusDir, folder)).map((name) => instanceOf(`${folder}/${name}`))

function only(series: readonly Series[]): Series {
  const [first] = series
  if (first === undefined || series.length !== 1) throw new Error(`${series.length} series`)
  return first
}

const filesOf = (series: Series): readonly string[] =>
  series.planes.map(({ instance }) => instance.path.split('/').at(-1) ?? '')
const gapsOf = (series: Series): readonly number[] => {
  const along = series.detail.slices.map((slice) => slice.alongNormalMm ?? Number.NaN)
  return along.slice(1).map((mm, index) => mm - (along[index] ?? 0))
}
const codesOf = (series: Series): readonly string[] => series.detail.summary.warnings.map(({ code }) => code)

/** From the first two slices, as expected.json has it: origin and step of the positions themselves. */
function affineOf(series: Series): Affine {
  const { orientation, summary, slices } = series.detail
  const [first, second] = slices.map((slice) => slice.positionMm)
  if (orientation === null || summary.spacingMm === null || first == null || second == null)
    throw new Error('no geometry')
  return affineFrom(orientation, summary.spacingMm, first, subtract(second, first))
}

interface Ball {
  count: number
  sum: [number, number, number]
}

/** Voxels of each HU value, and the sum of their positions. */
function ballsIn(series: Series): ReadonlyMap<number, Ball> {
  const stack = affineOf(series)
  const balls = new Map<number, Ball>()
  series.planes.forEach(({ instance, frame }, slice) => {
    // Each slice from its own position: jittered ones do not stand where a straight stack would put them.
    const plane: Affine = { ...stack, originMm: series.detail.slices[slice]?.positionMm ?? [0, 0, 0] }
    const source = { kind: 'file' as const, file: join(corpusDir, instance.path) }
    const rescale = instance.frames[frame]?.rescale ?? { slope: 1, intercept: 0, unit: '' }
    const answer = perform({ kind: 'slice', source, path: instance.path, frame, rescale })
    if (answer.kind !== 'slice') throw new Error(JSON.stringify(answer))
    const { description } = answer
    bodyValues(description, answer.bytes).forEach((stored: number, index: number) => {
      const hu = stored * description.slope + description.intercept
      const ball = balls.get(hu) ?? { count: 0, sum: [0, 0, 0] }
      const column = index % description.widthPx
      const at = indexToPatient(plane, { column, row: (index - column) / description.widthPx, slice: 0 })
      balls.set(hu, {
        count: ball.count + 1,
        sum: [ball.sum[0] + at[0], ball.sum[1] + at[1], ball.sum[2] + at[2]],
      })
    })
  })
  return balls
}

const volumes = Object.entries(phantoms).filter(
  ([, phantom]) => phantom.files_sorted_along_normal !== undefined,
)

function checkAffine(series: Series, phantom: Phantom): void {
  const matrix = phantom.affine_col_row_slice_to_LPS
  if (matrix === undefined) return
  const affine = affineOf(series)
  const columns = [affine.columnStepMm, affine.rowStepMm, affine.sliceStepMm, affine.originMm]
  columns.forEach((column, c) => {
    column.forEach((value, r) => {
      expect(value).toBeCloseTo(matrix[r]?.[c] ?? Number.NaN, 3)
    })
  })
}

describe.skipIf(reason !== null)(`phantom series of data/dicom ${reason ?? ''}`, () => {
  test.each(volumes)('%s', (folder, phantom) => {
    const series = only(assembleSeries(instancesIn(folder)))
    expect(filesOf(series)).toEqual(phantom.files_sorted_along_normal)
    expect(series.detail.slices.map(({ index }) => index)).toEqual(series.planes.map((_, index) => index))
    const { orientation, summary } = series.detail
    if (orientation === null) throw new Error('no orientation')
    planeNormal(orientation).forEach((value, axis) => {
      expect(value).toBeCloseTo(phantom.normal?.[axis] ?? Number.NaN, 5)
    })
    gapsOf(series).forEach((gap, index) => {
      expect(gap).toBeCloseTo(phantom.gaps?.[index] ?? Number.NaN, 3)
    })
    expect([summary.spacingMm?.row, summary.spacingMm?.column]).toEqual(phantom.pixel_spacing_row_col)
    expect(summary.spacingMm?.slice === null).toBe(phantom.regular === false)
    checkAffine(series, phantom)
  })

  const solid = volumes.filter(([, phantom]) => phantom.phantom !== undefined && phantom.regular === true)
  test.each(solid)('%s: balls stand where they were put', (folder, phantom) => {
    const balls = ballsIn(only(assembleSeries(instancesIn(folder))))
    for (const { hu, voxels, voxel_centroid: centre, name } of phantom.phantom ?? []) {
      const ball = balls.get(hu)
      expect(ball?.count, name).toBe(voxels)
      const centroid = scale(ball?.sum ?? [0, 0, 0], 1 / (ball?.count ?? 1))
      centroid.forEach((value, axis) => {
        expect(value, name).toBeCloseTo(centre?.[axis] ?? Number.NaN, 2)
      })
    }
  })

  test('a missing slice is named and the stack is not stretched', () => {
    const series = only(assembleSeries(instancesIn('geometry/phantom-missing-slice')))
    expect(codesOf(series)).toContain('slices-missing')
    expect(series.detail.slices.map((slice) => slice.alongNormalMm?.toFixed(3))).toEqual([
      '0.000',
      '3.000',
      '6.000',
      '12.000',
      '15.000',
      '18.000',
      '21.000',
    ])
  })

  test('uneven steps, tilt and a real tilted gantry are warned of; jitter is not', () => {
    expect(codesOf(only(assembleSeries(instancesIn('geometry/phantom-nonuniform'))))).toContain(
      'steps-uneven',
    )
    const tilted = only(assembleSeries(instancesIn('geometry/phantom-tilt')))
    expect(tilted.detail.summary.warnings.find(({ code }) => code === 'gantry-tilt')?.text).toContain(
      '15.0 degrees',
    )
    const real = assembleSeries(instancesIn('geometry/gantry-tilt-crop')).flatMap(
      (series) => series.detail.summary.warnings,
    )
    expect(real.find(({ code }) => code === 'gantry-tilt')?.text).toContain('16.5 degrees')
    expect(codesOf(only(assembleSeries(instancesIn('geometry/phantom-jitter'))))).toEqual([])
  })

  test('two time points are two stacks of the same four places', () => {
    const series = assembleSeries(instancesIn('geometry/phantom-two-times'))
    expect(series.map(filesOf)).toEqual(phantoms['geometry/phantom-two-times']?.stacks)
    expect(series.map((stack) => stack.detail.summary.spacingMm?.slice)).toEqual([3, 3])
    expect(new Set(series.map((stack) => stack.detail.summary.seriesUid)).size).toBe(2)
  })

  test('a localizer of three planes is three images, no volume', () => {
    const series = assembleSeries(instancesIn('geometry/phantom-localizer'))
    expect(series.map((stack) => stack.planes.length)).toEqual([1, 1, 1])
    expect(series.map((stack) => stack.detail.summary.spacingMm?.slice)).toEqual([null, null, null])
  })

  test('frames of an enhanced CT stand in spatial order, each with its own rescale', () => {
    const series = only(assembleSeries(instancesIn('geometry/phantom-enhanced')))
    const order = phantoms['geometry/phantom-enhanced']?.frame_order_bottom_to_top
    expect(series.detail.slices.map((slice) => slice.frame)).toEqual(order)
    expect(series.detail.slices.map((slice) => slice.rescale.intercept)).toEqual(
      order?.map((frame) => -1024 - 10 * frame),
    )
    expect(series.detail.summary.spacingMm?.slice).toBeCloseTo(3, 6)
  })

  const spacings = readCorpusSpacings()
  test.each(spacings)('%s: spacing %s', (file, spacing) => {
    const { summary } = only(assembleSeries([instanceOf(file)])).detail
    expect(summary.spacingMm === null ? null : [summary.spacingMm.row, summary.spacingMm.column]).toEqual(
      spacing,
    )
    if (spacing === null)
      expect(summary.warnings.some(({ text }) => text.includes('sizes in pixels only'))).toBe(true)
  })
})

/** Files whose spacing is stated, or stated to be absent; detector and film spacings are no spacing in the patient. */
function readCorpusSpacings(): readonly (readonly [string, readonly number[] | null])[] {
  const stated: Readonly<Record<string, readonly number[] | null>> = {
    'geometry/synthetic/dx_calibrated.dcm': [0.16, 0.16],
    'geometry/synthetic/dx_imager_only.dcm': null,
    'geometry/synthetic/dx_magnification.dcm': null,
    'geometry/synthetic/mr_half_quarter.dcm': [0.5, 0.25],
    'geometry/synthetic/sc_aspect_only.dcm': null,
    'geometry/synthetic/sc_nominal_scanned.dcm': null,
    'geometry/synthetic/us_regions.dcm': null,
    'oddities/no-pixel-spacing.dcm': null,
  }
  return Object.entries(stated)
}
