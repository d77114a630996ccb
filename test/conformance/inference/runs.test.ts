import { mkdtempSync, rmSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { FIELD_SCALE, RunLine } from '../../../src/contract'
import type { AnnotationSummary, ReadingSet, RunRequest, SeriesDetail, Warning } from '../../../src/contract'
import { fromBase64 } from '../../../src/core/image/base64'
import type { Mask } from '../../../src/core/image/mask'
import { countPixels, unpackMask } from '../../../src/core/image/mask'
import { placesOfSamples } from '../../../src/core/sampling/latent-draw'
import { createInference } from '../../../src/main/inference/process/host'
import { createRuns } from '../../../src/main/inference/runs'
import { createModels } from '../../../src/main/registry/models'
import type { RunService } from '../../../src/main/inference/run-service'
import { bundle } from '../../bundle'
import { IMAGE, SERIES, detailOf, libraryOf, notAsked, readingSet } from '../made-up-library'

const TINY = resolve(import.meta.dirname, '../../fixtures/tiny-model')

let childPath = ''
const opened: RunService[] = []
const scratch: string[] = []

beforeAll(async () => {
  childPath = await bundle('src/main/inference/process/child.ts', 'inference-runs')
})

afterEach(async () => {
  for (const runs of opened.splice(0)) await runs.close()
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true })
})

interface Setting {
  readonly detail?: SeriesDetail
  readonly readings?: ReadingSet | null
  readonly fieldOfView?: Mask | null
  readonly modelsDir?: string
  /** What lies beside the pictures. */
  readonly annotations?: readonly AnnotationSummary[]
  /** Of the photograph. */
  readonly warnings?: readonly Warning[]
}

function runsWith({
  detail = detailOf({ row: 0.7, column: 0.7, slice: 2.5 }),
  readings = null,
  fieldOfView = null,
  modelsDir = TINY,
  annotations = [],
  warnings = [],
}: Setting = {}): RunService {
  const library = libraryOf(detail, warnings)
  const nowMs = (): number => performance.now()
  const inference = createInference({ childPath, platform: 'linux', forcedDevice: 'cpu', nowMs })
  const runs = createRuns({
    library: { ...library, current: () => ({ ...library.current(), annotations: [...annotations] }) },
    readings: {
      importAnnotations: notAsked,
      of: ({ kind }) => (kind === 'series' ? readings : null),
      fieldOfViewOf: () => Promise.resolve(fieldOfView),
    },
    models: createModels({ modelsDir, verify: inference.verify }),
    inference,
    version: '0.1.0',
    nowMs,
  })
  opened.push(runs)
  return runs
}

const onSeries = (change: Partial<RunRequest> = {}): RunRequest => ({
  target: { kind: 'series', seriesUid: SERIES, sliceIndex: 0, column: 41, row: 38, structureId: null },
  modelId: null,
  samples: 20,
  seed: 1,
  ...change,
})

async function linesOf(runs: RunService, request: RunRequest): Promise<RunLine[]> {
  const lines: RunLine[] = []
  for await (const line of runs.start(request, new AbortController().signal)) lines.push(RunLine.parse(line))
  return lines
}

type Line<K extends RunLine['kind']> = Extract<RunLine, { readonly kind: K }>

function lineOf<K extends RunLine['kind']>(lines: readonly RunLine[], kind: K): Line<K> {
  const line = lines.find((candidate): candidate is Line<K> => candidate.kind === kind)
  if (line === undefined) throw new Error(`no line ${kind} in ${JSON.stringify(lines).slice(0, 400)}`)
  return line
}

const masksOf = (lines: readonly RunLine[]): string[] =>
  lines.flatMap((line) => (line.kind === 'samples' ? [line.masks] : []))

