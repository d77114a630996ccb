import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ModelInput } from '../../../src/core/sampling/model-input'
import { createInference } from '../../../src/main/inference/process/host'
import type { Inference, InferenceOptions } from '../../../src/main/inference/process/host'
import { launchByFork } from '../../../src/main/processes/launch'
import type { ChildPort, Launch } from '../../../src/main/processes/launch'
import type { SampleJob } from '../../../src/main/inference/process/remote-engine'
import { readPackage } from '../../../src/main/registry/package'
import type { ModelPackage } from '../../../src/main/registry/package'
import { bundle } from '../../bundle'

const TINY = resolve(import.meta.dirname, '../../fixtures/tiny-model/tiny-ct')
const FUNDUS = resolve(import.meta.dirname, '../../fixtures/tiny-model/tiny-fundus')

let childPath = ''
const opened: Inference[] = []

beforeAll(async () => {
  childPath = await bundle('src/main/inference/process/child.ts', 'inference')
})

afterEach(() => {
  for (const inference of opened.splice(0)) inference.close()
})

function inferenceWith(options: Partial<InferenceOptions> = {}): Inference {
  const nowMs = (): number => performance.now()
  const inference = createInference({ childPath, platform: 'linux', forcedDevice: 'cpu', nowMs, ...options })
  opened.push(inference)
  return inference
}

async function packageAt(directory: string): Promise<ModelPackage> {
  const read = (await readPackage(directory)).package
  if (!read.ok) throw new Error(read.refusal.reason)
  return read.value
}

/** The golden input of a package as a run's input; `rows` of it are the grid, the rest padding. */
function jobOf(model: ModelPackage, seed: number, rows = model.golden.heightPx): SampleJob {
  const { channels, heightPx, widthPx, input: values } = model.golden
  const grid = { widthPx, heightPx: rows, originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1 }
  const input: ModelInput = { values, channels, heightPx, widthPx, grid, fieldOfView: null, warnings: [] }
  return {
    model,
    input,
    inputKey: createHash('sha256').update(values).digest('hex'),
    noise: { seed, directions: null },
  }
}

async function draw(
  inference: Inference,
  job: SampleJob,
  chunks: readonly number[],
): Promise<{ masks: Buffer; fields: Buffer }> {
  const masks: Uint8Array[] = []
  const fields: Uint8Array[] = []
  let first = 0
  for (const count of chunks) {
    const chunk = await inference.sample(job, first, count)
    if (!chunk.ok) throw new Error(chunk.refusal.reason)
    masks.push(chunk.value.masks)
    fields.push(new Uint8Array(chunk.value.fields))
    first += count
  }
  return { masks: Buffer.concat(masks), fields: Buffer.concat(fields) }
}

/** A launch whose processes can be reached, to do them harm. */
function launchWatched(): { launch: Launch; ports: ChildPort[] } {
  const ports: ChildPort[] = []
  const fork = launchByFork()
  return {
    ports,
    launch: (path) => {
      const port = fork(path)
      ports.push(port)
      return port
    },
  }
}

describe.each([
  ['tiny-ct', TINY],
  ['tiny-fundus', FUNDUS],
])('package %s', (_, directory) => {
  test('passes the check against its manifest and its golden run from Python', async () => {
    expect(await inferenceWith().verify(await packageAt(directory))).toEqual({ ok: true, value: null })
  })

  test('samples are the same bytes in any chunking and in strips of rows', async () => {
    const model = await packageAt(directory)
    const inference = inferenceWith()
    const whole = await draw(inference, jobOf(model, 7), [24])
    for (const chunks of [[1, 2, 3, 18], [8, 8, 8], Array.from({ length: 24 }, () => 1)]) {
      expect(await draw(inference, jobOf(model, 7), chunks)).toEqual(whole)
    }
    const manifest = { ...model.manifest, samplerHint: { chunk: 8, stripRows: 5 } }
    const stripped = { ...model, manifest, sha256: `${model.sha256} in strips` }
    expect(await draw(inference, jobOf(stripped, 7), [8, 16])).toEqual(whole)
  })

  test('one seed gives one set of samples in two processes, another seed another', async () => {
    const model = await packageAt(directory)
    const first = await draw(inferenceWith(), jobOf(model, 3), [8, 8])
    expect(await draw(inferenceWith(), jobOf(model, 3), [16])).toEqual(first)
    expect(await draw(inferenceWith(), jobOf(model, 4), [16])).not.toEqual(first)
  })

  test('a mask is where the golden logits from Python are positive, and its field has that sign', async () => {
    const model = await packageAt(directory)
    const { golden } = model
    const pixels = golden.heightPx * golden.widthPx
    const { masks, fields } = await draw(inferenceWith(), jobOf(model, golden.seed), [golden.samples])
    golden.logits.forEach((logit, index) => {
      const sample = Math.floor(index / pixels)
      const at = index % pixels
      const byte = masks[sample * Math.ceil(pixels / 8) + (at >> 3)] ?? 0
      const set = ((byte >> (7 - (at & 7))) & 1) === 1
      const field = fields.readInt8(index)
      expect(field > 0).toBe(set)
      if (Math.abs(logit) > golden.tolerance.logitAbs) expect(set).toBe(logit > 0)
      expect(
        Math.abs(Math.abs(field) - Math.min(Math.max(Math.abs(logit) * 16, 1), 127)),
      ).toBeLessThanOrEqual(0.51)
    })
  })
})

