import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accept, type InstalledModel } from '../../../src/contract'
import { createInference } from '../../../src/main/inference/process/host'
import type { Inference } from '../../../src/main/inference/process/host'
import { launchByFork } from '../../../src/main/processes/launch'
import { createModels } from '../../../src/main/registry/models'
import { bundle } from '../../bundle'
import {
  type OpenManifest,
  rewrite,
  identity,
  evenly,
  versionTwo,
  calibrated,
  patch,
  setWeight,
} from '../../fixtures/changed-package'

const TINY = resolve(import.meta.dirname, '../../fixtures/tiny-model')
const PACKAGE = 'tiny-ct'

let inference: Inference
let folder = ''

beforeAll(async () => {
  const childPath = await bundle('src/main/inference/process/child.ts', 'inference-registry')
  inference = createInference({
    childPath,
    platform: 'linux',
    forcedDevice: 'cpu',
    nowMs: () => performance.now(),
  })
  folder = await mkdtemp(join(tmpdir(), 'margin-registry-'))
})

afterAll(async () => {
  inference.close()
  await rm(folder, { recursive: true })
})

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A copy of a package with some of it changed, checked; `resign` brings the manifest's checksums in line. */
async function examine(
  name: string,
  damage: (directory: string) => Promise<void>,
  resign = false,
): Promise<InstalledModel> {
  const modelsDir = join(folder, name)
  const directory = join(modelsDir, PACKAGE)
  await cp(join(TINY, PACKAGE), directory, { recursive: true })
  await damage(directory)
  if (resign) {
    await rewrite(directory, async (manifest) => {
      for (const graph of ['encoder', 'sampler'] as const) {
        manifest.graphs[graph].sha256 = sha256(await readFile(join(directory, manifest.graphs[graph].file)))
      }
      manifest.golden.sha256 = sha256(await readFile(join(directory, manifest.golden.file)))
      manifest.golden.dataSha256 = sha256(await readFile(join(directory, manifest.golden.data)))
    })
  }
  const [model] = await createModels({ modelsDir, verify: inference.verify }).list()
  if (model === undefined) throw new Error('the package is not listed')
  return model
}

test('a sound package is ready, with its manifest and card', async () => {
  const model = await examine('sound', () => Promise.resolve())
  expect(model.refusal).toBeNull()
  expect(model.manifest?.id).toBe(PACKAGE)
  expect(model.card).toContain('Written for tests')
})

test('a package of format version 2 is ready with directions, and with independent draws', async () => {
  for (const draws of [evenly(identity(3)), { kind: 'independent' }]) {
    const model = await examine('version-two', (directory) => rewrite(directory, versionTwo(draws)))
    expect(model.refusal).toBeNull()
    expect(model.manifest?.draws).toEqual(draws)
  }
})

test('a folder without packages, or no folder, is no package', async () => {
  const modelsDir = join(folder, 'nowhere')
  expect(await createModels({ modelsDir, verify: inference.verify }).list()).toEqual([])
})