test('a run on a slice: started, samples chunk by chunk, then the report', async () => {
  const lines = await linesOf(runsWith(), onSeries())
  expect(lines.map((line) => line.kind)).toEqual(['started', 'samples', 'samples', 'samples', 'done'])
  const started = lineOf(lines, 'started')
  expect(started.grid).toEqual({
    widthPx: 32,
    heightPx: 32,
    originColumn: 25,
    originRow: 22,
    columnStep: 1,
    rowStep: 1,
  })
  expect(started.run).toMatchObject({ model: 'tiny-ct', samples: 20, seed: 1, draws: 'independent' })
  expect(started.run.device.used).toBe('cpu')
  expect(started.run.command).toBe(
    "margin infer '/data/case 1' --series 1.2.3 --at 41,38,1 --model tiny-ct --samples 20 --seed 1 --draws independent",
  )
  const { report } = lineOf(lines, 'done')
  // The disc has 149 pixels of 0.49 mm2; the tiny model smooths it and moves its edge.
  expect(report.sizes.areaMm2?.median).toBeGreaterThan(149 * 0.49 * 0.4)
  expect(report.sizes.areaMm2?.median).toBeLessThan(149 * 0.49 * 2)
  expect(report.sizes.areaPx).toBeUndefined()
  expect(report.agreement).toBeNull()
  expect(report.sopInstanceUid).toBe('1.2.3.4')
})

test('the same seed gives the same bytes, from the cached encoder too, and another name', async () => {
  const runs = runsWith()
  const first = await linesOf(runs, onSeries())
  const second = await linesOf(runs, onSeries())
  expect(masksOf(second)).toEqual(masksOf(first))
  expect(masksOf(await linesOf(runs, onSeries({ seed: 2 })))).not.toEqual(masksOf(first))
  expect([lineOf(first, 'done').encoderCached, lineOf(second, 'done').encoderCached]).toEqual([false, true])
  expect(lineOf(second, 'started').run.runId).not.toBe(lineOf(first, 'started').run.runId)
})

/** The tiny packages, which know nothing of even draws, with directions: those of CT swap the first two entries. */
async function evenModels(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'margin-even-'))
  scratch.push(folder)
  await cp(TINY, folder, { recursive: true })
  const swap = [
    [0, 1, 0],
    [1, 0, 0],
    [0, 0, 1],
  ]
  const path = join(folder, 'tiny-ct', 'manifest.json')
  const manifest: unknown = JSON.parse(await readFile(path, 'utf8'))
  const even = { formatVersion: 2, draws: { kind: 'even', directions: swap } }
  await writeFile(path, JSON.stringify(Object.assign({}, manifest, even)))
  return folder
}

test.each(['even', 'independent'] as const)(
  'the outline at the place where a sample lies is that sample, bit for bit (%s draws)',
  async (draws) => {
    const modelsDir = await evenModels()
    const runs = runsWith({ modelsDir })
    const request = onSeries({ samples: 6, seed: 11, draws })
    const { masks } = lineOf(await linesOf(runs, request), 'samples')
    const directions = [
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]
    const { target, modelId } = request
    for (const [sample, place] of placesOfSamples(11, draws, directions, 3, 6).entries()) {
      // Within what the page's pad holds.
      if (place.some((sd) => Math.abs(sd) > 3)) continue
      const answer = await runs.latent.outlineAt({ target, modelId, place: [...place] })
      if (!answer.ok) throw new Error(answer.refusal.reason)
      const drawn = unpackMask(fromBase64(masks), 32, 32, sample * 128).pixels
      const field = new Int8Array(fromBase64(answer.value.field))
      expect([...field].map((value) => Number(value > 0))).toEqual([...drawn])
      expect(answer.value.areaPx).toBe(drawn.reduce((sum, pixel) => sum + pixel, 0))
    }
  },
)

