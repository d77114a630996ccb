import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { strToU8, unzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuse, RunLine } from '../../../src/contract'
import type { Rater, Result } from '../../../src/contract'
import { createInference } from '../../../src/main/inference/process/host'
import type { Inference } from '../../../src/main/inference/process/host'
import { createRuns } from '../../../src/main/inference/runs'
import { createLibrary } from '../../../src/main/library/library'
import { createModels } from '../../../src/main/registry/models'
import type { ModelService } from '../../../src/main/registry/model-service'
import { createVersions } from '../../../src/main/registry/versions'
import { createPackages, type Packages } from '../../../src/main/training/packages'
import { trainingFolder, writeWhole } from '../../../src/main/training/training-folder'
import { bundle } from '../../bundle'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { SERIES, detailOf, libraryOf, notAsked, readingSet } from '../made-up-library'

/** A model goes out as a file and comes in elsewhere as what it was, or not at all. */

const root = mkdtempSync(join(tmpdir(), 'margin-packages-'))
const tiny = resolve(import.meta.dirname, '../../fixtures/tiny-model')
const shipped = resolve(import.meta.dirname, '../../../models/lidc-unet')
let inference: Inference

interface Place {
  readonly packages: Packages
  readonly models: ModelService
  readonly owner: Rater
  readonly modelsDir: string
  readonly folder: ReturnType<typeof trainingFolder>
  readonly acts: () => Promise<readonly string[]>
}

/** A workspace and the models that its program was shipped with. */
async function place(name: string, given: readonly string[]): Promise<Place> {
  const modelsDir = join(root, name, 'models')
  for (const directory of given)
    cpSync(directory, join(modelsDir, directory.split('/').at(-1) ?? ''), { recursive: true })
  const location = join(root, name, 'workspace')
  const folder = trainingFolder(location, root)
  const services = servicesOnDisk(location, createLibrary({ workerPath: null }), { accounts: false })
  const versions = createVersions(folder.models, writeWhole)
  const models = createModels({ modelsDir, versions, verify: inference.verify })
  const { store } = services.trainingGround
  const writeWorkerPath = null
  const packages = createPackages({
    ...{ store, folder, versions, models, writeWorkerPath, pid: process.pid, clock: () => Date.now() },
  })
  const owner = sound(await services.accounts.atDesk(null, true))
  const acts = async () => sound(await store.auditEntries(0, 100)).map(({ act }) => act)
  return { packages, models, owner, modelsDir, folder, acts }
}

