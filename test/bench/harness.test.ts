import { expect, test } from 'vitest'
import { loadWarning, measure, quantile } from './harness'
import type { Bench, Cost, Side } from './harness'

/** A side that costs what the list says, turn after turn, and tells when it is run. */
function side(name: string, costs: readonly Cost[], turns: string[]): Side {
  let turn = 0
  return {
    name,
    run: () => {
      turns.push(name)
      turn += 1
      return Promise.resolve(costs[Math.max(0, turn - 2)] ?? null)
    },
  }
}

const cost = (ms: number): Cost => ({ ms, cpuMs: 2 * ms })

const benchOf = (ours: Side, peer: Side, leastRatio: number): Bench => ({
  id: 'a',
  name: 'a',
  ours,
  peer,
  claim: { leastRatio, aimRatio: 10 },
  rounds: 3,
  terms: '',
})

test('a ratio is that of the medians, after a turn each to warm up, the order of the turns alternating', async () => {
  const turns: string[] = []
  const ours = side('ours', [cost(2), cost(100), cost(3)], turns)
  const peer = side('peer', [cost(12), cost(9), cost(11)], turns)
  const row = await measure(benchOf(ours, peer, 3.6))
  // Medians 3 and 11 of (2, 100, 3) and (12, 9, 11).
  expect(row).toMatchObject({ ratio: 3.667, ratioCpu: 3.667, holds: true })
  expect(row.ours).toMatchObject({ medianMs: 3, medianCpuMs: 6, fastestMs: 2, slowestMs: 100 })
  expect(turns.join(' ')).toBe('ours peer ours peer peer ours ours peer')
})

test('a claim that is missed does not hold; a row without a claim neither holds nor fails', async () => {
  const sides = (): [Side, Side] => [
    side('ours', [cost(1), cost(1), cost(1)], []),
    side('peer', [cost(2), cost(2), cost(2)], []),
  ]
  expect((await measure(benchOf(...sides(), 3))).holds).toBe(false)
  expect((await measure({ ...benchOf(...sides(), 3), claim: null })).holds).toBeNull()
})

test('quantiles are linear between neighbours', () => {
  expect([quantile([4, 1, 3, 2], 0.5), quantile([4, 1, 3, 2], 0), quantile([5], 0.9)]).toEqual([2.5, 1, 5])
})

test('a busy machine is told', () => {
  const machine = { processor: '', processors: 4, memoryGiB: 8, system: '', node: '' }
  expect(loadWarning({ ...machine, loadBefore: 1.9 })).toBeNull()
  expect(loadWarning({ ...machine, loadBefore: 2.1 })).toContain('busy')
})