test('directions are told with what they do, the one that moves the outline most first; no latent has none', async () => {
  const runs = runsWith({ modelsDir: await evenModels() })
  const { target, modelId } = onSeries()
  const told = await runs.latent.directions({ target, modelId })
  if (!told.ok) throw new Error(told.refusal.reason)
  const changes = told.value.directions.map(({ outlineChange }) => outlineChange)
  expect(changes).toEqual(changes.toSorted((a, b) => b - a))
  expect(told.value.directions.map(({ direction }) => direction).toSorted()).toEqual([0, 1, 2])
  for (const one of told.value.directions) {
    const sides = [-1, 1].map(async (sd) => {
      const place = [0, 1, 2].map((at) => (at === one.direction ? sd : 0))
      const answer = await runs.latent.outlineAt({ target, modelId, place })
      return answer.ok ? answer.value.areaPx : null
    })
    expect(await Promise.all(sides)).toEqual([one.areaBelowPx, one.areaAbovePx])
  }
  const tooMany = await runs.latent.outlineAt({ target, modelId, place: [0, 0, 0, 0] })
  expect(tooMany).toMatchObject({ ok: false, refusal: { code: 'request-invalid' } })
})

test('a package with directions draws evenly unless it is asked otherwise, and says how', async () => {
  const runs = runsWith({ modelsDir: await evenModels() })
  const byRule = await linesOf(runs, onSeries())
  expect(lineOf(byRule, 'started').run.draws).toBe('even')
  expect(lineOf(byRule, 'started').run.command).toMatch(/--samples 20 --seed 1 --draws even$/)
  expect(masksOf(await linesOf(runs, onSeries({ draws: 'even' })))).toEqual(masksOf(byRule))
  const independent = await linesOf(runs, onSeries({ draws: 'independent' }))
  expect(lineOf(independent, 'started').run.draws).toBe('independent')
  expect(masksOf(independent)).not.toEqual(masksOf(byRule))
  // What was drawn before packages had directions is drawn again by its record, which says nothing of draws.
  expect(masksOf(independent)).toEqual(masksOf(await linesOf(runsWith(), onSeries())))
})

test('even draws: sample k is the same in a run of 1, of 20 and of 1,000, and for seeds beyond 32 bits', async () => {
  const runs = runsWith({ modelsDir: await evenModels() })
  const bytesOf = async (change: Partial<RunRequest>): Promise<Uint8Array> =>
    Buffer.concat(masksOf(await linesOf(runs, onSeries(change))).map((text) => fromBase64(text)))
  const twenty = await bytesOf({})
  expect((await bytesOf({ samples: 1000 })).subarray(0, twenty.length)).toEqual(twenty)
  expect(await bytesOf({ samples: 1 })).toEqual(twenty.subarray(0, twenty.length / 20))
  expect(await bytesOf({ seed: 2 ** 32 + 1 })).not.toEqual(twenty)
})

test('even draws that a package does not have are refused, naming it and the way out', async () => {
  const [line] = await linesOf(runsWith(), onSeries({ draws: 'even' }))
  expect(line).toMatchObject({
    kind: 'refused',
    refusal: {
      code: 'request-invalid',
      reason: 'The model "tiny-ct" cannot draw evenly: its package has no directions.',
    },
  })
})

test('sample k does not depend on how many are drawn', async () => {
  const runs = runsWith()
  const few = Buffer.concat(
    masksOf(await linesOf(runs, onSeries({ samples: 5 }))).map((text) => fromBase64(text)),
  )
  const many = Buffer.concat(
    masksOf(await linesOf(runs, onSeries({ samples: 13 }))).map((text) => fromBase64(text)),
  )
  expect(many.subarray(0, few.length)).toEqual(few)
})

test('fields are positive exactly where masks are set, and let go with their run', async () => {
  const runs = runsWith()
  const lines = await linesOf(runs, onSeries())
  const { runId } = lineOf(lines, 'started').run
  const masks = Buffer.concat(masksOf(lines).map((text) => fromBase64(text)))
  const fields = runs.fields(runId, 3, 10)
  if (!fields.ok) throw new Error(fields.refusal.reason)
  const values = new Int8Array(fields.value.buffer, fields.value.byteOffset, fields.value.length)
  for (let sample = 0; sample < 10; sample += 1) {
    const mask = unpackMask(masks, 32, 32, (3 + sample) * 128)
    mask.pixels.forEach((pixel, at) => {
      const value = values[sample * 1024 + at] ?? 0
      expect(value > 0).toBe(pixel === 1)
      expect(Math.abs(value)).toBeGreaterThanOrEqual(1)
    })
  }
  expect(FIELD_SCALE).toBe(16)
  const beyond = runs.fields(runId, 15, 6)
  expect(beyond.ok ? '' : beyond.refusal.code).toBe('request-invalid')
  const unknown = runs.fields('gone', 0, 1)
  expect(unknown.ok ? '' : unknown.refusal.code).toBe('not-found')
})

