/** What was drawn for a rater comes back as it went, without being drawn, or is drawn anew and said why. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  accept,
  type LesionLine,
  type LesionRequest,
  type Rater,
  type RunLine,
  type SizeDistribution,
} from '../../../src/contract'
import type { RunIdentity } from '../../../src/main/inference/prepared-run'
import { createKeptRuns, type KeptRuns, type KeptRunsParts } from '../../../src/main/lesions/kept-runs'
import { keptRunsFolder } from '../../../src/main/workspace/kept-runs-folder'

const A: Rater = { raterId: 'a', name: 'A', pseudonym: 'R1', role: 'reader', retired: false }
const B: Rater = { ...A, raterId: 'b', name: 'B', pseudonym: 'R2' }
const GRID = { originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1, widthPx: 4, heightPx: 4 }
const SAMPLES = 3
const size: SizeDistribution = { median: 2, low95: 1, high95: 3, interval: 'range', values: [1, 2, 3] }

const requestOn = (sliceIndex: number): LesionRequest => ({
  target: {
    ...{ kind: 'series', seriesUid: '1.2.3', sliceIndex, column: 2.5, row: 1, structureId: null },
    instance: { sopInstanceUid: `1.2.3.${sliceIndex}`, frame: 0 },
  },
  ...{ modelId: 'm', samples: SAMPLES, seed: 7 },
})

/** The lines of a run, with agreement as if readings were open. */
function linesOf(runId: string, sliceIndex: number): readonly RunLine[] {
  const agreement = {
    ...{ ged: 0.1, gedLow95: null, gedHigh95: null, sampleReader: 0.1, sampleSample: 0, readerReader: 0 },
    readers: [],
  }
  const reader = { code: 'agreement-on-grid', text: 'Reader A is said here.' }
  const other = { code: 'thick', text: 'Thick slices.' }
  return [
    {
      kind: 'started',
      run: {
        ...{
          runId,
          model: 'm',
          modelVersion: '1',
          modelSha256: 'x',
          samples: SAMPLES,
          seed: 7,
          draws: 'even',
        },
        device: { used: 'cpu', threads: 2, notUsed: [] },
        ...{ uncertainty: 'samples', version: '1.0.0', command: 'margin infer /then' },
      },
      ...{ grid: GRID, fieldOfView: null, warnings: [other] },
    },
    { kind: 'samples', firstIndex: 0, count: SAMPLES, masks: `masks of ${runId}`, elapsedMs: 5 },
    {
      ...{ kind: 'done', elapsedMs: 9, encoderCached: false },
      report: {
        ...{ sopInstanceUid: `1.2.3.${sliceIndex}`, sliceIndex, grid: GRID, pixelSpacingMm: null },
        ...{
          sampleCount: SAMPLES,
          emptyCount: 0,
          drawnCount: SAMPLES,
          drawnShare: 1,
          mostDrawNothing: false,
        },
        ...{ placeCount: 2, sizes: { areaPx: size }, agreement, depthOrder: [1, 0, 2] },
        warnings: [reader, other],
      },
    },
  ]
}
const withoutReaders = (line: RunLine): RunLine =>
  line.kind !== 'done'
    ? line
    : {
        ...line,
        report: { ...line.report, agreement: null, warnings: line.report.warnings.slice(1) },
      }

let folder = ''
/** What is open now. */
let now: RunIdentity
let drawn: number[]
let held: Map<string, Int8Array>
let told: string[]

const fieldsOf = (runId: string): Int8Array =>
  Int8Array.from({ length: SAMPLES * 16 }, (_, at) => ((at * 37 + runId.length * 11) % 254) - 127)

