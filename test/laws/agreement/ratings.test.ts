import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Figure } from '../../../src/contract'
import { blandAltman, repeatabilityCoefficient } from '../../../src/core/measures/bland-altman'
import { drawCases, figureOverCases, weightedMean } from '../../../src/core/measures/case-bootstrap'
import { measured, notMeasured } from '../../../src/core/measures/figure'
import {
  intraclassCorrelation,
  intraclassOver,
  type IntraclassForm,
} from '../../../src/core/measures/intraclass'
import { alphaOver, krippendorffAlpha } from '../../../src/core/measures/krippendorff-alpha'
import {
  countAnswers,
  meanOverPatients,
  panelCaseFigures,
  panelFigures,
  type PanelCaseFigures,
} from '../../../src/core/comparison/panel-agreement'
import { cohenKappa, fleissKappa, percentAgreement, type Ratings } from '../../../src/core/measures/ratings'
import { runThrough } from '../../../src/core/measures/steps'
import { uniforms } from '../../../src/core/sampling/counter-rng'

const answers = (raters: number, missing: boolean): fc.Arbitrary<Ratings> => {
  const answer = fc.integer({ min: 0, max: 3 })
  const one = missing ? fc.option(answer, { freq: 4 }) : answer
  return fc.array(fc.array(one, { minLength: raters, maxLength: raters }), { minLength: 1, maxLength: 12 })
}
const shuffled = (ratings: Ratings, order: readonly number[]): Ratings =>
  ratings.map((row) => order.map((rater) => row[rater] ?? null))

test('kappa and alpha: at most 1, blind to the order of raters and cases, 1 when all answers agree', () => {
  fc.assert(
    fc.property(answers(3, true), answers(3, false), (gappy, whole) => {
      const order = [2, 0, 1]
      for (const level of ['nominal', 'ordinal', 'interval'] as const) {
        const found = krippendorffAlpha(gappy, level)
        const again = krippendorffAlpha(shuffled([...gappy].reverse(), order), level)
        expect(again.without).toBe(found.without)
        if (found.value === null) continue
        expect(found.value).toBeLessThanOrEqual(1)
        expect(again.value).toBeCloseTo(found.value, 9)
      }
      const fleiss = fleissKappa(whole).value
      const pairs = percentAgreement(whole).value ?? NaN
      expect(pairs >= 0 && pairs <= 1).toBe(true)
      if (fleiss !== null) expect(fleissKappa(shuffled(whole, order)).value).toBeCloseTo(fleiss, 9)
      for (const weights of ['unweighted', 'linear', 'quadratic'] as const) {
        const kappa = cohenKappa(gappy, weights).value
        if (kappa !== null) expect(cohenKappa(shuffled(gappy, [1, 0]), weights).value).toBeCloseTo(kappa, 9)
      }
    }),
    { numRuns: 100, seed: 4 },
  )
  const same: Ratings = [0, 2, 1, 2].map((answer) => [answer, answer, answer])
  expect([fleissKappa(same), krippendorffAlpha(same, 'ordinal'), cohenKappa(same, 'linear')]).toEqual(
    Array(3).fill(measured(1, 4)),
  )
  const one: Ratings = [[1, 1, 1]]
  for (const found of [fleissKappa(one), krippendorffAlpha(one, 'nominal'), cohenKappa(one)]) {
    expect(found).toEqual(notMeasured('all answers are the same, nothing to set chance against', 1))
  }
  expect(
    fleissKappa([
      [0, 1, null],
      [1, 1, 0],
    ]).without,
  ).toBe('the number of readers differs between cases')
})

test('resampling weights stand for repeated cases, in every measure', () => {
  fc.assert(
    fc.property(
      answers(3, false),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }),
      (ratings, times) => {
        const repeated = ratings.flatMap((row, index) =>
          Array<(typeof ratings)[number]>(times[index] ?? 0).fill(row),
        )
        const pairs = [
          [alphaOver(ratings, 'ordinal')(times), krippendorffAlpha(repeated, 'ordinal')],
          [fleissKappa(ratings, times), fleissKappa(repeated)],
          [intraclassOver(ratings, 'ICC(2,1)')(times), intraclassCorrelation(repeated, 'ICC(2,1)')],
          [cohenKappa(ratings, 'linear', times), cohenKappa(repeated, 'linear')],
          [percentAgreement(ratings, times), percentAgreement(repeated)],
        ] as const
        for (const [weighted, plain] of pairs) {
          if (repeated.length > 0) expect(weighted.n).toBe(plain.n)
          if (plain.value === null) expect(weighted.value).toBeNull()
          else expect(weighted.value).toBeCloseTo(plain.value, 9)
        }
      },
    ),
    { numRuns: 100, seed: 5 },
  )
})