test('readers of the slice are compared, an empty reading among them', async () => {
  const lines = await linesOf(runsWith({ readings: readingSet() }), onSeries())
  const { agreement } = lineOf(lines, 'done').report
  expect(agreement?.readers.map(({ letter, empty }) => [letter, empty])).toEqual([
    ['A', false],
    ['B', true],
  ])
  expect(agreement?.ged).toBeGreaterThan(0)
  expect(agreement?.ged).toBeLessThan(2)
})

test('readers that drew nothing near the crop are left out', async () => {
  const far = onSeries({
    target: { kind: 'series', seriesUid: SERIES, sliceIndex: 0, column: 5, row: 75, structureId: null },
  })
  const lines = await linesOf(runsWith({ readings: readingSet() }), far)
  expect(lineOf(lines, 'done').report.agreement).toBeNull()
  expect(lineOf(lines, 'done').report.warnings.map(({ code }) => code)).toContain('crop-at-border')
})

test('without spacing there is no millimetre, and a warning says so', async () => {
  const { report } = lineOf(await linesOf(runsWith({ detail: detailOf(null) }), onSeries()), 'done')
  expect(Object.keys(report.sizes).filter((key) => key.includes('Mm'))).toEqual([])
  expect(report.sizes.areaPx?.median).toBeGreaterThan(0)
  expect(report.pixelSpacingMm).toBeNull()
  expect(report.warnings.map(({ code }) => code)).toContain('spacing-unknown')
})

test('a spacing that the model has not learned from is told', async () => {
  const detail = detailOf({ row: 2, column: 2, slice: 2.5 })
  const lines = await linesOf(runsWith({ detail }), onSeries())
  expect(lineOf(lines, 'started').warnings.map(({ code }) => code)).toEqual(['scope-spacing'])
})

test('no model runs on a photograph that is almost black, unless that is asked for', async () => {
  const about = { code: 'picture-black', text: 'The picture is almost black.' }
  const onPhotograph = onSeries({ target: { kind: 'image', imageId: IMAGE } })
  const refused = await linesOf(runsWith({ warnings: [about] }), onPhotograph)
  expect(refused).toMatchObject([{ kind: 'refused', refusal: { code: 'picture-black' } }])
  const asked = await linesOf(runsWith({ warnings: [about] }), { ...onPhotograph, evenBlack: true })
  expect(lineOf(asked, 'started').run.command).toContain('--even-black')
})

test('a run on a photograph: its grid is the photograph scaled, its field of view is kept', async () => {
  const lines = await linesOf(runsWith(), onSeries({ target: { kind: 'image', imageId: IMAGE } }))
  const started = lineOf(lines, 'started')
  // 132 x 110 at a height of 44: step 2.5, the first pixel's centre at (2.5 - 1) / 2.
  expect(started.grid).toEqual({
    widthPx: 53,
    heightPx: 44,
    originColumn: (132 / 53 - 1) / 2,
    originRow: 0.75,
    columnStep: 132 / 53,
    rowStep: 2.5,
  })
  expect(started.run.command).toBe(
    `margin infer '/data/eye'\\''s/left eye.png' --model tiny-fundus --samples 20 --seed 1 --draws independent`,
  )
  const field = unpackMask(fromBase64(started.fieldOfView ?? ''), 53, 44)
  expect(countPixels(field) / (53 * 44)).toBeCloseTo((Math.PI * 50 ** 2) / (132 * 110), 1)
  for (const text of masksOf(lines)) {
    const bytes = fromBase64(text)
    for (let sample = 0; sample * 292 < bytes.length; sample += 1) {
      const { pixels } = unpackMask(bytes, 53, 44, sample * 292)
      expect(pixels.some((pixel, at) => pixel === 1 && field.pixels[at] === 0)).toBe(false)
    }
  }
  const { report } = lineOf(lines, 'done')
  expect(report.sizes.shareOfField?.median).toBeGreaterThan(0)
  expect(report.sizes.areaMm2).toBeUndefined()
  expect(report.warnings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['field-of-view-found', 'spacing-unknown']),
  )
})