/** Another start of the program on the same workspace. */
function started(): KeptRuns {
  held = new Map()
  const start = async function* ({ target }: { readonly target: LesionRequest['target'] | object }) {
    const sliceIndex = 'sliceIndex' in target ? target.sliceIndex : 0
    drawn.push(sliceIndex)
    const runId = `run-${sliceIndex}`
    held.set(runId, fieldsOf(runId))
    for (const line of linesOf(runId, sliceIndex)) yield await Promise.resolve(line)
  }
  const parts: KeptRunsParts = {
    folder: keptRunsFolder(folder, folder),
    subjects: { keyOf: () => Promise.resolve(accept('series:1.2.3')) },
    runs: {
      start: start as KeptRunsParts['runs']['start'],
      fields: (runId) => accept(new Uint8Array((held.get(runId) ?? new Int8Array()).buffer)),
      hold: (runId, _pixels, fields) => held.set(runId, fields),
    },
    lesions: {
      follow: async function* (request) {
        for (const sliceIndex of [40, 41, 39]) {
          const { target } = requestOn(sliceIndex)
          for await (const line of start({ target })) yield { kind: 'slice', target, line }
          yield { kind: 'followed', slice: noteOn(sliceIndex) }
        }
        yield { kind: 'done', elapsedMs: 30, report: reportOf(request) }
        return []
      },
    },
    readersNow: () => [{ readingId: 'now', letter: 'A', empty: true }],
    identify: ({ target }) =>
      Promise.resolve(accept({ ...now, sliceIndex: 'sliceIndex' in target ? target.sliceIndex : null })),
    clock: () => 7,
    log: (why) => told.push(why),
  }
  return createKeptRuns(parts)
}
const noteOn = (sliceIndex: number) => ({
  ...{ sliceIndex, sopInstanceUid: `1.2.3.${sliceIndex}`, runId: `run-${sliceIndex}`, isInLesion: true },
  ...{ drawnCount: 3, drawnShare: 1, medianAreaPx: 4, elsewhereCount: 0 },
})
const reportOf = ({ target }: LesionRequest) => ({
  ...{ seriesUid: '1.2.3', place: { sliceIndex: target.sliceIndex, column: 2.5, row: 1 } },
  ...{ coupling: 'tied' as const, sampleCount: 3, drawnCount: 3, drawnShare: 1, mostDrawNothing: false },
  ...{ slices: [39, 40, 41].map(noteOn), ends: { first: 'few-draw' as const, last: 'few-draw' as const } },
  ...{ sliceThicknessMm: null, sizes: { meanDiameterMm: { ...size, values: [1, 2, 3] } }, warnings: [] },
  readers: [{ readingId: 'then', letter: 'B', empty: false, volumeMm3: 5 }],
})

async function all<T>(lines: AsyncIterable<T>): Promise<readonly T[]> {
  const got: T[] = []
  for await (const line of lines) got.push(line)
  return got
}
const signal = new AbortController().signal

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'margin-kept-'))
  now = {
    ...{ modelId: 'm', modelSha256: 'x', inputKey: 'pixels', sliceIndex: 40, version: '1.0.0' },
    command: 'margin infer /now',
  }
  drawn = []
  told = []
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Draws a run and a lesion for A, and starts the program again. */
async function drawnBefore(): Promise<KeptRuns> {
  const first = started()
  await all(first.run(A, requestOn(40), signal))
  await all(first.follow(A, requestOn(40), signal))
  await first.settled()
  drawn = []
  return started()
}

test('a run comes back to its rater line for line and field for field, and nothing is drawn', async () => {
  const again = await drawnBefore()
  const lines = await all(again.run(A, requestOn(40), signal))
  expect(drawn).toEqual([])
  // What compares with readers is computed anew; the command is of where the picture is open now.
  const expected = JSON.parse(JSON.stringify(linesOf('run-40', 40).map(withoutReaders))) as RunLine[]
  expect(lines).toEqual(
    expected.map((line) =>
      line.kind === 'started' ? { ...line, run: { ...line.run, command: 'margin infer /now' } } : line,
    ),
  )
  expect([...(held.get('run-40') ?? [])]).toEqual([...fieldsOf('run-40')])
  expect(JSON.stringify(lines)).not.toContain('Reader A')
})

test('a lesion comes back with all its slices in their order, and the readers of now', async () => {
  const again = await drawnBefore()
  const lines = await all(again.follow(A, requestOn(40), signal))
  expect(drawn).toEqual([])
  const kinds = lines.map((line) => (line.kind === 'slice' ? line.line.kind : line.kind))
  const slice = ['started', 'samples', 'done', 'followed']
  expect(kinds).toEqual(['kept', ...slice, ...slice, ...slice, 'done'])
  const done = lines.at(-1) as Extract<LesionLine, { kind: 'done' }>
  expect(done.report).toEqual({
    ...reportOf(requestOn(40)),
    readers: [{ readingId: 'now', letter: 'A', empty: true }],
  })
  expect([...held.keys()].sort()).toEqual(['run-39', 'run-40', 'run-41'])
})