describe('a package is listed and refused, naming what is wrong', () => {
  const cases: [string, (directory: string) => Promise<void>, RegExp, boolean][] = [
    [
      'another sampler than the checksum says',
      (directory) => setWeight(join(directory, 'sampler.onnx'), 'last', 2),
      /sampler\.onnx is not the file of the manifest: its sha256/,
      false,
    ],
    [
      'a weight that is not a number',
      (directory) => setWeight(join(directory, 'sampler.onnx'), 'second', Number.NaN),
      /sampler\.onnx: the weight "second" holds values that are not numbers/,
      true,
    ],
    [
      'weights that give other logits',
      (directory) => setWeight(join(directory, 'encoder.onnx'), 'bias', 1),
      /the golden run differs by/,
      true,
    ],
    ['a missing file', (directory) => rm(join(directory, 'golden.bin')), /golden\.bin is missing/, false],
    [
      'an encoder input of another name',
      (directory) => patch(join(directory, 'encoder.onnx'), Buffer.from('image'), Buffer.from('imago')),
      /encoder/,
      true,
    ],
    [
      'a manifest that wants another input',
      (directory) =>
        rewrite(directory, (manifest) => {
          manifest.graphs.sampler.inputs = ['features', 'latent']
        }),
      /sampler inputs in the manifest are features, latent, not features, z/,
      false,
    ],
    [
      'another opset than the manifest says',
      (directory) =>
        rewrite(directory, (manifest) => {
          manifest.graphs.encoder.opset = 18
        }),
      /encoder\.onnx is of opset 17; the manifest says 18/,
      false,
    ],
    [
      'features of another width',
      (directory) =>
        rewrite(directory, (manifest) => {
          manifest.features.channels = 16
        }),
      /encoder output "features" has shape \[1, 8, H, W\], not \[1, 16, H, W\]/,
      false,
    ],
    [
      'a flow on the prior',
      (directory) =>
        rewrite(directory, (manifest) => {
          manifest.flow.where = 'prior'
        }),
      /flow on its prior/,
      false,
    ],
    [
      'a mixture for a prior',
      (directory) =>
        rewrite(directory, (manifest) => {
          manifest.prior = { kind: 'mixture', components: 4 }
        }),
      /mixture for its prior/,
      false,
    ],
    [
      'a file name that leads out of the package',
      (directory) =>
        rewrite(directory, (manifest) => {
          manifest.golden.data = '../golden.bin'
        }),
      /leads out of the package/,
      false,
    ],
    [
      'another name than its folder',
      (directory) =>
        rewrite(directory, (manifest) => {
          manifest.id = 'other'
        }),
      /names the package "other"/,
      false,
    ],
    [
      'even draws in a format version that has none',
      (directory) => rewrite(directory, (manifest) => void (manifest.draws = evenly(identity(3)))),
      /draws: format version 1 has none; even draws need version 2/,
      false,
    ],
    [
      'a format version that has draws, without them',
      (directory) => rewrite(directory, (manifest) => void (manifest.formatVersion = 2)),
      /draws: format version 2 says whether they are even or independent/,
      false,
    ],
    [
      'directions for another latent',
      (directory) => rewrite(directory, versionTwo(evenly(identity(6)))),
      /the directions of even draws are not 3 x 3 numbers/,
      false,
    ],
    [
      'directions that stretch',
      (directory) => rewrite(directory, versionTwo(evenly([[2, 0, 0], ...identity(3).slice(1)]))),
      /the directions of even draws are not orthonormal/,
      false,
    ],
    [
      'directions that differ between languages',
      (directory) => rewrite(directory, versionTwo(evenly([[1 - 2 ** -30, 0, 0], ...identity(3).slice(1)]))),
      /the directions of even draws are not multiples of 2\^-20/,
      false,
    ],
    [
      'a calibration that was fitted on another structure',
      (directory) => rewrite(directory, calibrated({})),
      /manifest\.json, calibration: its scope is not that of the package/,
      false,
    ],
    [
      'a calibration without its levels',
      (directory) => rewrite(directory, calibrated({ sizes: {} })),
      /manifest\.json, calibration\.sizes/,
      false,
    ],
    [
      'even draws without directions',
      (directory) => rewrite(directory, versionTwo({ kind: 'even' })),
      /manifest\.json, draws/,
      false,
    ],
    [
      'a manifest that is not JSON',
      (directory) => writeFile(join(directory, 'manifest.json'), '{'),
      /not JSON/,
      false,
    ],
    [
      'a manifest that breaks its schema',
      (directory) => writeFile(join(directory, 'manifest.json'), '{"formatVersion":"2"}'),
      /manifest\.json, formatVersion/,
      false,
    ],
    [
      'an encoder cut in half',
      async (directory) => {
        const path = join(directory, 'encoder.onnx')
        const bytes = await readFile(path)
        await writeFile(path, bytes.subarray(0, bytes.length / 2))
      },
      /encoder\.onnx is not a readable ONNX file/,
      true,
    ],
    [
      'an operator that draws its own numbers',
      (directory) =>
        patch(join(directory, 'sampler.onnx'), Buffer.from('MatMul'), Buffer.from('RandomX').subarray(0, 6)),
      /sampler\.onnx holds the operator Random/,
      true,
    ],
  ]
  /** Numbers that no graph of the package stands for. */
  const numbers: [string, (manifest: OpenManifest) => void, RegExp][] = [
    [
      'a crop of 20,000 px',
      ({ input }) => (input.sizePx = 20_000),
      /input\.sizePx is 20000, the golden run is of 32/,
    ],
    ['no size at all', ({ input }) => (input.sizePx = null), /one of the two/],
    ['a multiple beyond the size', ({ input }) => (input.multipleOf = 4096), /input\.multipleOf is 4096/],
    [
      'features without end',
      ({ features }) => (features.channels = 2 ** 30),
      /features take \d+ MiB|features/,
    ],
    ['a latent of another size', ({ latent }) => (latent.dimension = 4), /latent dimension/],
    [
      'a million samples at once',
      ({ samplerHint }) => (samplerHint.chunk = 1e6),
      /samplerHint\.chunk is 1000000/,
    ],
    [
      'strips of a million rows',
      ({ samplerHint }) => (samplerHint.stripRows = 1e6),
      /samplerHint\.stripRows/,
    ],
    [
      'a context of a million px',
      ({ input }) => (input.intensity.contextPx = 1e6),
      /input\.intensity\.contextPx is 1000000/,
    ],
    [
      'a context within the crop',
      ({ input }) => (input.intensity.contextPx = 8),
      /contextPx is 8, less than/,
    ],
    [
      'log variances without end',
      ({ latent }) => (latent.logVarianceRange = [-1e9, 1e9]),
      /logVarianceRange/,
    ],
    ['log variances upside down', ({ latent }) => (latent.logVarianceRange = [3, -7]), /logVarianceRange/],
    [
      'log variances of another encoder',
      ({ latent }) => (latent.logVarianceRange = [20, 30]),
      /the golden run gave/,
    ],
    ['a spacing upside down', ({ scope }) => (scope.spacingMm = [3, 1]), /scope\.spacingMm/],
  ]
  test.each(numbers)('%s', async (name, change, reason) => {
    const model = await examine(name, (directory) => rewrite(directory, change))
    expect(model.refusal?.code).toBe('model-refused')
    expect(model.refusal?.reason).toMatch(reason)
  })

  test.skipIf(process.platform === 'win32')(
    'a pipe in the place of any of its files keeps nobody waiting',
    async () => {
      for (const file of ['manifest.json', 'encoder.onnx', 'golden.json', 'golden.bin']) {
        const model = await examine(`pipe ${file}`, async (directory) => {
          await rm(join(directory, file))
          execFileSync('mkfifo', [join(directory, file)])
        })
        expect(model.refusal?.reason).toBe(`${file} is no ordinary file.`)
      }
      const card = await examine('pipe card', async (directory) => {
        await rm(join(directory, 'card.md'))
        execFileSync('mkfifo', [join(directory, 'card.md')])
      })
      expect(card).toMatchObject({ refusal: null, card: '' })
    },
  )

  test.each(cases)('%s', async (name, damage, reason, resign) => {
    const model = await examine(name, damage, resign)
    expect(model.refusal?.code).toBe('model-refused')
    expect(model.refusal?.reason).toMatch(reason)
  })
})

