import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InferReport, PhotographTable, type RunRequest } from '../../../contract'
import type { RunService } from '../../inference/run-service'
import { runsWith } from '../../../../test/fixtures/given-runs'
import { inferIn } from '../../../../test/fixtures/infer-in-memory'
import { isUsageError } from '../command-io'

const scratch = mkdtempSync(join(tmpdir(), 'margin-photographs-test-'))
afterAll(() => {
  rmSync(scratch, { recursive: true })
})
beforeAll(async () => {
  mkdirSync(join(scratch, 'eyes', 'deeper'), { recursive: true })
  for (const [at, name] of ['p2_OS.png', 'p1_OD.png', 'deeper/p3.png'].entries())
    await sharp({
      create: { width: 60, height: 40, channels: 3, background: { r: 120 + at, g: 64, b: 32 } },
    })
      .png()
      .toFile(join(scratch, 'eyes', name))
  mkdirSync(join(scratch, 'one'))
  cpSync(join(scratch, 'eyes', 'p1_OD.png'), join(scratch, 'one', 'p1_OD.png'))
  mkdirSync(join(scratch, 'cut'))
  cpSync(join(scratch, 'eyes', 'p1_OD.png'), join(scratch, 'cut', 'p1_OD.png'))
  writeFileSync(join(scratch, 'cut', 'p4_OS.jpg'), 'no picture')
})

const tableOf = (line: string | undefined): PhotographTable => PhotographTable.parse(JSON.parse(line ?? ''))

/** The second photograph that is asked for has no picture that can be drawn on. */
function secondFails(asked: RunRequest[]): RunService {
  const runs = runsWith(asked)
  return {
    ...runs,
    start: async function* (request, signal) {
      if (asked.length !== 1) yield* runs.start(request, signal)
      else {
        asked.push(request)
        yield { kind: 'refused', refusal: { code: 'picture-black', reason: 'It is almost black.' } }
      }
    },
  }
}

test('a folder of photographs is drawn whole, each as its own line draws it', async () => {
  const words = ['--samples', '30', '--seed', '4']
  const ended = await inferIn(scratch, ['eyes', ...words, '--json-lines', '--out', 'out'])
  expect(ended.code).toBe(0)
  const table = tableOf(ended.out.at(-1))
  expect(table).toMatchObject({ done: 3, failed: 0, left: 0, run: { samples: 30, seed: 4 } })
  expect(table.run?.command).toBe('margin infer eyes --samples 30 --seed 4 --draws even')
  expect(table.photographs.map(({ name, eye }) => [name, eye])).toEqual([
    ['p3.png', null],
    ['p1_OD.png', 'right'],
    ['p2_OS.png', 'left'],
  ])
  // Each is told as soon as it is drawn, too.
  const lines = ended.out.slice(0, -1).map((line) => JSON.parse(line) as { done: number; of: number })
  expect(lines.map(({ done, of }) => [done, of])).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ])
  const alone = await inferIn(scratch, ['eyes/p1_OD.png', ...words, '--out', 'alone'])
  const report = InferReport.parse(JSON.parse(alone.out[0] ?? ''))
  const row = table.photographs[1]
  expect({ areaPx: row?.areaPx }).toEqual(report.targets[0]?.sizes)
  expect(report.image).toMatchObject({ pixelsSha256: row?.pixelsSha256 })
  // The files are those of that line, to the byte.
  const folder = join(scratch, 'out', 'p1_OD')
  for (const file of ['report.json', ...report.files])
    expect(readFileSync(join(folder, file)).equals(readFileSync(join(scratch, 'alone', file))), file).toBe(
      true,
    )
})

test('one that fails stops no other and has its reason in the table, and the same line gives the same bytes', async () => {
  const line = ['eyes', '--samples', '30', '--csv', 'tables/vessels.csv']
  const ended = await inferIn(scratch, line, secondFails)
  expect(ended.code).toBe(1)
  const table = tableOf(ended.out[0])
  expect(table.photographs.map(({ state }) => state)).toEqual(['done', 'failed', 'done'])
  expect(table.photographs[1]).toMatchObject({ areaPx: null, refusal: { reason: 'It is almost black.' } })
  const csv = readFileSync(join(scratch, 'tables', 'vessels.csv'))
  const rows = csv.toString().trimEnd().split('\r\n')
  expect(rows).toHaveLength(4)
  const cells = rows.map((row) => row.split(','))
  const [head = []] = cells
  const column = (name: string): readonly (string | undefined)[] =>
    cells.slice(1).map((row) => row[head.indexOf(name)])
  expect(column('areaPx')).toEqual(table.photographs.map(({ areaPx }) => `${areaPx?.median ?? ''}`))
  expect(column('reason')).toEqual(['', 'It is almost black.', ''])
  // What was not drawn is of no model.
  expect(column('model')).toEqual(['given', '', 'given'])
  const again = await inferIn(scratch, line, secondFails)
  expect(again.out).toEqual(ended.out)
  expect(readFileSync(join(scratch, 'tables', 'vessels.csv')).equals(csv)).toBe(true)
})

test('a folder of one photograph is a report, and a table where one is asked for', async () => {
  expect(InferReport.safeParse(JSON.parse((await inferIn(scratch, ['one'])).out[0] ?? '')).success).toBe(true)
  const ended = await inferIn(scratch, ['one', '--csv', 'one.csv'])
  expect(tableOf(ended.out[0]).photographs).toHaveLength(1)
})

test('a file that cannot be read stands in the table with its reason', async () => {
  const ended = await inferIn(scratch, ['cut', '--samples', '3', '--csv', 'cut.csv'])
  expect(ended.code).toBe(1)
  const table = tableOf(ended.out[0])
  expect(table).toMatchObject({ done: 1, failed: 1, left: 0 })
  expect(table.photographs[1]).toMatchObject({ name: 'p4_OS.jpg', eye: 'left', width: null })
  expect(readFileSync(join(scratch, 'cut.csv'), 'utf8')).toContain(
    table.photographs[1]?.refusal?.reason ?? '-',
  )
})

test('two models are compared on one photograph alone', async () => {
  await expect(inferIn(scratch, ['eyes', '--compare', 'other'])).rejects.toSatisfy(isUsageError)
})