test('a field of view that lies beside a photograph and cannot be used is named', async () => {
  const beside: AnnotationSummary = {
    annotationId: 'fov',
    path: 'eye/left eye_fov.png',
    kind: 'field-of-view',
    seriesUid: null,
    imageId: IMAGE,
    note: '',
  }
  const request = onSeries({ target: { kind: 'image', imageId: IMAGE } })
  const unusedOf = async (setting: Setting): Promise<string> =>
    lineOf(await linesOf(runsWith(setting), request), 'done')
      .report.warnings.filter(({ code }) => code === 'field-of-view-unused')
      .map(({ text }) => text)
      .join()
  expect(await unusedOf({ annotations: [beside] })).toMatch(
    /^left eye_fov\.png beside this photograph is not used/,
  )
  expect(await unusedOf({})).toBe('')
})

test('a field of view that is given is used; one of another size is refused', async () => {
  const pixels = new Uint8Array(132 * 110).fill(1, 132 * 40, 132 * 80)
  const request = onSeries({ target: { kind: 'image', imageId: IMAGE } })
  const lines = await linesOf(runsWith({ fieldOfView: { widthPx: 132, heightPx: 110, pixels } }), request)
  expect(countPixels(unpackMask(fromBase64(lineOf(lines, 'started').fieldOfView ?? ''), 53, 44))).toBe(
    53 * 16,
  )
  const small = await linesOf(
    runsWith({ fieldOfView: { widthPx: 1, heightPx: 1, pixels: Uint8Array.of(1) } }),
    request,
  )
  expect(lineOf(small, 'refused').refusal.code).toBe('annotation-mismatch')
})

test('an aborted run ends with "cancelled" at the next chunk; what was drawn can still be outlined', async () => {
  const runs = runsWith()
  const abort = new AbortController()
  const lines: RunLine[] = []
  for await (const line of runs.start(onSeries({ samples: 1000 }), abort.signal)) {
    lines.push(line)
    if (line.kind === 'samples') abort.abort()
  }
  expect(lines.map((line) => line.kind)).toEqual(['started', 'samples', 'refused'])
  expect(lineOf(lines, 'refused').refusal.code).toBe('cancelled')
  const { runId } = lineOf(lines, 'started').run
  expect([runs.fields(runId, 0, 8).ok, runs.fields(runId, 1, 8).ok]).toEqual([true, false])
})

test.each([
  [
    'a series that is not open',
    onSeries({
      target: { kind: 'series', seriesUid: '9', sliceIndex: 0, column: 1, row: 1, structureId: null },
    }),
    {},
    'not-found',
  ],
  [
    'a photograph that is not open',
    onSeries({ target: { kind: 'image', imageId: 'other' } }),
    {},
    'not-found',
  ],
  [
    'a point outside the image',
    onSeries({
      target: { kind: 'series', seriesUid: SERIES, sliceIndex: 0, column: 90, row: 1, structureId: null },
    }),
    {},
    'request-invalid',
  ],
  ['a model that is not there', onSeries({ modelId: 'none' }), {}, 'model-missing'],
  ['a model for something else', onSeries({ modelId: 'tiny-fundus' }), {}, 'model-mismatch'],
  ['a series of another modality', onSeries(), { detail: detailOf(null, 'MR') }, 'model-mismatch'],
  ['no model at all', onSeries(), { modelsDir: '/nowhere' }, 'model-missing'],
] as const)('%s is refused', async (_, request, setting, code) => {
  const lines = await linesOf(runsWith(setting), request)
  expect(lines).toHaveLength(1)
  expect(lineOf(lines, 'refused').refusal.code).toBe(code)
})
