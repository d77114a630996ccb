import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { blandAltman, repeatabilityCoefficient } from '../../../src/core/measures/bland-altman'
import { intraclassCorrelation } from '../../../src/core/measures/intraclass'
import { krippendorffAlpha } from '../../../src/core/measures/krippendorff-alpha'
import { cohenKappa, fleissKappa } from '../../../src/core/measures/ratings'
import { staple } from '../../../src/core/measures/staple'
import { runThrough } from '../../../src/core/measures/steps'
import {
  averageSurfaceDistance,
  hausdorff,
  hausdorff95,
  surfaceDistances,
  surfaceOf,
} from '../../../src/core/measures/surface-distance'
import { voxelSizeOf } from '../../../src/core/measures/voxel-block'

/** What other programs answer (fixtures/make-agreement-vectors.py), and worked examples from the literature. */
const Rows = z.array(z.string())
const Vectors = z.strictObject({
  surfaces: z.array(
    z.strictObject({
      shape: z.array(z.number()),
      spacing: z.array(z.number()),
      first: Rows,
      second: Rows,
      hausdorff: z.number(),
      hausdorff95: z.number(),
      average: z.number(),
    }),
  ),
  staple: z.array(
    z.strictObject({
      masks: z.array(Rows),
      sensitivity: z.array(z.number()),
      specificity: z.array(z.number()),
      probabilities: z.array(z.number()),
    }),
  ),
  kappa: z.strictObject({
    ratings: z.array(z.array(z.number())),
    unweighted: z.number(),
    linear: z.number(),
    quadratic: z.number(),
    fleiss: z.number(),
  }),
})
const file = join(import.meta.dirname, '../../fixtures/agreement-vectors.json')
const vectors = Vectors.parse(JSON.parse(readFileSync(file, 'utf8')))
const maskOf = (rows: readonly string[]): Uint8Array => Uint8Array.from(rows.join(''), Number)

test('surface distances are those of MONAI, flat and deep, in pixels and in uneven millimetres', () => {
  for (const { shape, spacing, first, second, ...expected } of vectors.surfaces) {
    const [widthPx = 0, heightPx = 0, sliceCount = 1] = [...shape].reverse()
    const [column = 1, row = 1, slice = 1] = [...spacing].reverse()
    const extent = { widthPx, heightPx, sliceCount }
    const size = voxelSizeOf({ row, column, slice })
    const [a, b] = [first, second].map((rows) => runThrough(surfaceOf(maskOf(rows), extent, size)))
    if (a === undefined || b === undefined) throw new Error('two masks')
    const pair = surfaceDistances(a, b, extent)
    // MONAI answers in float32.
    expect(hausdorff(pair).value).toBeCloseTo(expected.hausdorff, 5)
    expect(hausdorff95(pair).value).toBeCloseTo(expected.hausdorff95, 5)
    expect(averageSurfaceDistance(pair).value).toBeCloseTo(expected.average, 5)
  }
})

test("STAPLE is ITK's, five readers and four", () => {
  for (const { masks, sensitivity, specificity, probabilities } of vectors.staple) {
    const found = runThrough(staple(masks.map(maskOf)))
    expect(found.converged).toBe(true)
    found.performance?.forEach((reader, index) => {
      expect(reader.sensitivity).toBeCloseTo(sensitivity[index] ?? NaN, 6)
      expect(reader.specificity).toBeCloseTo(specificity[index] ?? NaN, 6)
    })
    expect(found.performance).toHaveLength(masks.length)
    // ITK stops a little earlier.
    const apart = probabilities.map((inside, at) => Math.abs(inside - (found.probabilities[at] ?? NaN)))
    expect(Math.max(...apart)).toBeLessThan(5e-6)
  }
})

test("Cohen's kappa is scikit-learn's, Fleiss' is that of statsmodels", () => {
  const { ratings, ...expected } = vectors.kappa
  expect(cohenKappa(ratings).value).toBeCloseTo(expected.unweighted, 12)
  expect(cohenKappa(ratings, 'linear').value).toBeCloseTo(expected.linear, 12)
  expect(cohenKappa(ratings, 'quadratic').value).toBeCloseTo(expected.quadratic, 12)
  expect(fleissKappa(ratings).value).toBeCloseTo(expected.fleiss, 12)
})

