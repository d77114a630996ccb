import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RunLine } from '../../../src/contract'
import type { RunRequest } from '../../../src/contract'
import { createInference } from '../../../src/main/inference/process/host'
import type { Inference } from '../../../src/main/inference/process/host'
import { createRuns } from '../../../src/main/inference/runs'
import { createModels } from '../../../src/main/registry/models'
import type { ModelService } from '../../../src/main/registry/model-service'
import type { RunService } from '../../../src/main/inference/run-service'
import { bundle } from '../../bundle'
import { SERIES, detailOf, libraryOf, notAsked, readingSet } from '../made-up-library'

/** A package without a latent beside one with a latent, through the real graphs in the real inference process. */

const FIXTURES = resolve(import.meta.dirname, '../../fixtures')

let folder = ''

/** A package under another name: its manifest says the same as its folder. */
async function copyAs(fixture: string, id: string): Promise<void> {
  const directory = join(folder, id)
  await cp(join(FIXTURES, fixture), directory, { recursive: true })
  const path = join(directory, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  await writeFile(path, JSON.stringify({ ...manifest, id }))
}
let inference: Inference
let models: ModelService
let runs: RunService

beforeAll(async () => {
  const childPath = await bundle('src/main/inference/process/child.ts', 'inference-one-outline')
  folder = await mkdtemp(join(tmpdir(), 'margin-one-outline-'))
  // By name the U-Net comes first: the order of preference is not that of names.
  await copyAs(join('tiny-unet', 'tiny-unet-ct'), 'a-unet')
  await cp(join(FIXTURES, 'tiny-model', 'tiny-ct'), join(folder, 'tiny-ct'), { recursive: true })
  await cp(join(FIXTURES, 'tiny-unet', 'tiny-unet-fundus'), join(folder, 'broken'), { recursive: true })
  const nowMs = (): number => performance.now()
  inference = createInference({ childPath, platform: 'linux', forcedDevice: 'cpu', nowMs })
  models = createModels({ modelsDir: folder, verify: inference.verify })
  runs = createRuns({
    library: libraryOf(detailOf({ row: 0.7, column: 0.7, slice: 2.5 })),
    readings: {
      importAnnotations: notAsked,
      of: (subject) => (subject.kind === 'series' ? readingSet() : null),
      fieldOfViewOf: () => Promise.resolve(null),
    },
    models,
    inference,
    version: '0.1.0',
    nowMs,
  })
})

afterAll(async () => {
  await runs.close()
  await rm(folder, { recursive: true })
})

async function linesOf(change: Partial<RunRequest>): Promise<RunLine[]> {
  const request: RunRequest = {
    target: { kind: 'series', seriesUid: SERIES, sliceIndex: 0, column: 41, row: 38, structureId: null },
    modelId: 'a-unet',
    samples: 20,
    seed: 1,
    ...change,
  }
  const lines: RunLine[] = []
  for await (const line of runs.start(request, new AbortController().signal)) lines.push(RunLine.parse(line))
  return lines
}

function partsOf(lines: readonly RunLine[]) {
  const [started, samples, done, ...more] = lines
  if (started?.kind !== 'started' || samples?.kind !== 'samples' || done?.kind !== 'done' || more.length > 0)
    throw new Error(JSON.stringify(lines).slice(0, 300))
  return { run: started.run, grid: started.grid, samples, report: done.report }
}

test('one outline comes, whatever was asked for, and the record says so', async () => {
  const { run, grid, samples, report } = partsOf(await linesOf({}))
  expect(run).toMatchObject({ model: 'a-unet', uncertainty: 'none', samples: 1 })
  expect(run.command).toMatch(/ --model a-unet --samples 1 --seed 1$/)
  expect(samples.count).toBe(1)
  expect(report.sampleCount).toBe(1)
  // The crop is that of this package, not of its neighbour.
  expect([grid.widthPx, grid.heightPx]).toEqual([40, 40])
  const { areaMm2 } = report.sizes
  expect(areaMm2).toMatchObject({ low95: null, high95: null, interval: 'none' })
  expect(areaMm2?.median).toBeGreaterThan(0)
  expect(areaMm2?.values).toEqual([areaMm2?.median])
  expect(report.agreement?.sampleSample).toBe(0)
  expect(report.agreement?.readers.map(({ dice }) => [dice.low95, dice.high95])).toEqual(
    report.agreement?.readers.map(() => [null, null]),
  )
})

test('seed and count change nothing, and its field can be had', async () => {
  const first = partsOf(await linesOf({}))
  const other = partsOf(await linesOf({ seed: 99, samples: 1000 }))
  expect(other.samples.masks).toBe(first.samples.masks)
  expect(runs.fields(other.run.runId, 0, 1).ok).toBe(true)
  expect(runs.fields(other.run.runId, 0, 2).ok).toBe(false)
})

test('where no model is named, one that knows its spread is used', async () => {
  const [started] = await linesOf({ modelId: null })
  expect(started).toMatchObject({
    kind: 'started',
    run: { model: 'tiny-ct', uncertainty: 'samples', samples: 20 },
  })
})

test('packages are listed by preference, the refused one with its reason, its next step and its size', async () => {
  const listed = await models.list()
  expect(listed.map(({ id }) => id)).toEqual(['tiny-ct', 'a-unet', 'broken'])
  const refused = listed[2]
  expect(refused?.refusal?.reason).toMatch(/its folder another/)
  expect(refused?.refusal?.next).toMatch(/[Ii]nstall/)
  expect(listed.every(({ sizeBytes }) => sizeBytes > 5000)).toBe(true)
})
