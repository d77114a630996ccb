/** `margin batch` by the built program: real workers, killed ones, and what `margin infer` writes. */
import { execFileSync, spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { beforeAll, expect, test, vi } from 'vitest'
import { BatchManifest } from '../../../src/contract'
import { builtProgram } from '../../built'
import { readingFile, SERIES, writeSeries } from '../../fixtures/made-up-ct'

vi.setConfig({ testTimeout: 300_000 })

const PHOTOGRAPHS = 5
const scratch = mkdtempSync(join(tmpdir(), 'margin-batch-'))
const tinyModels = resolve(import.meta.dirname, '..', '..', 'fixtures', 'tiny-model')
let program: string

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the command line; `hear` gets what it says on standard error as it says it, with the number of its process. */
function margin(
  words: readonly string[],
  hear: (said: string, pid: number) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: scratch,
    env: {
      ...process.env,
      MARGIN_MODELS: tinyModels,
      MARGIN_DEVICE: 'cpu',
      MARGIN_WORKSPACE: join(scratch, 'none'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    hear(err, child.pid ?? 0)
  })
  return new Promise((ended) => {
    child.on('close', (code) => {
      ended({ code, out, err })
    })
  })
}

const batch = (
  out: string,
  more: readonly string[],
  hear?: (said: string, pid: number) => void,
): Promise<Ended> =>
  margin(['batch', 'many', '--out', out, '--samples', '5', '--export', 'csv', ...more], hear)

const manifestOf = (out: string): BatchManifest =>
  BatchManifest.parse(JSON.parse(readFileSync(join(scratch, out, 'batch.json'), 'utf8')))

/** Every file below, with its bytes. */
function filesBelow(folder: string): Map<string, Buffer> {
  const entries = readdirSync(join(scratch, folder), { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    paths.sort().map((path) => [path.slice(join(scratch, folder).length + 1), readFileSync(path)]),
  )
}

function expectSame(folder: string, other: string, but: readonly string[] = []): void {
  const [one, two] = [filesBelow(folder), filesBelow(other)]
  for (const path of but) one.delete(path)
  expect([...one.keys()]).toEqual([...two.keys()])
  for (const [path, bytes] of one) expect(bytes.equals(two.get(path) ?? Buffer.alloc(0)), path).toBe(true)
}

/** Processes that a batch started, by the system's list. */
const workersOf = (pid: number): readonly number[] =>
  execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...words]) => Number(parent) === pid && words.includes('--worker'))
    .map(([own]) => Number(own))

beforeAll(async () => {
  program = join(builtProgram(), 'main', 'cli.js')
  writeSeries(join(scratch, 'many', 'ct'), SERIES.seriesUid)
  writeFileSync(join(scratch, 'many', 'ct', 'readings.xml'), readingFile())
  writeSeries(join(scratch, 'many', 'unread'), '2.25.900')
  mkdirSync(join(scratch, 'many', 'eyes'))
  for (let at = 1; at <= PHOTOGRAPHS; at += 1) {
    const background = { r: 100 + 10 * at, g: 60, b: 30 }
    await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .png()
      .toFile(join(scratch, 'many', 'eyes', `eye${at}.png`))
  }
  writeFileSync(join(scratch, 'many', 'eyes', 'broken.png'), 'no picture')
  const { code, err } = await batch('one', ['--workers', '1'])
  expect(code, err).toBe(0)
})

test('what was done, what was left out and what could not be read stands in the manifest', () => {
  const { items, models, leftOut, refused } = manifestOf('one')
  expect(items).toHaveLength(1 + PHOTOGRAPHS)
  expect(items.every(({ state }) => state === 'done')).toBe(true)
  expect(models.map(({ id }) => id)).toEqual(['tiny-ct', 'tiny-fundus'])
  expect(leftOut).toEqual([
    { what: 'series 2.25.900', reason: expect.stringMatching(/No LIDC readings/) as string },
  ])
  expect(refused.map(({ path }) => path)).toEqual([join('eyes', 'broken.png')])
  const table = readFileSync(join(scratch, 'one', 'batch.csv'), 'utf8').split('\r\n')
  expect(table[0]).toMatch(/^item,seriesUid,path,target,of,slice,measure,median,low95,high95,interval,/)
  expect(new Set(table.slice(1, -1).map((line) => line.split(',')[0]))).toEqual(
    new Set(items.map(({ itemId }) => itemId)),
  )
})

