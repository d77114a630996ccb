import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { longestDiameter } from '../../../src/core/contour/polygon'
import { traceField } from '../../../src/core/contour/trace'
import { energyDistance, pairDistances } from '../../../src/core/measures/ged'
import { packMasks } from '../../../src/core/measures/packed-masks'
import { runThrough } from '../../../src/core/measures/steps'
import { python } from '../../python'
import { uniforms } from '../../../src/core/sampling/counter-rng'
import { envelopeOf } from '../../../src/core/uncertainty/bands'
import { sampleDepths } from '../../../src/core/uncertainty/contour-depth'
import { depthOutliers } from '../../../src/core/uncertainty/outliers'
import { spreadOf } from '../../../src/core/uncertainty/intervals'
import {
  addSamples,
  mapOf,
  noMoments,
  pixelSpread,
  varianceOfSamples,
} from '../../../src/core/uncertainty/moments'

/** Fixed cases put to NumPy, SciPy and scikit-image (oracle.py). */
const side = 28
const spacingMm = { row: 0.6, column: 0.9 }
const stream = 2

/** Fields of three bumps at drawn places, negative far away: one to three pieces, some of them cut by the edge. */
const fields = Array.from({ length: 12 }, (_, index) => {
  const draws = uniforms(21, index, stream, 9)
  return Float32Array.from({ length: side * side }, (_, at) => {
    let height = -0.6
    for (let bump = 0; bump < 9; bump += 3) {
      const x = (at % side) - side * (draws[bump] ?? 0)
      const y = Math.floor(at / side) - side * (draws[bump + 1] ?? 0)
      height += Math.exp(-(x * x + y * y) / (10 + 60 * (draws[bump + 2] ?? 0)))
    }
    return height
  })
})
const masks = fields.map((field) => Uint8Array.from(field, (value) => (value > 0 ? 1 : 0)))
masks.push(new Uint8Array(side * side), new Uint8Array(side * side))
const samples = masks.filter((_, index) => index % 3 !== 0)
const readers = masks.filter((_, index) => index % 3 === 0)
const values = [...uniforms(22, 0, stream, 77)]

/** Discs about one place, some far larger, some elsewhere, a few empty: an ensemble with outliers. */
const ensemble = Array.from({ length: 60 }, (_, index) => {
  const [u = 0, v = 0, w = 0] = uniforms(23, index, stream, 3)
  const radius = index % 10 === 3 ? -1 : index % 25 === 7 ? 12 : 4 + 2 * w
  const shift = index % 20 === 5 ? 9 : 0
  return Uint8Array.from({ length: side * side }, (_pixel, at) =>
    Math.hypot((at % side) - 12 - 2 * u - shift, Math.floor(at / side) - 12 - 2 * v) <= radius ? 1 : 0,
  )
})

interface Answers {
  readonly longestDiametersMm: readonly number[]
  readonly ringCounts: readonly number[]
  readonly quantiles: readonly number[]
  readonly ged: number
  readonly variance: readonly number[]
  readonly share: readonly number[]
  readonly boxplot: Readonly<Record<'depths' | 'outliers' | 'inner' | 'outer', readonly number[]>>
}

function ask(): Answers {
  const rowsOf = (field: Float32Array): number[][] =>
    Array.from({ length: side }, (_, row) => [...field.subarray(row * side, (row + 1) * side)])
  const input = JSON.stringify({
    fields: fields.map(rowsOf),
    spacingMm,
    samples: samples.map((mask) => [...mask]),
    readers: readers.map((mask) => [...mask]),
    values,
    ensemble: ensemble.map((mask) => [...mask]),
  })
  const script = join(import.meta.dirname, 'oracle.py')
  return JSON.parse(execFileSync(python, [script], { input, encoding: 'utf8' })) as Answers
}

// Without .venv there is no Python to ask; `npm test` makes it.
test.skipIf(!existsSync(python))('NumPy, SciPy and scikit-image measure the same', () => {
  const answers = ask()
  const rings = fields.map((field) => traceField(field, side, side))
  expect(rings.map((ring) => ring.length)).toEqual(answers.ringCounts)
  rings.forEach((ring, index) => {
    const unit = { x: spacingMm.column, y: spacingMm.row }
    // Vertices are kept as float32 and 1/1024 px off pixel centres.
    expect(longestDiameter(ring, unit)).toBeCloseTo(answers.longestDiametersMm[index] ?? NaN, 2)
  })
  const spread = spreadOf(values)
  ;[spread?.low95, spread?.median, spread?.high95].forEach((value, index) => {
    expect(value).toBeCloseTo(answers.quantiles[index] ?? NaN, 12)
  })
  const pairs = runThrough(
    pairDistances(runThrough(packMasks(samples, side * side)), runThrough(packMasks(readers, side * side))),
  )
  expect(energyDistance(pairs).ged).toBeCloseTo(answers.ged, 12)
  const depths = sampleDepths(ensemble)
  const drawn = [...ensemble.keys()].filter((index) => (depths.pixelCounts[index] ?? 0) > 0)
  drawn.forEach((index, at) => {
    expect(depths.depths[index]).toBeCloseTo(answers.boxplot.depths[at] ?? NaN, 12)
  })
  const outliers = depthOutliers(depths)
  expect(outliers.length).toBeGreaterThan(3)
  expect(outliers.toSorted((a, b) => a - b)).toEqual(answers.boxplot.outliers)
  const envelope = envelopeOf(
    ensemble,
    drawn.filter((index) => !outliers.includes(index)),
  )
  expect([...(envelope?.inner ?? [])]).toEqual(answers.boxplot.inner)
  expect([...(envelope?.outer ?? [])]).toEqual(answers.boxplot.outer)
  const moments = addSamples(noMoments(side * side), samples)
  mapOf(moments, varianceOfSamples).forEach((variance, at) => {
    expect(variance).toBeCloseTo(answers.variance[at] ?? NaN, 6)
  })
  mapOf(moments, (count, sampleCount) => pixelSpread(count, sampleCount).share).forEach((share, at) => {
    expect(share).toBeCloseTo(answers.share[at] ?? NaN, 6)
  })
})