test('every byte of a graph that is changed leads to a refusal or to the same logits, never to a crash', async () => {
  const path = join(TINY, PACKAGE, 'sampler.onnx')
  const bytes = await readFile(path)
  for (let at = 0; at < bytes.length; at += 97) {
    const model = await examine(
      `byte-${at}`,
      async (directory) => {
        const damaged = Buffer.from(bytes)
        damaged.writeUInt8((damaged.readUInt8(at) + 0x80) % 256, at)
        await writeFile(join(directory, 'sampler.onnx'), damaged)
      },
      true,
    )
    expect(model.refusal === null || model.refusal.code === 'model-refused').toBe(true)
  }
})

const SHIPPED = [
  resolve(import.meta.dirname, '../../../models'),
  resolve(import.meta.dirname, '../../../build/models'),
]

test.each(SHIPPED)('every package under %s repeats the logits that Python gave', async (modelsDir) => {
  const names = existsSync(modelsDir) ? await readdir(modelsDir) : []
  const models = await createModels({ modelsDir, verify: inference.verify }).list()
  expect(models).toHaveLength(names.filter((name) => !name.includes('.')).length)
  expect(models.filter((model) => model.refusal !== null)).toEqual([])
})

test('a process that is killed during the check refuses no package: it is checked again', async () => {
  const modelsDir = join(folder, 'killed')
  await cp(join(TINY, PACKAGE), join(modelsDir, PACKAGE), { recursive: true })
  const childPath = await bundle('src/main/inference/process/child.ts', 'inference-registry')
  const launch = launchByFork()
  let kills = 0
  const inferenceKilled = (times: number): Inference =>
    createInference({
      ...{ childPath, platform: 'linux', forcedDevice: 'cpu', nowMs: () => performance.now() },
      launch: (path) => {
        const port = launch(path)
        const isKilled = kills < times
        kills += 1
        return { ...port, send: isKilled ? port.kill : port.send }
      },
    })
  const once = inferenceKilled(1)
  expect((await createModels({ modelsDir, verify: once.verify }).list())[0]?.refusal).toBeNull()
  once.close()
  kills = 0
  const often = inferenceKilled(2)
  const models = createModels({ modelsDir, verify: often.verify })
  expect((await models.list())[0]?.refusal?.code).toBe('device-failed')
  expect((await models.list())[0]?.refusal).toBeNull()
  often.close()
})

test('packages put beside the others, changed and taken away are seen without a restart, each checked once', async () => {
  const modelsDir = join(folder, 'while running')
  const place = (name: string): string => join(modelsDir, name)
  await cp(join(TINY, PACKAGE), place(PACKAGE), { recursive: true })
  const checked: string[] = []
  const models = createModels({
    modelsDir,
    verify: (model) => {
      checked.push(model.manifest.id)
      return Promise.resolve(accept(null))
    },
  })
  const ids = async (): Promise<readonly string[]> => (await models.list()).map(({ id }) => id)
  expect(await Promise.all([ids(), ids()])).toEqual([[PACKAGE], [PACKAGE]])
  await cp(join(TINY, 'tiny-fundus'), place('tiny-fundus'), { recursive: true })
  expect((await ids()).toSorted()).toEqual([PACKAGE, 'tiny-fundus'])
  expect(checked).toEqual([PACKAGE, 'tiny-fundus'])
  await writeFile(join(place('tiny-fundus'), 'sampler.onnx'), 'no graph')
  const changed = (await models.list()).find(({ id }) => id === 'tiny-fundus')
  expect(changed?.refusal).toMatchObject({ code: 'model-refused', path: join('tiny-fundus', 'sampler.onnx') })
  await rm(place(PACKAGE), { recursive: true })
  expect(await ids()).toEqual(['tiny-fundus'])
  expect(checked).toEqual([PACKAGE, 'tiny-fundus'])
})