test('what a lesion came to is told to its rater alone, and not where it would come to something else now', async () => {
  const again = await drawnBefore()
  expect(await again.lesion(A, requestOn(40))).toEqual(
    accept({
      report: { ...reportOf(requestOn(40)), readers: [] },
      modelSha256: 'x',
      command: 'margin infer /now',
    }),
  )
  for (const asked of [again.lesion(B, requestOn(40)), again.lesion(A, requestOn(39))])
    expect(await asked).toMatchObject({ ok: false, refusal: { code: 'not-found' } })
  now = { ...now, modelSha256: 'another' }
  expect(await again.lesion(A, requestOn(40))).toMatchObject({
    ok: false,
    refusal: { reason: expect.stringContaining('is another than the one that drew it') as string },
  })
  expect(drawn).toEqual([])
})

test('what is kept is one rater’s alone, and is listed without its samples', async () => {
  const again = await drawnBefore()
  const listed = await again.list(A, { kind: 'series', seriesUid: '1.2.3' })
  if (!listed.ok) throw new Error(listed.refusal.reason)
  expect(listed.value.runs.map(({ stale }) => stale)).toEqual([null, null])
  expect(listed.value.runs.map(({ figures }) => figures.lesion === null)).toEqual(
    expect.arrayContaining([true, false]),
  )
  expect(JSON.stringify(listed)).not.toMatch(/masks of|\[1,2,3\]/)
  expect(await again.list(B, { kind: 'series', seriesUid: '1.2.3' })).toEqual(accept({ runs: [] }))
  await all(again.run(B, requestOn(40), signal))
  expect(drawn).toEqual([40])
})

test.each([
  ['another model', { modelSha256: 'y' }, 'The model m is another'],
  ['other pixels', { inputKey: 'others' }, 'pixels of its slice are others'],
  ['another program', { version: '2.0.0' }, 'Margin 1.0.0 drew it; this is 2.0.0.'],
])('with %s it is drawn anew, and the list says why', async (_what, change, words) => {
  const again = await drawnBefore()
  now = { ...now, ...change }
  const listed = await again.list(A, { kind: 'series', seriesUid: '1.2.3' })
  for (const { stale } of listed.ok ? listed.value.runs : []) expect(stale).toContain(words)
  await all(again.run(A, requestOn(40), signal))
  await all(again.follow(A, requestOn(40), signal))
  expect(drawn).toEqual([40, 40, 41, 39])
  await again.settled()
  // From then on it is this one that is kept.
  drawn = []
  await all(started().follow(A, requestOn(40), signal))
  expect(drawn).toEqual([])
})

test('a kill at any byte of its writing, and a byte that changed, leave a run to be drawn, never a wrong one', async () => {
  await drawnBefore()
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.run'),
  )
  expect(files).toHaveLength(4)
  const whole = files.map((name) => readFileSync(join(folder, name)))
  const harms: ((bytes: Buffer) => Buffer)[] = [
    ...[0, 1, 0.1, 0.5, 0.9, 0.999].map(
      (part) => (bytes: Buffer) =>
        bytes.subarray(0, part === 1 ? bytes.length - 1 : Math.floor(part * bytes.length)),
    ),
    (bytes) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte))),
  ]
  for (const harm of harms) {
    for (const [at, name] of files.entries())
      writeFileSync(join(folder, name), harm(whole[at] ?? Buffer.of()))
    drawn = []
    const again = started()
    await all(again.run(A, requestOn(40), signal))
    expect(drawn).toEqual([40])
    await again.settled()
  }
  expect(told).toEqual([])
})

test('a workspace that takes no file draws as ever, and says once why nothing is kept', async () => {
  writeFileSync(join(folder, 'runs'), 'no folder')
  const runs = started()
  for (let round = 0; round < 2; round += 1)
    expect(await all(runs.run(A, requestOn(40), signal))).toHaveLength(3)
  await runs.settled()
  expect(told).toHaveLength(1)
})