const sound = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.reason}`)
  return result.value
}
const reasonOf = (result: Result<unknown>): string => (result.ok ? 'accepted' : result.refusal.reason)

/** Every mask that a model draws. */
async function drawnBy({ models }: Place, modelId: string): Promise<string> {
  const runs = createRuns({
    library: libraryOf(detailOf({ row: 0.7, column: 0.7, slice: 2.5 })),
    readings: {
      importAnnotations: notAsked,
      of: (subject) => (subject.kind === 'series' ? readingSet() : null),
      fieldOfViewOf: () => Promise.resolve(null),
    },
    ...{ models, inference, version: '0', nowMs: () => performance.now() },
  })
  const target = {
    kind: 'series',
    seriesUid: SERIES,
    sliceIndex: 0,
    column: 41,
    row: 38,
    structureId: null,
  } as const
  const masks: string[] = []
  const asked = { target, modelId, samples: 20, seed: 7 }
  for await (const line of runs.start(asked, new AbortController().signal)) {
    const read = RunLine.parse(line)
    if (read.kind === 'refused') throw new Error(read.refusal.reason)
    if (read.kind === 'samples') masks.push(read.masks)
  }
  expect(masks.length).toBeGreaterThan(0)
  return masks.join('\n')
}

let from: Place
let zip: Uint8Array

beforeAll(async () => {
  const childPath = await bundle('src/main/inference/process/child.ts', 'inference-packages')
  inference = createInference({
    childPath,
    platform: 'linux',
    forcedDevice: 'cpu',
    nowMs: () => performance.now(),
  })
  from = await place('from', [join(tiny, 'tiny-ct'), shipped])
  zip = sound(await from.packages.exportPackage(from.owner, 'tiny-ct')).bytes
})

afterAll(() => {
  inference.close()
  rmSync(root, { recursive: true, force: true })
})

describe('a package that goes round', () => {
  test('is the same bytes and draws the same samples; it is experimental, and both acts are in the log', async () => {
    const to = await place('round', [])
    const came = sound(await to.packages.importPackage(to.owner, zip))
    expect(came).toMatchObject({ model: { id: 'tiny-ct' }, wasInstalled: false, experimental: true })
    const [installed] = await to.models.list()
    expect(installed?.refusal).toBeNull()
    expect(installed?.standing).toMatchObject({ experimental: true, promotedAt: null })
    const again = sound(await to.packages.exportPackage(to.owner, 'tiny-ct'))
    expect(Buffer.compare(again.bytes, zip)).toBe(0)
    expect(await drawnBy(to, 'tiny-ct')).toBe(await drawnBy(from, 'tiny-ct'))
    expect(await to.acts()).toEqual(expect.arrayContaining(['brought-in-model', 'handed-out-model']))
    // Nothing that came in can be started, and nothing was left beside it.
    const files = readdirSync(join(to.folder.models, 'tiny-ct'))
    expect(
      files.every((name) => (statSync(join(to.folder.models, 'tiny-ct', name)).mode & 0o111) === 0),
    ).toBe(true)
    expect(readdirSync(to.folder.models).sort()).toEqual(['tiny-ct', 'tiny-ct.json'])
  })

  test('with its checkpoint, from a file, and twice: the second time nothing changes', async () => {
    const to = await place('twice', [])
    const { bytes, name } = sound(await from.packages.exportPackage(from.owner, 'lidc-unet'))
    const file = join(root, name)
    writeFileSync(file, bytes)
    // The program knows it by its manifest, so that it is no experiment.
    const came = { experimental: false, wasInstalled: false }
    expect(sound(await to.packages.importPackage(to.owner, file))).toMatchObject(came)
    expect(existsSync(join(to.folder.models, 'lidc-unet', 'checkpoint.safetensors'))).toBe(true)
    expect(sound(await to.packages.importPackage(to.owner, file))).toMatchObject({
      ...came,
      wasInstalled: true,
    })
    expect((await to.models.list()).map(({ id, standing }) => [id, standing])).toEqual([['lidc-unet', null]])
  })
})

/** The package with some of it changed, and its checksums brought in line where `sums`. */
function changed(change: (files: Record<string, Uint8Array>) => void, sums = false): Uint8Array {
  const files: Record<string, Uint8Array> = { ...unzipSync(zip) }
  change(files)
  if (sums) {
    const rows = Object.entries(files)
      .filter(([name]) => name !== 'SHA256SUMS')
      .map(([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`)
    files['SHA256SUMS'] = strToU8(rows.join(''))
  }
  return zipSync(files, { level: 0 })
}

function manifestWith(change: (manifest: Record<string, unknown>) => void) {
  return (files: Record<string, Uint8Array>): void => {
    const manifest = JSON.parse(Buffer.from(files['manifest.json'] ?? []).toString()) as Record<
      string,
      unknown
    >
    change(manifest)
    files['manifest.json'] = strToU8(JSON.stringify(manifest))
  }
}

const flip = (bytes: Uint8Array | undefined, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes ?? [])
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

const hostile: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
  [
    'one byte of a graph changed',
    () => changed((f) => (f['sampler.onnx'] = flip(f['sampler.onnx'], 99))),
    /sampler\.onnx is not the file of its checksum/,
  ],
  [
    'one byte of the card changed',
    () => changed((f) => (f['card.md'] = flip(f['card.md'], 3))),
    /card\.md is not the file of its checksum/,
  ],
  [
    'a graph changed and its checksum with it',
    () => changed((f) => (f['sampler.onnx'] = flip(f['sampler.onnx'], 99)), true),
    /sampler\.onnx is not the file of the manifest/,
  ],
  ['one byte of the archive changed', () => flip(zip, 5_000), /checksum: it was damaged/],
  [
    'a file too many',
    () => changed((f) => (f['run.sh'] = strToU8('#!/bin/sh\n')), true),
    /holds "run\.sh", which is no file of a package/,
  ],
  [
    'a folder too many',
    () => changed((f) => (f['more/card.md'] = strToU8('x')), true),
    /"more\/card\.md", which is no file/,
  ],
  ['a way out', () => changed((f) => (f['../card.md'] = strToU8('x')), true), /climbs out of the archive/],
  [
    'a way out from the root',
    () => changed((f) => (f['/tmp/card.md'] = strToU8('x')), true),
    /absolute path/,
  ],
  [
    'a name that leads out',
    () =>
      changed(
        manifestWith((m) => (m['id'] = '../elsewhere')),
        true,
      ),
    /does not name the package/,
  ],
  ['a file too few', () => changed((f) => delete f['golden.bin'], true), /golden\.bin is missing/],
  ['no checksums', () => changed((f) => delete f['SHA256SUMS']), /SHA256SUMS is missing/],
  [
    'a checksum too many',
    () =>
      changed(
        (f) =>
          (f['SHA256SUMS'] = strToU8(
            `${Buffer.from(f['SHA256SUMS'] ?? []).toString()}${'0'.repeat(64)}  more.bin\n`,
          )),
      ),
    /names files that are not there/,
  ],
  ['cut in the middle', () => zip.slice(0, zip.length >> 1), /is cut/],
  ['no archive', () => strToU8('MZ\u0090'), /is cut/],
  [
    'a version to come',
    () =>
      changed(
        manifestWith((m) => (m['formatVersion'] = 3)),
        true,
      ),
    /format version 3; this program reads 1 and 2/,
  ],
  [
    'a checkpoint that is a pickle',
    () => changed((f) => (f['checkpoint.safetensors'] = strToU8('\x80\x04}q\x00.aaaaaaaa')), true),
    /checkpoint\.safetensors is no safetensors file/,
  ],
  [
    'another golden run',
    () => changed((f) => (f['golden.bin'] = flip(f['golden.bin'], (f['golden.bin']?.length ?? 0) - 1)), true),
    /golden\.bin is not the file of the manifest/,
  ],
]

