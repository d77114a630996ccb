import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { figureTables } from '../../core/exchange/drawn/figure-tables'
import { sizeDistribution } from '../../core/uncertainty/intervals'
import type { CommandIo } from './command-io'
import { runGrowth } from './growth'

const folder = mkdtempSync(join(tmpdir(), 'margin-growth-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function table(
  name: string,
  of: 'lesion' | 'slice',
  volumes: readonly (number | null)[],
  isAtLeast = false,
): string {
  const row = {
    key: 'volumeMm3',
    label: 'Volume',
    unit: 'mm³',
    distribution: sizeDistribution(volumes),
    marks: [],
    isAtLeast,
  } as const
  const counts = { sampleCount: volumes.length, drawnCount: volumes.length }
  const files = figureTables([{ of, sliceNumber: null, ...counts, rows: [row] }], null)
  const samples = files.ok ? files.value.find(({ path }) => path === 'samples.csv') : undefined
  writeFileSync(join(folder, name), samples?.bytes ?? '')
  return name
}

async function growth(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const io: CommandIo = {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    signal: new AbortController().signal,
    services: () => Promise.reject(new Error('not asked for')),
    cwd: folder,
  }
  return { code: await runGrowth(args, io), out: out.join('\n'), err: err.join('\n') }
}

test('tables of two dates give the doubling time, as JSON and in words', async () => {
  const [first, second] = [table('a.csv', 'lesion', [200, null, 200]), table('b.csv', 'lesion', [400, 400])]
  const told = await growth(first, second, '--days', '120')
  expect(told.code).toBe(0)
  expect(JSON.parse(told.out)).toMatchObject({
    pairs: 4,
    doublingDays: { median: 120, fastest: 120, slowest: 120 },
  })
  expect(told.err).toContain('The volume doubles in 120 days')
  const same = await growth(first, first, '--days', '120')
  expect(JSON.parse(same.out)).toMatchObject({ doublingDays: { median: null } })
  expect(same.err).toContain('does not change')
})

test('what is no table of a whole lesion, and what no sample draws, is refused', async () => {
  const lesion = table('c.csv', 'lesion', [10])
  // Of one that goes on beyond its last slice the volume is the least; of an older table nobody knows.
  const inPart = await growth(lesion, table('p.csv', 'lesion', [20], true), '--days', '9')
  expect([inPart.code, inPart.out]).toEqual([1, expect.stringContaining('not followed to its end')])
  const few = await growth(lesion, table('f.csv', 'lesion', [20, null, null]), '--days', '9')
  expect([few.code, few.out]).toEqual([1, expect.stringContaining('no finding')])
  writeFileSync(join(folder, 'old.csv'), 'of,slice,sampleNumber,volumeMm3\r\nlesion,,1,20\r\n')
  const old = await growth(lesion, 'old.csv', '--days', '9')
  expect([old.code, old.out]).toEqual([1, expect.stringContaining('does not say')])
  for (const other of [table('d.csv', 'slice', [10]), table('e.csv', 'lesion', [null]), 'absent.csv']) {
    const told = await growth(lesion, other, '--days', '9')
    expect(told.code, other).toBe(1)
    expect(told.out).toContain('refusal')
  }
  await expect(growth(lesion, '--days', '9')).rejects.toThrow(/two tables/)
  await expect(growth(lesion, lesion)).rejects.toThrow(/--days/)
})
