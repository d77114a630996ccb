import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Grid, InferReport, refuse, type RunLine, type RunRequest } from '../../../contract'
import { readSegmentationFrames } from '../../../core/exchange/seg/read-segmentation'
import { toBase64 } from '../../../core/image/base64'
import { type Mask, packMask } from '../../../core/image/mask'
import { sliceReport } from '../../../core/measures/slice-report'
import { withoutSpread } from '../../../core/uncertainty/one-outline'
import { createLibrary } from '../../library/library'
import { createWorkspaceServices } from '../../compose/create-workspace-services'
import { createLesionRuns } from '../../lesions/lesion-runs'
import { createReadings } from '../../library/readings'
import type { RunService } from '../../inference/run-service'
import { nothingTrained } from '../../../../test/fixtures/nothing-trained'
import type { Services } from '../../app/services'
import { type CommandIo, isUsageError } from '../command-io'
import { runInfer } from './infer'
import { readingFile, SERIES, SIZE_PX, writeSeries } from '../../../../test/fixtures/made-up-ct'

const scratch = mkdtempSync(join(tmpdir(), 'margin-infer-test-'))
afterAll(() => {
  rmSync(scratch, { recursive: true })
})

beforeAll(async () => {
  writeSeries(join(scratch, 'ct'), SERIES.seriesUid)
  writeFileSync(join(scratch, 'ct', 'readings.xml'), readingFile())
  mkdirSync(join(scratch, 'eye'))
  const colour = { width: 60, height: 40, channels: 3, background: '#804020' } as const
  await sharp({ create: colour })
    .png()
    .toFile(join(scratch, 'eye', 'eye.png'))
  const grey = await sharp({ create: { ...colour, background: '#ffffff' } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
  writeFileSync(join(scratch, 'eye', 'eye_readerA.png'), grey)
})

const GRID_PX = 32

/** Squares that grow with the sample, off the middle of the crop; the first sample is empty. */
function squares(count: number): readonly Mask[] {
  return Array.from({ length: count }, (_unused, sample) => {
    const side = sample % 12
    const pixels = Uint8Array.from({ length: GRID_PX ** 2 }, (_pixel, at) => {
      const [column, row] = [at % GRID_PX, Math.floor(at / GRID_PX)]
      return column >= 10 && column < 10 + side && row >= 13 && row < 13 + side ? 1 : 0
    })
    return { widthPx: GRID_PX, heightPx: GRID_PX, pixels }
  })
}

/** A package of this name draws one outline, as a model without a latent does. */
const WITHOUT_UNCERTAINTY = 'one-outline'

/** Stands for the models: the crop's place and the report are worked out as in the program, the outlines are given. */
function runsWith(asked: RunRequest[]): RunService {
  return {
    // eslint-disable-next-line @typescript-eslint/require-await
    start: async function* (request): AsyncGenerator<RunLine> {
      asked.push(request)
      const { target } = request
      const origin =
        target.kind === 'series'
          ? { originColumn: Math.round(target.column) - 16, originRow: Math.round(target.row) - 16 }
          : { originColumn: 0, originRow: 0 }
      const grid: Grid = { widthPx: GRID_PX, heightPx: GRID_PX, ...origin, columnStep: 1, rowStep: 1 }
      const alone = request.modelId === WITHOUT_UNCERTAINTY
      const masks = alone ? squares(10).slice(9) : squares(request.samples)
      const run = {
        runId: `run-${asked.length}`,
        model: request.modelId ?? 'given',
        modelVersion: '1.0.0',
        modelSha256: '0'.repeat(64),
        uncertainty: alone ? 'none' : 'samples',
        device: { used: 'cpu', threads: 1, notUsed: [] },
        ...{ samples: masks.length, seed: request.seed, draws: request.draws ?? 'even' },
        version: '0.1.0',
        command: '',
      } as const
      yield {
        kind: 'started',
        run: { ...run, device: { ...run.device, notUsed: [] } },
        grid,
        fieldOfView: null,
        warnings: [],
      }
      for (const [firstIndex, mask] of masks.entries()) {
        yield {
          kind: 'samples',
          firstIndex,
          count: 1,
          masks: toBase64(packMask(mask)),
          elapsedMs: firstIndex,
        }
      }
      const sliceIndex = target.kind === 'series' ? target.sliceIndex : null
      const drawn = sliceReport({
        masks,
        grid,
        pixelSpacingMm: target.kind === 'series' ? { row: 0.5, column: 0.5 } : null,
        fieldOfView: null,
        readers: [],
        sopInstanceUid: sliceIndex === null ? null : `2.25.103.${sliceIndex}`,
        sliceIndex,
        warnings: [],
      })
      const report = alone ? withoutSpread(drawn) : drawn
      yield { kind: 'done', report, elapsedMs: asked.length, encoderCached: false }
    },
    fields: () => refuse('not-found', 'none are held'),
    device: () => null,
    close: () => Promise.resolve(),
  }
}

interface Ended {
  readonly code: number
  readonly out: readonly string[]
  readonly asked: readonly RunRequest[]
}

async function infer(...args: readonly string[]): Promise<Ended> {
  const library = createLibrary({ workerPath: null, now: () => new Date(0) })
  const asked: RunRequest[] = []
  const out: string[] = []
  const services: Services = {
    library,
    readings: createReadings({ library }),
    models: { list: () => Promise.resolve([]) },
    runs: runsWith(asked),
    lesions: createLesionRuns({
      library,
      readings: createReadings({ library }),
      runs: runsWith(asked),
      nowMs: () => 0,
    }),
    ...createWorkspaceServices({
      open: () => Promise.resolve(refuse('workspace-failed', 'not here')),
      location: '',
      accounts: false,
      library,
      readings: createReadings({ library }),
      version: '0',
      writeWorkerPath: null,
      nowMs: () => 0,
    }),
    training: nothingTrained,
    openDemo: () => Promise.resolve(refuse('internal', 'not here')),
    status: () => Promise.reject(new Error('not here')),
    doctor: () => Promise.reject(new Error('not here')),
    devices: () => Promise.reject(new Error('not here')),
    pageDir: '',
    uploadDir: '',
    log: () => undefined,
    close: () => library.close(),
  }
  const io: CommandIo = {
    out: (line) => out.push(line),
    err: () => undefined,
    signal: new AbortController().signal,
    services: () => Promise.resolve(services),
    cwd: scratch,
  }
  try {
    return { code: await runInfer(args, io), out, asked }
  } finally {
    await services.close()
  }
}

const reportOf = ({ out }: Ended): InferReport => InferReport.parse(JSON.parse(out[0] ?? ''))
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()

test('each slice that a reader drew is run, centred on the lesion', async () => {
  const ended = await infer('ct', '--lidc-xml', 'readings.xml', '--samples', '5', '--seed', '7')
  expect(ended.code).toBe(0)
  expect(ended.asked.map(({ target }) => target)).toEqual(
    [1, 2].map((sliceIndex) => ({
      kind: 'series',
      seriesUid: SERIES.seriesUid,
      sliceIndex,
      column: 65,
      row: 55,
      structureId: 'nodule-1',
    })),
  )
  const report = reportOf(ended)
  expect(report.run).toMatchObject({
    samples: 5,
    seed: 7,
    draws: 'even',
    command: 'margin infer ct --lidc-xml readings.xml --samples 5 --seed 7 --draws even',
  })
  expect(report.targets[0]?.readings).toEqual([
    { id: 'nodule-1-A', voxels: 162, empty: false },
    { id: 'nodule-1-B', voxels: 0, empty: true },
  ])
  // Areas of squares of side 1 to 4 at 0.25 mm² a pixel: 0.25, 1, 2.25, 4; the empty sample has none.
  expect(report.targets[0]?.sizes.areaMm2?.median).toBeCloseTo(1.625)
})

test('the same line twice gives the same bytes in every file, and the report names them all', async () => {
  const first = await infer('ct', '--lidc-xml', 'ct/readings.xml', '--samples', '30', '--out', 'first')
  const second = await infer('ct', '--lidc-xml', 'ct/readings.xml', '--samples', '30', '--out', 'second')
  expect(second.out).toEqual(first.out)
  const files = filesBelow(join(scratch, 'first'))
  expect(filesBelow(join(scratch, 'second'))).toEqual(files)
  for (const file of files) {
    const [a, b] = ['first', 'second'].map((folder) => readFileSync(join(scratch, folder, file)))
    expect(Buffer.compare(a ?? Buffer.of(1), b ?? Buffer.of(2)), file).toBe(0)
  }
  const report = reportOf(first)
  expect(files.filter((file) => file !== 'report.json')).toEqual(report.files)
  expect(JSON.parse(readFileSync(join(scratch, 'first', 'report.json'), 'utf8'))).toEqual(report)
})

test('the segmentations of a zipped series are those of its folder', async () => {
  const ct = join(scratch, 'ct')
  const files = readdirSync(ct).map((name) => [name, new Uint8Array(readFileSync(join(ct, name)))] as const)
  writeFileSync(join(scratch, 'packed.zip'), zipSync(Object.fromEntries(files)))
  const ended = await infer('packed.zip', '--lidc-xml', 'ct/readings.xml', '--samples', '30', '--out', 'zip')
  expect(ended.code).toBe(0)
  const written = filesBelow(join(scratch, 'zip', 'seg'))
  expect(written).toEqual(filesBelow(join(scratch, 'first', 'seg')))
  expect(written.length).toBeGreaterThan(0)
  for (const file of written) {
    const [zipped, plain] = ['zip', 'first'].map((name) => readFileSync(join(scratch, name, 'seg', file)))
    expect(zipped, file).toEqual(plain)
  }
})

test('the segmentation of the median lies on the source where the sample lay', () => {
  const bytes = new Uint8Array(readFileSync(join(scratch, 'first', 'seg', 'nodule-1-median.dcm')))
  const read = readSegmentationFrames(bytes)
  if (!read.ok) throw new Error(read.refusal.reason)
  expect([read.value.rows, read.value.columns]).toEqual([SIZE_PX, SIZE_PX])
  expect(read.value.frames.map((frame) => frame.sopInstanceUid)).toEqual(['2.25.103.1', '2.25.103.2'])
  for (const { pixels } of read.value.frames) {
    const ones = [...pixels.keys()].filter((at) => pixels[at] === 1)
    const side = Math.sqrt(ones.length)
    // The crop begins at (65 - 16, 55 - 16), the square in it at (10, 13).
    const expected = Array.from({ length: side * side }, (_unused, at) => {
      const row = 55 - 16 + 13 + Math.floor(at / side)
      return row * SIZE_PX + 65 - 16 + 10 + (at % side)
    })
    expect(ones).toEqual(expected)
  }
})

test('the sheet of masks holds each sample at its place, 0 or 255', async () => {
  const sheet = await sharp(join(scratch, 'first', 'masks', 'nodule-1-slice-003.png'))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([sheet.info.width, sheet.info.height]).toEqual([10 * GRID_PX, 3 * GRID_PX])
  for (const [sample, mask] of squares(30).entries()) {
    const found = mask.pixels.map((_pixel, at) => {
      const column = (sample % 10) * GRID_PX + (at % GRID_PX)
      const row = Math.floor(sample / 10) * GRID_PX + Math.floor(at / GRID_PX)
      return sheet.data[(row * sheet.info.width + column) * sheet.info.channels] ?? 0
    })
    expect(found).toEqual(mask.pixels.map((pixel) => pixel * 255))
  }
})

// Four slices, ascending to the head: the page counts them from there.
test('a point and a box name columns and rows from 0, slices as the page does', async () => {
  const at = await infer('ct', '--at', '40,50.5,1', '--samples', '1')
  expect(at.asked[0]?.target).toMatchObject({ column: 40, row: 50.5, sliceIndex: 3, structureId: null })
  expect(reportOf(at).targets[0]).toMatchObject({
    sizesSliceNumber: 1,
    slices: [{ sliceIndex: 3, sliceNumber: 1, sopInstanceUid: '2.25.103.3' }],
  })
  const box = await infer('ct', '--box', '40,50,51,60,4', '--samples', '1')
  expect(box.asked[0]?.target).toMatchObject({ column: 45.5, row: 55, sliceIndex: 0 })
})

test.each([
  [['ct', '--at', '40,50,5'], 'no slice 5'],
  [['ct', '--at', '130,50,1'], 'outside the image'],
  [['ct', '--box', '0,0,60,60,1'], 'crop has 32 × 32'],
  [['ct', '--lidc-xml', 'nothing.xml'], 'no file nothing.xml'],
  [['ct', '--series', '2.25.999', '--at', '1,1,1'], '2.25.999'],
  [['absent', '--at', '1,1,1'], ''],
])('%j is refused with words', async (args, words) => {
  const ended = await infer(...args)
  expect(ended.code).toBe(1)
  expect(ended.out.join('')).toContain('"refusal"')
  expect(ended.out.join('')).toContain(words)
})

test.each([
  [[]],
  [['ct']],
  [['ct', 'more', '--at', '1,1,1']],
  [['ct', '--at', '1,1']],
  [['ct', '--at', '1,1,1.5']],
  [['ct', '--at', '-1,1,1']],
  [['ct', '--at', '1,1,0']],
  [['ct', '--at', '1,1,1', '--box', '1,1,2,2,1']],
  [['ct', '--box', '5,5,1,1,1']],
  [['ct', '--at', '1,1,1', '--samples', '0']],
  [['ct', '--at', '1,1,1', '--seed', '1.5']],
  [['eye/eye.png', '--at', '1,1,1']],
])('%j is wrong usage', async (args) => {
  await expect(infer(...args)).rejects.toSatisfy(isUsageError)
})

test('two CT series leave a choice open', async () => {
  writeSeries(join(scratch, 'two', 'a'), '2.25.201')
  writeSeries(join(scratch, 'two', 'b'), '2.25.202')
  const ended = await infer('two', '--at', '1,1,1')
  expect(ended.code).toBe(1)
  expect(ended.out[0]).toContain('2.25.201, 2.25.202')
  expect((await infer('two', '--series', '2.25.202', '--at', '1,1,1', '--samples', '1')).code).toBe(0)
})

test('a photograph needs no place and is compared with the masks beside it', async () => {
  const ended = await infer('eye/eye.png', '--samples', '12', '--out', 'eye-out')
  const report = reportOf(ended)
  expect(report.targets[0]?.readings).toEqual([{ id: 'vessels-A', voxels: 2400, empty: false }])
  expect(report.files).toContain('overlays/vessels-map.png')
  expect(report.files.some((file) => file.startsWith('seg/'))).toBe(false)
  // Without spacing no size is in mm.
  expect(Object.keys(report.targets[0]?.sizes ?? {}).some((name) => name.includes('Mm'))).toBe(false)
})

test('a model without uncertainty gives one outline, and report, figures and segmentations say so', async () => {
  const folder = join(scratch, 'alone')
  const asked = ['ct', '--at', '65,55,1', '--model', WITHOUT_UNCERTAINTY, '--samples', '40', '--out', folder]
  const ended = await infer(...asked)
  expect(ended.code).toBe(0)
  const { run, targets } = reportOf(ended)
  expect(run).toMatchObject({ samples: 1, uncertainty: 'none' })
  expect(run.command).toMatch(/--model one-outline --samples 1 --seed 1$/)
  // Nine by nine pixels of 0.25 mm².
  const alone = { median: 20.25, low95: null, high95: null, interval: 'none' }
  expect(targets[0]?.slices[0]?.sizes.areaMm2).toEqual(alone)
  expect(filesBelow(folder)).toEqual([
    'masks/column-65-row-55-slice-001.png',
    'overlays/column-65-row-55-slice-001.png',
    'report.json',
    'seg/column-65-row-55-outline.dcm',
  ])
  const photograph = join(scratch, 'alone-eye')
  await infer('eye/eye.png', '--model', WITHOUT_UNCERTAINTY, '--out', photograph)
  expect(filesBelow(photograph)).toEqual([
    'masks/vessels.png',
    'overlays/vessels-detail.png',
    'overlays/vessels-whole.png',
    'report.json',
  ])
})

test('two models are compared on the same targets, each run with its own line and its own files', async () => {
  const folder = join(scratch, 'two')
  const at = ['ct', '--at', '65,55,1', '--samples', '3', '--seed', '4', '--out', folder]
  const ended = await infer(...at, '--model', 'given', '--compare', WITHOUT_UNCERTAINTY)
  expect(ended.code).toBe(0)
  expect(ended.asked.map(({ modelId, seed }) => [modelId, seed])).toEqual([
    ['given', 4],
    [WITHOUT_UNCERTAINTY, 4],
  ])
  const report = JSON.parse(ended.out[0] ?? '') as Record<'run' | 'compared', { command: string }>
  expect(report.run.command).toMatch(/--model given --samples 3 --seed 4 --draws even$/)
  expect(InferReport.parse(report.compared).run.command).toMatch(/--model one-outline --samples 1 --seed 4$/)
  expect(ended.out[0]).toMatch(/no test of which is better/)
  const seg = ['1/seg/column-65-row-55-median.dcm', '2/seg/column-65-row-55-outline.dcm']
  expect(filesBelow(folder)).toEqual(expect.arrayContaining(seg))
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(report)
  const same = await infer(...at, '--compare', 'given')
  expect(same.code).toBe(1)
  expect(same.out[0]).toMatch(/Both runs would be of the model/)
  await expect(infer(...at, '--model', 'given', '--compare', 'given')).rejects.toSatisfy(isUsageError)
})
