import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { accept, refuse } from '../../../src/contract'
import type { DeviceName, DeviceReport, RunLine } from '../../../src/contract'
import { createDevices, deviceOrder, forcedDevice } from '../../../src/main/inference/process/devices'
import { compareLogits } from '../../../src/main/inference/process/golden-check'
import type { Inference } from '../../../src/main/inference/process/host'
import { createRuns } from '../../../src/main/inference/runs'
import { createModels } from '../../../src/main/registry/models'
import { SERIES, detailOf, libraryOf, notAsked } from '../made-up-library'

const on = (used: DeviceName): DeviceReport => ({ used, threads: 2, notUsed: [] })

/** An inference whose device gives way after the first chunk; each sample is a mask of one row, its index. */
function givingWay(): Inference {
  let asked = 0
  return {
    verify: () => Promise.resolve(accept(null)),
    chooseDevice: () => Promise.resolve(accept(on('webgpu'))),
    sample: (_, first, count) => {
      asked += 1
      const masks = new Uint8Array(count * 128)
      for (let sample = 0; sample < count; sample += 1)
        masks.fill(255, sample * 128 + 4 * first, sample * 128 + 4 * first + 4)
      const device = on(asked === 1 ? 'webgpu' : 'cpu')
      return Promise.resolve(
        accept({ device, encoderCached: false, masks, fields: new Int8Array(count * 1024).fill(-1) }),
      )
    },
    sampleAt: notAsked,
    tryDevices: notAsked,
    preparePhotograph: notAsked,
    report: () => Promise.resolve(refuse('inference-failed', 'no report in this test')),
    device: () => null,
    close: () => undefined,
  }
}

test('a run whose device gives way begins again on the next one, all samples from one device', async () => {
  const inference = givingWay()
  const runs = createRuns({
    library: libraryOf(detailOf({ row: 0.7, column: 0.7, slice: 2.5 })),
    readings: {
      importAnnotations: notAsked,
      of: () => null,
      fieldOfViewOf: () => Promise.resolve(null),
    },
    models: createModels({
      modelsDir: resolve(import.meta.dirname, '../../fixtures/tiny-model'),
      verify: inference.verify,
    }),
    inference,
    version: '0.1.0',
    nowMs: () => 0,
  })
  const lines: RunLine[] = []
  const target = {
    kind: 'series',
    seriesUid: SERIES,
    sliceIndex: 0,
    column: 41,
    row: 38,
    structureId: null,
  } as const
  const { signal } = new AbortController()
  for await (const line of runs.start({ target, modelId: null, samples: 16, seed: 1 }, signal))
    lines.push(line)
  const devices = lines.flatMap((line) => (line.kind === 'started' ? [line.run.device.used] : []))
  expect(devices).toEqual(['webgpu', 'cpu'])
  const restarted = lines.findIndex((line, at) => at > 0 && line.kind === 'started')
  const after = lines.slice(restarted)
  expect(after.flatMap((line) => (line.kind === 'samples' ? [line.firstIndex] : []))).toEqual([0, 8])
  const [again] = after
  expect(again?.kind === 'started' && again.warnings.map(({ code }) => code)).toContain('device-changed')
})

test('a device that fails its trial is struck off for all models; the processor is tried for each', async () => {
  const tried: string[] = []
  const devices = createDevices({ platform: 'linux', forced: null, threads: 2 })
  const trial = (model: string) => (device: DeviceName) => {
    tried.push(`${model} ${device}`)
    return Promise.resolve({ reason: device === 'cpu' ? '' : `${device} is not here` })
  }
  const first = await devices.choose('a', trial('a'))
  const second = await devices.choose('b', trial('b'))
  await devices.choose('a', trial('a'))
  expect(tried).toEqual(['a cuda', 'a webgpu', 'a cpu', 'b cpu'])
  expect(first).toEqual(second)
  expect(first.ok && first.value.notUsed).toEqual([
    { device: 'cuda', reason: 'cuda is not here' },
    { device: 'webgpu', reason: 'webgpu is not here' },
  ])
})

test('a device struck off during a run is told as not used afterwards', async () => {
  const devices = createDevices({ platform: 'darwin', forced: null, threads: 2 })
  const trial = (): Promise<{ reason: string }> => Promise.resolve({ reason: '' })
  expect(await devices.choose('a', trial)).toMatchObject({ value: { used: 'coreml', notUsed: [] } })
  devices.strike('coreml', 'it crashed')
  expect(await devices.choose('a', trial)).toMatchObject({
    value: { used: 'webgpu', notUsed: [{ device: 'coreml', reason: 'it crashed' }] },
  })
})

test('the order of devices is that of the system, TensorRT only when asked for', () => {
  expect(deviceOrder('linux', null)).toEqual(['cuda', 'webgpu', 'cpu'])
  expect(deviceOrder('win32', null)).toEqual(['dml', 'webgpu', 'cpu'])
  expect(deviceOrder('darwin', null)).toEqual(['coreml', 'webgpu', 'cpu'])
  expect(deviceOrder('linux', 'tensorrt')).toEqual(['tensorrt'])
})

test('MARGIN_DEVICE names a device or is refused', () => {
  expect(forcedDevice({ MARGIN_DEVICE: 'cpu' })).toEqual({ ok: true, value: 'cpu' })
  expect(forcedDevice({})).toEqual({ ok: true, value: null })
  expect(forcedDevice({ MARGIN_DEVICE: 'gpu' })).toMatchObject({
    ok: false,
    refusal: { code: 'request-invalid' },
  })
})

test('logits agree within the tolerance or say by how much they do not', () => {
  const expected = Float32Array.of(1, -2, 0)
  expect(compareLogits(Float32Array.of(1, -2, 0.5), expected, 0.5)).toEqual({ worst: 0.5, reason: '' })
  expect(compareLogits(Float32Array.of(1, -2, 0.75), expected, 0.5).reason).toContain('0.750')
  expect(compareLogits(Float32Array.of(1, Number.NaN, 0), expected, 0.5).reason).toContain('not numbers')
  expect(compareLogits(Float32Array.of(1), expected, 0.5).reason).toContain('1 logits, not 3')
})
