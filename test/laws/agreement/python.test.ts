import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawCases, figureOverCases, weightedMean } from '../../../src/core/measures/case-bootstrap'
import { differenceRegions } from '../../../src/core/comparison/differences'
import { squaredDistancesInSteps } from '../../../src/core/contour/distance-transform'
import {
  chiSquareQuantile,
  fQuantile,
  normalQuantile,
  studentQuantile,
} from '../../../src/core/measures/distributions'
import { krippendorffAlpha } from '../../../src/core/measures/krippendorff-alpha'
import { runThrough } from '../../../src/core/measures/steps'
import { voxelSizeOf } from '../../../src/core/measures/voxel-block'
import { uniforms } from '../../../src/core/sampling/counter-rng'
import { trainerPython } from '../../python'

/** Fixed cases put to SciPy and NumPy (oracle.py). */
const python = trainerPython()
const stream = 2

interface Answers {
  readonly distances: readonly (readonly number[])[]
  readonly quantiles: Readonly<Record<'normal' | 'f' | 'student' | 'chiSquare', readonly number[]>>
  readonly intervals: readonly (readonly number[])[]
  readonly alphas: readonly (readonly number[])[]
  readonly pieces: readonly (readonly number[])[]
}

const drawn = (seed: number, count: number, share: number): Uint8Array =>
  Uint8Array.from(uniforms(seed, 0, stream, count), (value) => (value < share ? 1 : 0))

/** Sparse and dense, flat and deep, some of single rows and columns; spacing from slices to columns. */
const transforms = [
  { shape: [1, 17, 23], spacing: [1, 1, 1], sites: drawn(31, 17 * 23, 0.02) },
  { shape: [1, 17, 23], spacing: [1, 0.7, 0.45], sites: drawn(32, 17 * 23, 0.3) },
  { shape: [6, 11, 9], spacing: [2.5, 0.7, 0.8], sites: drawn(33, 6 * 11 * 9, 0.01) },
  { shape: [1, 1, 12], spacing: [1, 3, 0.2], sites: drawn(34, 12, 0.2) },
  { shape: [5, 7, 1], spacing: [0.3, 4, 1], sites: drawn(35, 35, 0.1) },
]

const quantiles = {
  shares: [1e-6, 0.025, 0.3, 0.5, 0.8413, 0.999],
  f: [
    [0.975, 1, 1],
    [0.975, 5, 18],
    [0.975, 3.7, 120.4],
    [0.95, 400, 3],
    [0.025, 10, 10],
  ] as const,
  student: [1, 2, 11, 400],
  chiSquare: [
    [0.025, 1],
    [0.975, 1],
    [0.975, 17],
    [0.025, 900],
  ] as const,
}

/** Skewed, and yes or no: there many resamples equal the figure. */
const skewed = [...uniforms(36, 0, stream, 23)].map((value) => value ** 3)
const values = [skewed, skewed.map((value) => (value > 0.2 ? 1 : 0))]

/** Answers 1 to 5 of four raters to 30 cases, a fifth missing. */
const ratings = [37, 38].map((seed) =>
  Array.from({ length: 30 }, (_, index) => {
    const draws = uniforms(seed, index, stream, 9)
    const truth = Math.floor(5 * (draws[8] ?? 0))
    return Array.from({ length: 4 }, (_, rater) => {
      const draw = draws[2 * rater] ?? 0
      const own = (draws[2 * rater + 1] ?? 0) < 0.5 ? truth : Math.floor(draw * 5)
      return draw * 5 - Math.floor(draw * 5) < 0.2 ? null : own + 1
    })
  }),
)

const differences = [
  { shape: [19, 21], first: drawn(39, 19 * 21, 0.3), second: drawn(40, 19 * 21, 0.3) },
  { shape: [19, 21], first: drawn(41, 19 * 21, 0.1), second: drawn(42, 19 * 21, 0.8) },
]

const draws = runThrough(drawCases(skewed.length, 'patients'))

function ask(program: string): Answers {
  const input = JSON.stringify({
    transforms: transforms.map((each) => ({ ...each, sites: [...each.sites] })),
    quantiles,
    bootstrap: { values, times: draws.times.map((times) => [...times]) },
    ratings,
    differences: differences.map(({ shape, first, second }) => ({
      shape,
      first: [...first],
      second: [...second],
    })),
  })
  const script = join(import.meta.dirname, 'oracle.py')
  return JSON.parse(
    execFileSync(program, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 26 }),
  ) as Answers
}

// Without .venv there is no Python to ask; `npm test` makes it.
test.skipIf(python === null)('SciPy and NumPy measure the same', () => {
  const answers = ask(python ?? '')

  transforms.forEach(({ shape: [sliceCount = 0, heightPx = 0, widthPx = 0], spacing, sites }, index) => {
    const [slice = 1, row = 1, column = 1] = spacing
    const found = runThrough(
      squaredDistancesInSteps(
        sites,
        { width: widthPx, height: heightPx, depth: sliceCount },
        { x: column, y: row, z: slice },
      ),
    )
    const apart = found.map((squared, at) =>
      Math.abs(Math.sqrt(squared) - (answers.distances[index]?.[at] ?? NaN)),
    )
    expect(Math.max(...apart)).toBeLessThan(1e-11)
  })

  const close = (found: number, expected: number | undefined): void => {
    expect(Math.abs(found - (expected ?? NaN)) / Math.max(1, Math.abs(expected ?? NaN))).toBeLessThan(1e-8)
  }
  for (const [at, share] of quantiles.shares.entries()) {
    close(normalQuantile(share), answers.quantiles.normal[at])
  }
  for (const [at, [share, a, b]] of quantiles.f.entries()) {
    close(fQuantile(share, a, b), answers.quantiles.f[at])
  }
  for (const [at, df] of quantiles.student.entries()) {
    close(studentQuantile(0.975, df), answers.quantiles.student[at])
  }
  for (const [at, [share, df]] of quantiles.chiSquare.entries()) {
    close(chiSquareQuantile(share, df), answers.quantiles.chiSquare[at])
  }

  values.forEach((each, index) => {
    const figure = runThrough(figureOverCases(draws, 'share', (times) => weightedMean(each, times)))
    expect(figure.low95).toBeCloseTo(answers.intervals[index]?.[0] ?? NaN, 9)
    expect(figure.high95).toBeCloseTo(answers.intervals[index]?.[1] ?? NaN, 9)
  })

  ratings.forEach((table, index) => {
    const levels = ['nominal', 'ordinal', 'interval'] as const
    levels.forEach((level, at) => {
      expect(krippendorffAlpha(table, level).value).toBeCloseTo(answers.alphas[index]?.[at] ?? NaN, 11)
    })
  })

  differences.forEach(({ shape: [heightPx = 0, widthPx = 0], first, second }, index) => {
    const block = { originColumn: 0, originRow: 0, firstSlice: 0, widthPx, heightPx, sliceCount: 1 }
    const regions = runThrough(
      differenceRegions({ ...block, masks: [first, second] }, 0, [1], voxelSizeOf(null), null),
    )
    expect(regions.map(({ area }) => area.value)).toEqual(answers.pieces[index])
  })
})