const forms: readonly IntraclassForm[] = [
  'ICC(1,1)',
  'ICC(2,1)',
  'ICC(3,1)',
  'ICC(1,k)',
  'ICC(2,k)',
  'ICC(3,k)',
]
const sizes = (cases: number, bias: number, seed = 51): Ratings =>
  Array.from({ length: cases }, (_, index) => {
    const [truth = 0, a = 0, b = 0] = uniforms(seed, index, 2, 3)
    return [10 + 5 * truth + a, 10 + 5 * truth + b + bias]
  })

test('intraclass correlation: inside its interval, blind to units; a constant bias lowers agreement, not consistency', () => {
  for (const form of forms) {
    const { value, low95, high95 } = intraclassCorrelation(sizes(12, 0), form)
    if (value === null || low95 === null || high95 === null) throw new Error(form)
    expect(low95 < value && value < high95 && high95 <= 1).toBe(true)
    const inCm = sizes(12, 0).map((row) => row.map((value) => 3 + (value ?? 0) / 10))
    expect(intraclassCorrelation(inCm, form).low95).toBeCloseTo(low95, 9)
  }
  const [plain, biased] = [sizes(12, 0), sizes(12, 4)]
  const consistency = intraclassCorrelation(plain, 'ICC(3,1)').value ?? NaN
  expect(intraclassCorrelation(biased, 'ICC(3,1)').value).toBeCloseTo(consistency, 9)
  expect(intraclassCorrelation(biased, 'ICC(2,1)').value ?? 1).toBeLessThan(consistency - 0.2)
})

test('intraclass correlation and Bland-Altman say what is missing instead of dividing by nothing', () => {
  const identical: Ratings = [1, 2, 4].map((size) => [size, size])
  for (const form of forms) {
    expect(intraclassCorrelation(identical, form)).toMatchObject({
      value: 1,
      low95: null,
      without: 'no spread left between the readers',
    })
    expect(
      intraclassCorrelation(
        [
          [3, 3],
          [3, 3],
        ],
        form,
      ).without,
    ).toContain('all sizes are the same')
    expect(intraclassCorrelation([[3, 4]], form).without).toBe('fewer than two cases')
    expect(intraclassCorrelation([[3], [4]], form).without).toBe('fewer than two readers')
    expect(intraclassCorrelation([], form).value).toBeNull()
  }
  // Raters apart by a constant: the consistent part is perfect, and no rounding makes it more than that.
  const apart: Ratings = [0.1, 0.2, 0.7].map((size) => [size, size + 0.3])
  expect(intraclassCorrelation(apart, 'ICC(3,1)').value).toBe(1)
  expect(
    intraclassCorrelation(
      [
        [1, null],
        [2, 3],
        [4, 4],
      ],
      'ICC(2,1)',
    ).n,
  ).toBe(2)

  const single = blandAltman(
    [
      [3, 5],
      [null, 4],
    ],
    'mm',
  )
  expect(single.bias).toMatchObject({ value: 2, n: 1, without: 'one pair, no interval' })
  expect(single.lowerLimit).toMatchObject({ value: null, without: 'fewer than two cases' })
  expect(blandAltman([], 'mm').bias.value).toBeNull()
  expect(blandAltman(identical, 'mm').upperLimit).toMatchObject({ value: 0, low95: 0, high95: 0 })
  expect(repeatabilityCoefficient([[3, null]], 'mm').without).toBe('no case was read twice')
  expect(repeatabilityCoefficient([[3, 4]], 'mm')).toMatchObject({ n: 1, without: 'one pair, no interval' })
})

test('an interval over cases holds the figure, narrows with more cases, and is the same every time', () => {
  const values = [...uniforms(52, 0, 2, 200)]
  const widthOf = (count: number): number => {
    const draws = runThrough(drawCases(count, 'patients'))
    const over = (): Figure =>
      runThrough(figureOverCases(draws, 'share', (times) => weightedMean(values.slice(0, count), times)))
    const { value, low95, high95 } = over()
    expect(over().low95).toBe(low95)
    if (value === null || low95 === null || high95 === null) throw new Error('an interval')
    expect(low95 < value && value < high95).toBe(true)
    return high95 - low95
  }
  const [few, many] = [widthOf(10), widthOf(200)]
  // The standard error falls with the root of the number of cases.
  expect(many / few).toBeGreaterThan(0.5 / Math.sqrt(20))
  expect(many / few).toBeLessThan(2 / Math.sqrt(20))
})

