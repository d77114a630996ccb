import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { foldPatients, splitPatients } from './patient-split'
import type { Part } from './patient-split'

const share = (patientId: string): number =>
  createHash('sha256').update(patientId).digest().readUInt32BE(0) / 2 ** 32
const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{4}$/), { minLength: 1, maxLength: 40 })

/** Clinics grow: patients come in several goes, some of them one person under two names. */
const goes = names.chain((all) =>
  fc.record({
    all: fc.constant(all),
    cuts: fc.array(fc.nat(all.length), { maxLength: 3 }),
    learned: fc.subarray(all),
  }),
)

test('whoever is held out once stays so whatever comes, and nobody is in two parts', () => {
  fc.assert(
    fc.property(goes, ({ all, cuts, learned }) => {
      let before = new Map<string, Part>()
      for (const count of [...cuts.toSorted((a, b) => a - b), all.length]) {
        const people = all.slice(0, count).map((name) => [name])
        const { parts, conflicts } = splitPatients({ people, before, learned: new Set(learned), share })
        expect(conflicts).toEqual([])
        for (const [name, part] of before) expect(parts.get(name)).toBe(part)
        for (const name of learned) expect(parts.get(name)).not.toBe('heldOut')
        const heldOut = [...parts.values()].filter((part) => part === 'heldOut').length
        expect(heldOut).toBeLessThanOrEqual(Math.round(count / 3))
        before = new Map(parts)
      }
    }),
  )
})

test('a third is held out where nobody was seen before, in an order that nobody chose', () => {
  fc.assert(
    fc.property(names, (all) => {
      const split = (order: readonly string[]): ReadonlyMap<string, Part> =>
        splitPatients({ people: order.map((name) => [name]), before: new Map(), learned: new Set(), share })
          .parts
      const parts = split(all)
      expect([...parts.values()].filter((part) => part === 'heldOut')).toHaveLength(
        Math.round(all.length / 3),
      )
      const again = split(all.toReversed())
      for (const name of all) expect(again.get(name)).toBe(parts.get(name))
    }),
  )
})

test('who was trained on and turns out to be someone held out is in neither part', () => {
  const before = new Map<string, Part>([
    ['a', 'heldOut'],
    ['b', 'train'],
  ])
  const { parts, conflicts } = splitPatients({ people: [['a', 'b']], before, learned: new Set(), share })
  expect([...parts]).toEqual([['a', 'heldOut']])
  expect(conflicts).toEqual(['b'])
})

test('folds divide those who are trained on as evenly as can be', () => {
  const parts = new Map<string, Part>(Array.from({ length: 12 }, (_unused, index) => [`p${index}`, 'train']))
  const folds = foldPatients(parts, share).map((one) => (one.part === 'train' ? one.fold : -1))
  expect([0, 1, 2, 3, 4].map((fold) => folds.filter((one) => one === fold).length)).toEqual([3, 3, 2, 2, 2])
})
