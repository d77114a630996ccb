import { expect, test } from 'vitest'
import type { Steps } from '../measures/steps'
import { panelFigures, type PanelCaseFigures } from './panel-agreement'
import { panelPairs } from './panel-pairs'

function done<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

const ALL = ['outlined', 'outlined', 'outlined'] as const
/** Dice of the pairs 1-2, 1-3, 2-3 as the table that a case keeps. */
const table = (ab: number | null, ac: number | null, bc: number | null): (number | null)[] => [
  ...[1, ab, ac],
  ...[ab, 1, bc],
  ...[ac, bc, 1],
]
const cases: readonly PanelCaseFigures[] = [
  { patientId: 'p', verdicts: [...ALL], sizes: [1, 1, 1], dice: table(0.9, 0.6, 0.3) },
  {
    patientId: 'q',
    verdicts: ['outlined', 'nothing', 'outlined'],
    sizes: [1, null, 1],
    dice: table(null, 0.8, null),
  },
  { patientId: 'r', verdicts: ['nothing', 'nothing', null], sizes: [], dice: table(null, null, null) },
]

test('every two raters stand once, with what both said and what both outlined', () => {
  const pairs = done(panelPairs(cases))
  expect(pairs.map(({ first, second }) => [first, second])).toEqual([
    [0, 1],
    [0, 2],
    [1, 2],
  ])
  // Both answered: 3, 2 and 2 cases; the same: 2, 2 and 1.
  expect(pairs.map(({ sameAnswer: { value, n } }) => [value, n])).toEqual([
    [2 / 3, 3],
    [1, 2],
    [1 / 2, 2],
  ])
  expect(pairs.map(({ dice: { value, n } }) => [value, n])).toEqual([
    [0.9, 1],
    [0.7, 2],
    [0.3, 1],
  ])
})

test('two raters are the panel', () => {
  const two = cases.map((one) => ({
    ...one,
    verdicts: one.verdicts.slice(0, 2),
    sizes: one.sizes.slice(0, 2),
    dice: [1, one.dice[1] ?? null, one.dice[1] ?? null, 1],
  }))
  const [pair] = done(panelPairs(two))
  expect(pair?.dice).toEqual(done(panelFigures(two, null)).meanDice.panel)
})

test('nobody and one alone have no pair', () => {
  expect(done(panelPairs([]))).toEqual([])
  const alone = { patientId: 'p', verdicts: ['outlined' as const], sizes: [1], dice: [1] }
  expect(done(panelPairs([alone]))).toEqual([])
})