test('what lies beyond the grid is dropped and what lies outside the field of view is background', async () => {
  const model = await packageAt(TINY)
  const inference = inferenceWith()
  const whole = await draw(inference, jobOf(model, 5), [4])
  const cut = jobOf(model, 5, 20)
  const kept = await draw(inference, cut, [4])
  for (let sample = 0; sample < 4; sample += 1) {
    expect(kept.fields.subarray(sample * 640, (sample + 1) * 640)).toEqual(
      whole.fields.subarray(sample * 1024, sample * 1024 + 640),
    )
  }
  const pixels = Uint8Array.from({ length: 640 }, (_, index) => (index % 32 < 16 ? 1 : 0))
  const half = { ...cut, input: { ...cut.input, fieldOfView: { widthPx: 32, heightPx: 20, pixels } } }
  const seen = await draw(inference, half, [4])
  seen.fields.forEach((_, index) => {
    const field = seen.fields.readInt8(index)
    if (index % 32 >= 16) expect(field).toBeLessThan(0)
    else expect(field).toBe(kept.fields.readInt8(index))
  })
})

test('a second run on the same image takes the encoder from the cache', async () => {
  const inference = inferenceWith()
  const job = jobOf(await packageAt(TINY), 1)
  const first = await inference.sample(job, 0, 4)
  const second = await inference.sample({ ...job, noise: { seed: 2, directions: null } }, 0, 4)
  expect([first.ok && first.value.encoderCached, second.ok && second.value.encoderCached]).toEqual([
    false,
    true,
  ])
})

test('a process killed between chunks is started anew and the samples go on as if nothing had been', async () => {
  const model = await packageAt(TINY)
  const expected = await draw(inferenceWith(), jobOf(model, 9), [16])
  const { launch, ports } = launchWatched()
  const inference = inferenceWith({ launch })
  const before = await draw(inference, jobOf(model, 9), [8])
  ports[0]?.kill()
  const after = await inference.sample(jobOf(model, 9), 8, 8)
  expect(ports).toHaveLength(2)
  expect(Buffer.concat([before.masks, after.ok ? after.value.masks : new Uint8Array(0)])).toEqual(
    expected.masks,
  )
})

test('a process that dies while it draws is asked once more; when it dies again the run is refused', async () => {
  const model = await packageAt(TINY)
  const { launch, ports } = launchWatched()
  let deaths = 0
  const inference = inferenceWith({
    launch: (path) => {
      const port = launch(path)
      return {
        ...port,
        send: (message) => {
          const kind = (message as { kind: string }).kind
          if (kind !== 'sample' || deaths === 0) {
            port.send(message)
            return
          }
          // The tiny model would answer before the signal comes: the process dies with the question on its way.
          deaths -= 1
          port.kill()
        },
      }
    },
  })
  expect((await inference.chooseDevice(model)).ok).toBe(true)
  deaths = 1
  expect((await inference.sample(jobOf(model, 1), 0, 4)).ok).toBe(true)
  expect(ports).toHaveLength(2)
  deaths = 2
  const refused = await inference.sample(jobOf(model, 1), 4, 4)
  expect(refused.ok ? '' : refused.refusal.code).toBe('device-failed')
})

test('a process that does not answer within its limit is killed, and the run refused', async () => {
  const model = await packageAt(TINY)
  let silent = false
  const { launch } = launchWatched()
  const inference = inferenceWith({
    timeLimitsMs: { open: 20_000, encode: 300, sample: 20_000, compute: 20_000 },
    launch: (path) => {
      const port = launch(path)
      const send = (message: unknown): void => {
        if (!silent) port.send(message)
      }
      return { ...port, send }
    },
  })
  expect((await inference.chooseDevice(model)).ok).toBe(true)
  silent = true
  const refused = await inference.sample(jobOf(model, 1), 0, 1)
  expect(refused.ok ? '' : refused.refusal.reason).toContain('No answer to "encode" within 0.3 s')
})

test('devices that cannot run are passed over with their reason, and the processor is used', async () => {
  const chosen = await inferenceWith({ forcedDevice: null }).chooseDevice(await packageAt(TINY))
  if (!chosen.ok) throw new Error(chosen.refusal.reason)
  expect(chosen.value.notUsed[0]?.device).toBe('cuda')
  expect(chosen.value.notUsed.every(({ reason }) => reason.length > 0)).toBe(true)
  expect(['webgpu', 'cpu']).toContain(chosen.value.used)
})

test('a device that is forced and cannot run is refused, never replaced', async () => {
  const chosen = await inferenceWith({ forcedDevice: 'tensorrt' }).chooseDevice(await packageAt(TINY))
  expect(chosen.ok ? '' : chosen.refusal.code).toBe('device-failed')
})

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json'
const softwareGpu = existsSync(swiftshader) && existsSync('/usr/lib/chromium/libvulkan.so.1')

test.skipIf(!softwareGpu)(
  `webgpu on Chromium's software driver agrees with the golden run${softwareGpu ? '' : ' (skipped: no Debian chromium here)'}`,
  { timeout: 240_000 },
  async () => {
    const environment = {
      ...process.env,
      VK_ICD_FILENAMES: swiftshader,
      LD_LIBRARY_PATH: '/usr/lib/chromium',
      XDG_RUNTIME_DIR: join(childPath, '..'),
    }
    const inference = inferenceWith({ forcedDevice: 'webgpu', launch: launchByFork(environment) })
    const model = await packageAt(TINY)
    const chosen = await inference.chooseDevice(model)
    expect(chosen).toMatchObject({ ok: true, value: { used: 'webgpu' } })
    const drawn = await inference.sample(jobOf(model, model.golden.seed), 0, model.golden.samples)
    const onProcessor = await draw(inferenceWith(), jobOf(model, model.golden.seed), [model.golden.samples])
    expect(drawn.ok && Buffer.from(drawn.value.masks)).toEqual(onProcessor.masks)
  },
)