test("Fleiss' kappa of his 30 patients is 0.430 (Fleiss 1971, table 1)", () => {
  // Six psychiatrists, five diagnoses: how many chose each.
  const table =
    '00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006'
  const ratings = table
    .split(' ')
    .map((row) => Array.from(row).flatMap((count, category) => Array<number>(Number(count)).fill(category)))
  expect(ratings).toHaveLength(30)
  expect(fleissKappa(ratings).value).toBeCloseTo(0.43, 3)
})

test("Krippendorff's alpha of his four observers and twelve units with gaps (Krippendorff 2011, example C)", () => {
  const observers = ['123321412...', '1233224125.3', '.3332342251.', '12332441251.']
  const ratings = Array.from({ length: 12 }, (_, unit) =>
    observers.map((row) => (row.charAt(unit) === '.' ? null : Number(row.charAt(unit)))),
  )
  expect(krippendorffAlpha(ratings, 'nominal').value).toBeCloseTo(0.743, 3)
  expect(krippendorffAlpha(ratings, 'ordinal').value).toBeCloseTo(0.815, 3)
  expect(krippendorffAlpha(ratings, 'interval').value).toBeCloseTo(0.849, 3)
  expect(krippendorffAlpha(ratings, 'nominal').n).toBe(11)
})

test('intraclass correlations of six targets and four judges (Shrout and Fleiss 1979, tables 2 and 4)', () => {
  const sizes = ['9258', '6132', '8468', '7126', '105 6 9', '6247'].map((row) =>
    row.includes(' ') ? [10, 5, 6, 9] : Array.from(row, Number),
  )
  // Value and 95 % limits as the R package psych prints them for this table.
  const expected = {
    'ICC(1,1)': [0.17, -0.13, 0.72],
    'ICC(2,1)': [0.29, 0.02, 0.76],
    'ICC(3,1)': [0.71, 0.34, 0.95],
    'ICC(1,k)': [0.44, -0.88, 0.91],
    'ICC(2,k)': [0.62, 0.07, 0.93],
    'ICC(3,k)': [0.91, 0.68, 0.99],
  } as const
  for (const form of ['ICC(1,1)', 'ICC(2,1)', 'ICC(3,1)', 'ICC(1,k)', 'ICC(2,k)', 'ICC(3,k)'] as const) {
    const { value, low95, high95, n } = intraclassCorrelation(sizes, form)
    expect([value, low95, high95].map((number) => Number(number?.toFixed(2)))).toEqual(expected[form])
    expect(n).toBe(6)
  }
})

test('Bland-Altman and repeatability of two peak flow meters (Bland and Altman 1986, table 1)', () => {
  const wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
  const again = [490, 397, 512, 401, 470, 611, 415, 431, 638, 429, 420, 633, 275, 492, 165, 372, 421]
  const mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
  const { bias, lowerLimit, upperLimit } = blandAltman(
    wright.map((first, index) => [mini[index] ?? null, first]),
    'none',
  )
  // The paper: mean -2.1, its interval -22.0 to 17.8, s 38.8 l/min; it takes 2 for 1.96.
  expect(bias.value).toBeCloseTo(-2.1, 1)
  expect(bias.low95).toBeCloseTo(-22.0, 0)
  expect(bias.high95).toBeCloseTo(17.8, 0)
  expect(((upperLimit.value ?? 0) - (lowerLimit.value ?? 0)) / (2 * 1.96)).toBeCloseTo(38.8, 1)
  // Limits of the lower limit: -114.3 to -45.1 with the paper's sqrt(3 / n), which rounds sqrt(1 + 1.96^2 n / (2 (n - 1))).
  expect(Math.abs((lowerLimit.low95 ?? 0) + 114.3)).toBeLessThan(3.5)
  expect(Math.abs((lowerLimit.high95 ?? 0) + 45.1)).toBeLessThan(3.5)

  // Repeats of the Wright meter: root mean square difference 21.6, so 1.96 times that.
  const coefficient = repeatabilityCoefficient(
    wright.map((first, index) => [first, again[index] ?? null]),
    'none',
  )
  expect((coefficient.value ?? 0) / 1.96).toBeCloseTo(21.6, 1)
  expect(coefficient.n).toBe(17)
})
