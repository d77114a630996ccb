import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runThrough } from '../measures/steps'
import { panelFigures, type PanelCaseFigures } from './panel-agreement'
import { furtherRows, headRows } from './panel-rows'

/** Cases that `raters` read; each outlined with a diameter, or said that nothing is there. */
const casesOf = (raters: number): fc.Arbitrary<readonly PanelCaseFigures[]> =>
  fc.array(
    fc
      .array(fc.option(fc.double({ min: 4, max: 30, noNaN: true })), { minLength: raters, maxLength: raters })
      .map((sizes) => ({
        patientId: 'p',
        verdicts: sizes.map((size) => (size === null ? ('nothing' as const) : ('outlined' as const))),
        sizes,
        dice: sizes.flatMap((a, i) =>
          sizes.map((b, k) => (a === null || b === null ? null : i === k ? 1 : 0.8)),
        ),
      })),
    { minLength: 2, maxLength: 8 },
  )
const named = (cases: readonly PanelCaseFigures[]) =>
  cases.map((each, index) => ({ ...each, patientId: `p${index}` }))

test('figures for two are given to two raters alone, and limits only where all diameters have one unit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 4 }).chain((raters) => fc.tuple(fc.constant(raters), casesOf(raters))),
      fc.constantFrom('mm' as const, 'px' as const, null),
      ([raters, drawn], unit) => {
        const measures = runThrough(furtherRows(named(drawn), unit)).map(({ measure }) => measure)
        expect(measures.some((measure) => measure.includes('Cohen'))).toBe(raters === 2)
        expect(measures.filter((measure) => measure.includes('limit'))).toHaveLength(
          raters === 2 && unit !== null ? 2 : 0,
        )
      },
    ),
    { numRuns: 25 },
  )
})

test('the own size against the others is shown to its reader alone: the panel’s figure of it is hidden', () => {
  fc.assert(
    fc.property(casesOf(3), (drawn) => {
      const cases = named(drawn)
      const own = headRows(runThrough(panelFigures(cases, 0)))
      expect(own.at(-1)).toMatchObject({ measure: 'Your size against theirs', panel: { value: null } })
      const owner = headRows(runThrough(panelFigures(cases, null)))
      expect(owner.map(({ measure }) => measure)).toEqual(own.slice(0, -1).map(({ measure }) => measure))
      expect(owner.every((row) => row.own === null)).toBe(true)
    }),
    { numRuns: 25 },
  )
})

test('two eyes of a patient are one patient: no formula that takes cases as independent gives an interval then', () => {
  fc.assert(
    fc.property(casesOf(2), (drawn) => {
      const alone = runThrough(furtherRows(named(drawn), 'px'))
      const eyes = runThrough(
        furtherRows(
          drawn.map((each, index) => ({ ...each, patientId: `p${Math.floor(index / 2)}` })),
          'px',
        ),
      )
      for (const [at, { measure, panel }] of eyes.entries()) {
        expect(panel.value).toBe(alone[at]?.panel.value)
        if (/ICC|bias|limit/.test(measure)) expect(panel.low95).toBe(null)
      }
    }),
    { numRuns: 25 },
  )
})