test('an interval draws patients, not cases: copies of a case add nothing', () => {
  const values = [...uniforms(53, 0, 2, 12)]
  const once = runThrough(meanOverPatients(values, values.map(String), 'share'))
  const copied = [...values, ...values, ...values]
  const thrice = runThrough(meanOverPatients(copied, copied.map(String), 'share'))
  expect(thrice.n).toBe(36)
  expect(thrice.low95).toBeCloseTo(once.low95 ?? NaN, 12)
  expect(thrice.high95).toBeCloseTo(once.high95 ?? NaN, 12)
  const why = (values: readonly number[], patients: readonly string[]): string | null =>
    runThrough(meanOverPatients(values, patients, 'share')).without
  expect(why([0.5], ['1'])).toBe('one pair, no interval')
  expect(why([0.5, 0.7], ['1', '1'])).toBe('one patient, no interval')
  expect(why([0.5, 0.7], ['1', '2'])).toBe('fewer than five patients, no interval')
  expect(why([], [])).toBe('no case')
  // Nothing varies: the interval is the figure.
  const perfect = runThrough(meanOverPatients(Array<number>(8).fill(1), Array.from('abcdefgh'), 'share'))
  expect(perfect).toMatchObject({ value: 1, low95: 1, high95: 1, without: null })
  // With a single case that differs, a third of the resamples lack it, and alpha is undefined there.
  const rare: Ratings = Array.from({ length: 20 }, (_, index) => [index === 0 ? 1 : 0, 0])
  const draws = runThrough(drawCases(20, 'patients'))
  const alpha = runThrough(figureOverCases(draws, 'none', alphaOver(rare, 'nominal')))
  expect(alpha).toMatchObject({ low95: null, without: 'undefined in too many resamples, no interval' })
  expect(alpha.value).not.toBeNull()
})

test('a panel: denominators add up, own figures are the two-rater ones, and the order of raters does not matter', () => {
  const verdicts = ['outlined', 'nothing', 'cannot-judge', null] as const
  const cases: PanelCaseFigures[] = Array.from({ length: 30 }, (_, index) => {
    const draws = uniforms(54, index, 2, 40)
    const given = Array.from(
      { length: 3 },
      (_, rater) => verdicts[Math.floor(4.6 * (draws[rater] ?? 0) ** 2.5)] ?? null,
    )
    const masks = Array.from({ length: 3 }, (_, rater) =>
      Uint8Array.from({ length: 10 }, (_, at) =>
        given[rater] === 'outlined' && (draws[6 + rater * 10 + at] ?? 0) < 0.7 ? 1 : 0,
      ),
    )
    const sized = given.map((verdict, rater) =>
      verdict === 'outlined' ? 5 + 9 * (draws[3 + rater] ?? 0) : null,
    )
    return runThrough(panelCaseFigures(masks, { patientId: `P${index}`, verdicts: given, sizes: sized }))
  })
  const found = runThrough(panelFigures(cases, 0))
  const { outlined, nothing, cannotJudge, notRead } = found.counts
  expect(outlined + nothing + cannotJudge + notRead).toBe(90)
  expect(countAnswers(['outlined', null, 'nothing', null])).toEqual({
    outlined: 1,
    nothing: 1,
    cannotJudge: 0,
    notRead: 2,
  })
  const turned = cases.map((each) => ({
    ...each,
    verdicts: [1, 2, 0].map((rater) => each.verdicts[rater] ?? null),
    sizes: [1, 2, 0].map((rater) => each.sizes[rater] ?? null),
    dice: [4, 5, 3, 7, 8, 6, 1, 2, 0].map((at) => each.dice[at] ?? null),
  }))
  const again = runThrough(panelFigures(turned, 2))
  for (const name of ['presence', 'size', 'meanDice'] as const) {
    expect(again[name].panel.value).toBeCloseTo(found[name].panel.value ?? NaN, 9)
    expect(again[name].own?.value).toBeCloseTo(found[name].own?.value ?? NaN, 9)
    expect(found[name].panel.low95).not.toBeNull()
  }
  expect(runThrough(panelFigures(cases, null)).sizeDifferencePercent).toBeNull()
  expect(runThrough(panelFigures([], 0)).meanDice.panel).toMatchObject({ value: null, without: 'no case' })
})

test('presence of own is set against what most others say; where they are divided, the case does not count', () => {
  const cases = (['110', '111', '000', '011', '100', '1--', '10-'] as const).map((answers, index) => ({
    patientId: `P${index}`,
    verdicts: Array.from(answers, (answer) =>
      answer === '1' ? ('outlined' as const) : answer === '0' ? ('nothing' as const) : null,
    ),
    sizes: [null, null, null],
    dice: Array<null>(9).fill(null),
  }))
  const { presence, size } = runThrough(panelFigures(cases, 0))
  // Left: 11, 00, 01, 10 (twice); 110 is a tie of the others, 1-- has none.
  const pairs: Ratings = [
    [1, 1],
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 0],
  ]
  expect(presence.own).toMatchObject({ value: krippendorffAlpha(pairs, 'nominal').value, n: 5 })
  expect(presence.panel.n).toBe(6)
  expect(size.own?.without).toBe('fewer than two cases')
})