describe('a package that is not what it says', () => {
  let to: Place
  beforeAll(async () => {
    to = await place('hostile', [])
  })

  test.each(hostile)('%s: refused by a sentence, and nothing is left', async (_what, made, words) => {
    const refused = await to.packages.importPackage(to.owner, made())
    expect(refused.ok).toBe(false)
    expect(reasonOf(refused)).toMatch(words)
    expect(refused.ok ? '' : refused.refusal.next).toMatch(/\.$/)
    expect(existsSync(to.folder.models) ? readdirSync(to.folder.models) : []).toEqual([])
    expect(existsSync(join(root, 'hostile', 'card.md'))).toBe(false)
  })

  test('whose golden run gives other numbers on this computer is refused', async () => {
    const golden = changed((files) => {
      // The last logit, by far more than the tolerance; manifest and checksums say the same.
      const bytes = Uint8Array.from(files['golden.bin'] ?? [])
      new DataView(bytes.buffer).setFloat32(bytes.length - 4, 1e3, true)
      files['golden.bin'] = bytes
      manifestWith((manifest) => {
        const dataSha256 = createHash('sha256').update(bytes).digest('hex')
        manifest['golden'] = { ...(manifest['golden'] as object), dataSha256 }
      })(files)
    }, true)
    expect(reasonOf(await to.packages.importPackage(to.owner, golden))).toMatch(/the golden run differs by/)
    expect(readdirSync(to.folder.models)).toEqual([])
  })
})

test('a package of the same name and other bytes is refused by name, and what is there stays', async () => {
  const to = await place('same-name', [join(tiny, 'tiny-ct')])
  const other = changed((files) => (files['card.md'] = strToU8('# Another card\n')), true)
  expect(reasonOf(await to.packages.importPackage(to.owner, other))).toBe(
    'A model tiny-ct is installed, and the package holds other bytes.',
  )
  expect((await to.models.list()).map(({ id, card }) => [id, card.includes('Another')])).toEqual([
    ['tiny-ct', false],
  ])
})

test('what a killed import left is gone at the next; one that is under way elsewhere stays', async () => {
  const to = await place('killed', [])
  for (const pid of [2 ** 22 + 1, 1])
    mkdirSync(join(to.folder.models, `.importing-${pid}`, 'tiny-ct'), { recursive: true })
  expect(await to.models.list()).toEqual([])
  sound(await to.packages.importPackage(to.owner, zip))
  expect(readdirSync(to.folder.models).sort()).toEqual(['.importing-1', 'tiny-ct', 'tiny-ct.json'])
})

test('models go out and come in by the owner alone; one that is refused does not go out', async () => {
  const to = await place('owner', [])
  const reader: Rater = { ...to.owner, role: 'reader' }
  for (const asked of [to.packages.importPackage(reader, zip), to.packages.exportPackage(reader, 'tiny-ct')])
    expect((await asked).ok ? '' : reasonOf(await asked)).toMatch(/for the owner of this workspace/)
  cpSync(join(tiny, 'tiny-ct'), join(to.modelsDir, 'tiny-ct'), { recursive: true })
  writeFileSync(join(to.modelsDir, 'tiny-ct', 'sampler.onnx'), 'x')
  expect(reasonOf(await to.packages.exportPackage(to.owner, 'tiny-ct'))).toMatch(
    /sampler\.onnx is not the file/,
  )
  expect(await to.packages.exportPackage(to.owner, 'none')).toEqual(
    refuse('not-found', 'There is no model "none".', { next: 'margin models lists them.' }),
  )
})
