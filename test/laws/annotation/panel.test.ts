import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  drawPanelCases,
  peerNumbers,
  repeatCount,
  repeatDistance,
} from '../../../src/core/annotation/panel-order'

const subjectsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `series:${index}`)

const panels = fc.record({
  seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  repeatShare: fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10),
  subjects: fc.integer({ min: 1, max: 40 }).map(subjectsOf),
})

/** Pearson's chi-square of counts that should be alike. */
function chiSquare(counts: Iterable<number>, expected: number): number {
  let sum = 0
  for (const count of counts) sum += (count - expected) ** 2 / expected
  return sum
}

function tally(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

describe('the order of cases', () => {
  test('every subject once, the share again, far enough after, in places 1, 2, …, the same at every drawing', () => {
    fc.assert(
      fc.property(panels, ({ seed, repeatShare, subjects }) => {
        const asked = { protocol: { seed, repeatShare }, subjects, raterIds: ['A', 'B', 'C'] }
        const cases = drawPanelCases(asked)
        expect(drawPanelCases(asked)).toEqual(cases)
        for (const raterId of asked.raterIds) {
          const own = cases.filter((one) => one.raterId === raterId)
          expect(own.map(({ position }) => position)).toEqual(own.map((_, index) => index + 1))
          const first = own.filter(({ isRepeat }) => !isRepeat)
          expect(first.map(({ subject }) => subject).sort()).toEqual([...subjects].sort())
          const again = own.filter(({ isRepeat }) => isRepeat)
          expect(again).toHaveLength(repeatCount(subjects.length, repeatShare))
          expect(new Set(again.map(({ subject }) => subject)).size).toBe(again.length)
          for (const { subject, position } of again) {
            const shown = first.find((one) => one.subject === subject)?.position ?? Infinity
            expect(position - shown).toBeGreaterThanOrEqual(repeatDistance(subjects.length))
          }
        }
      }),
      { seed: 401, numRuns: 60 },
    )
    expect(repeatDistance(40)).toBe(10)
    expect(repeatCount(40, 0.1)).toBe(4)
  })

  test('raters have orders of their own, which other raters do not change', () => {
    const protocol = { seed: 7, repeatShare: 0.2 }
    const subjects = subjectsOf(30)
    const both = drawPanelCases({ protocol, subjects, raterIds: ['A', 'B'] })
    const orders = ['A', 'B'].map((id) => both.filter((one) => one.raterId === id).map((one) => one.subject))
    expect(orders[0]).not.toEqual(orders[1])
    expect(drawPanelCases({ protocol, subjects, raterIds: ['A'] }).map((one) => one.subject)).toEqual(
      orders[0],
    )
  })

  test('over seeds, every order of four is as frequent, and so is every choice of a repeat', () => {
    const orders: string[] = []
    const repeated: string[] = []
    for (let seed = 0; seed < 2400; seed += 1) {
      const cases = drawPanelCases({
        protocol: { seed, repeatShare: 0.25 },
        subjects: ['a', 'b', 'c', 'd'],
        raterIds: ['A'],
      })
      orders.push(cases.flatMap((one) => (one.isRepeat ? [] : [one.subject])).join(''))
      repeated.push(cases.find(({ isRepeat }) => isRepeat)?.subject ?? '')
    }
    // 99.9th percentile of chi-square with 23 degrees of freedom: 49.7; with 3: 16.3.
    expect(tally(orders).size).toBe(24)
    expect(chiSquare(tally(orders).values(), 100)).toBeLessThan(49.7)
    expect(chiSquare(tally(repeated).values(), 600)).toBeLessThan(16.3)
  })
})

describe('the numbers of peers', () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 })

  test('1, 2, … for each once, whatever the order given, and an added peer leaves the order of the others', () => {
    fc.assert(
      fc.property(ids, fc.nat(), (peerIds, seed) => {
        const asked = { seed, subject: 'series:1', raterId: 'me', peerIds }
        const numbers = peerNumbers(asked)
        expect([...numbers.values()].sort((a, b) => a - b)).toEqual(peerIds.map((_, index) => index + 1))
        expect(peerNumbers({ ...asked, peerIds: [...peerIds].reverse() })).toEqual(numbers)
        const fewer = peerNumbers({ ...asked, peerIds: peerIds.slice(1) })
        expect([...fewer.keys()]).toEqual([...numbers.keys()].filter((id) => id !== peerIds[0]))
      }),
      { seed: 402 },
    )
  })

  test('over cases, over raters and over seeds, every order is as frequent, whatever peers are called', () => {
    for (const vary of ['seed', 'subject', 'raterId'] as const) {
      const orders = Array.from({ length: 1200 }, (_, index) =>
        [
          ...peerNumbers({
            seed: 1,
            subject: 's',
            raterId: 'me',
            peerIds: ['A', 'B', 'C', 'D'],
            [vary]: vary === 'seed' ? index : `x${index}`,
          }).keys(),
        ].join(''),
      )
      expect(tally(orders).size).toBe(24)
      expect(chiSquare(tally(orders).values(), 50)).toBeLessThan(49.7)
    }
    // The same draw under other names is another draw: no name comes first.
    const firsts = Array.from({ length: 1200 }, (_, index) => {
      const [a, b] = [`A${index}`, `Z${index}`]
      const [first] = peerNumbers({ seed: 3, subject: 's', raterId: 'me', peerIds: [a, b] }).keys()
      return first?.charAt(0) ?? ''
    })
    // 99.9th percentile with 1 degree of freedom: 10.8.
    expect(chiSquare(tally(firsts).values(), 600)).toBeLessThan(10.8)
  })
})