test('an item is what margin infer writes with the line of the manifest, to the byte', async () => {
  const { items } = manifestOf('one')
  for (const kind of ['readings', 'photograph'] as const) {
    const item = items.find(({ subject }) => subject.kind === kind)
    const words = item?.command.split(' ').slice(1) ?? []
    const ended = await margin([...words, '--export', 'csv', '--out', `alone-${kind}`])
    expect(ended.code, ended.err).toBe(0)
    expectSame(join('one', item?.itemId ?? ''), `alone-${kind}`, ['item.json'])
  }
})

test.skipIf(process.platform === 'win32')(
  'two workers, one of them killed half-way, leave the folder that one worker leaves',
  async () => {
    let killed = 0
    const ended = await batch('two', ['--workers', '2'], (said, pid) => {
      const [worker] = killed === 0 && said.includes('1 of 6') ? workersOf(pid) : []
      if (worker === undefined) return
      killed = worker
      process.kill(worker, 'SIGKILL')
    })
    expect(killed).toBeGreaterThan(0)
    expect(ended.err).toMatch(/A worker was lost with \S+ \(signal SIGKILL\); it is done again\./)
    expect(ended.code, ended.err).toBe(0)
    expectSame('one', 'two')
  },
)

test('a batch that was killed goes on: what is whole stays, what is not is done again', async () => {
  await batch('again', ['--workers', '1'], (said, pid) => {
    if (said.includes('3 of 6')) process.kill(pid, 'SIGKILL')
  })
  expect(existsSync(join(scratch, 'again', 'batch.json'))).toBe(false)
  const before = readdirSync(join(scratch, 'again')).filter((name) => !name.startsWith('.'))
  expect(before.length).toBeGreaterThanOrEqual(3)
  const [damaged = '', ...others] = before
  truncateSync(join(scratch, 'again', damaged, 'report.json'), 10)
  const place = (name: string): number => statSync(join(scratch, 'again', name)).ino
  const places = others.map(place)
  const ended = await batch('again', ['--workers', '1'])
  expect(ended.code, ended.err).toBe(0)
  expect(ended.err).toContain(`${others.length} of them done before`)
  expect(others.map(place)).toEqual(places)
  expectSame('one', 'again')
})

test('points of a table; what cannot be drawn has failed by name and keeps nothing from the rest', async () => {
  const lines = ['seriesUid,column,row,slice', '2.25.900,40,50.5,1', '2.25.900,500,50,1', '2.25.404,1,1,1']
  writeFileSync(join(scratch, 'points.csv'), lines.join('\n'))
  const ended = await batch('points', ['--points', 'points.csv'])
  expect(ended.code).toBe(1)
  expect(JSON.parse(ended.out)).toMatchObject({ items: 3, done: 1, failed: 2 })
  const { items } = manifestOf('points')
  expect(items.map(({ itemId, state, refusal }) => [itemId, state, refusal?.code ?? null])).toEqual([
    ['2.25.404-column-1-row-1-slice-1', 'failed', 'not-found'],
    ['2.25.900-column-40-row-50.5-slice-1', 'done', null],
    ['2.25.900-column-500-row-50-slice-1', 'failed', 'request-invalid'],
  ])
  expect(readdirSync(join(scratch, 'points')).sort()).toEqual([
    '2.25.900-column-40-row-50.5-slice-1',
    'batch.csv',
    'batch.json',
  ])
})

test('a folder that is somebody’s own is not replaced, and a changed photograph is drawn anew', async () => {
  mkdirSync(join(scratch, 'own', 'many_eyes_eye3'), { recursive: true })
  copyFileSync(join(scratch, 'points.csv'), join(scratch, 'own', 'many_eyes_eye3', 'mine.csv'))
  const refused = await batch('own', [])
  expect(refused.code).toBe(1)
  expect(refused.out).toMatch(/many_eyes_eye3 is there, and no batch made it/)
  expect(readdirSync(join(scratch, 'own'))).toEqual(['many_eyes_eye3'])
  copyFileSync(join(scratch, 'many', 'eyes', 'eye2.png'), join(scratch, 'many', 'eyes', 'eye1.png'))
  expect((await batch('two', [])).err).toContain(`${PHOTOGRAPHS} of them done before`)
})
