import { createHash } from 'node:crypto'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Manifest, TrainingSet, accept, refuse } from '../../../src/contract'
import type { GateReport, Job, Rater, Result, ToWorker } from '../../../src/contract'
import { createLibrary } from '../../../src/main/library/library'
import { chooseModel } from '../../../src/main/inference/run-target'
import { createModels } from '../../../src/main/registry/models'
import { readPackage } from '../../../src/main/registry/package'
import { createVersions } from '../../../src/main/registry/versions'
import { promotedModels } from '../../../src/main/training/promotions'
import { createTraining } from '../../../src/main/training/training'
import { trainingFolder, writeWhole } from '../../../src/main/training/training-folder'
import type { StartWorker } from '../../../src/main/training/worker'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { gesturesOf, writeClinic } from '../../fixtures/simulated-clinic'

/** From a candidate to its promotion and back, with a worker that copies its parent and says what it was told to say. */

const root = mkdtempSync(join(tmpdir(), 'margin-promotion-'))
const modelsDir = resolve(import.meta.dirname, '../../../models')
const parentId = 'lidc-cflow-planar'
const folder = trainingFolder(join(root, 'workspace'), root)
const library = createLibrary({ workerPath: null })
const services = servicesOnDisk(join(root, 'workspace'), library, { accounts: false })
const versions = createVersions(folder.models, writeWhole)
const models = promotedModels(
  createModels({ modelsDir, versions, verify: () => Promise.resolve(accept(null)) }),
  versions,
  services.trainingGround.store,
)

let verdict: GateReport['verdict'] = 'improves'
let parentSha256 = ''
const heard: ToWorker[] = []

const figure = { value: 0.2, low: 0.1, high: 0.3 }
const nameOf = (id: string, sha256: string) => ({ id, version: '1.0.0', sha256 })
/** What the trainer says of a package: the hash of its manifest. */
const sha256At = (place: string): string =>
  createHash('sha256')
    .update(readFileSync(join(place, 'manifest.json')))
    .digest('hex')
const report = (candidate: string, sha256: string, judgedBefore: number): GateReport => ({
  ...{
    formatVersion: 1,
    setId: 'set-1',
    parent: nameOf(parentId, parentSha256),
    candidate: nameOf(candidate, sha256),
    seed: 1,
    samples: 96,
  },
  heldOut: { patients: 12, cases: 40, readings: 40 },
  ...{
    judgedBefore,
    confidence: 0.95,
    reference: null,
    power: { sdBetweenPatients: 0.03, detectable: 0.024 },
  },
  measures: [
    {
      measure: 'expectedGed',
      better: 'lower',
      parent: figure,
      candidate: figure,
      change: figure,
      byPatient: [],
    },
  ],
  ...{ checks: [], worst: [], verdict, words: `It ${verdict}.` },
})

const worker: StartWorker = (_command, ears) => ({
  send: (message) => {
    heard.push(message)
    if (message.type === 'start') {
      const made = join(message.folder, message.candidate.id)
      mkdirSync(message.folder, { recursive: true })
      cpSync(message.parent, made, { recursive: true })
      const manifest = Manifest.parse(JSON.parse(readFileSync(join(made, 'manifest.json'), 'utf8')))
      writeFileSync(
        join(made, 'manifest.json'),
        JSON.stringify({ ...manifest, ...message.candidate, parent: parentSha256 }),
      )
      const said = { steps: 1, seconds: 1, peakMemoryBytes: 1, notes: [] }
      ears.onMessage({ type: 'done', package: message.candidate.id, sha256: sha256At(made), ...said })
    } else if (message.type === 'judge') {
      ears.onMessage({
        type: 'gated',
        report: report(basename(message.candidate), sha256At(message.candidate), message.judgedBefore),
      })
    }
  },
  end: () => {
    ears.onExit('')
  },
  kill: () => {
    ears.onExit('killed')
  },
})

const training = createTraining({
  ...services.trainingGround,
  ...{ library, versions, folder, models },
  fieldOfViewOf: () => Promise.resolve(null),
  preparePhotograph: () => Promise.resolve(refuse('inference-failed', 'no photographs here')),
  findWorker: () => Promise.resolve(accept({ start: worker, words: 'a copy' })),
  memory: () => ({ freeBytes: 4e9, threads: 1 }),
  pid: process.pid,
  clock: () => Date.now(),
  nowMs: () => performance.now(),
  randomKey: () => 'cd'.repeat(32),
})

const sound = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.reason}`)
  return result.value
}

let owner: Rater

beforeAll(async () => {
  parentSha256 = sound((await readPackage(join(modelsDir, parentId))).package).sha256
  owner = sound(await services.accounts.atDesk(null, true))
  const clinic = writeClinic(join(root, 'images'), 3)
  const place = sound(await library.addRoot(join(root, 'images')))
  sound(await library.scan([place], () => undefined, new AbortController().signal))
  for (const patient of clinic) {
    const subject = { kind: 'series', seriesUid: patient.seriesUid } as const
    const { attempt } = sound(await services.attempts.open(owner, { subject, blind: true, panelId: null }))
    const gestures = gesturesOf(patient, 1)
    for (const gesture of gestures) sound(await services.attempts.append(owner, attempt.attemptId, gesture))
    const commit = { expectedRevision: gestures.length, readingMs: 1, slicesSeen: 5 }
    sound(await services.attempts.commit(owner, attempt.attemptId, commit))
  }
  const filter = {
    raters: [],
    panels: [],
    structures: [],
    status: 'committed',
    from: null,
    to: null,
  } as const
  const request = { name: 'Clinic', modelId: parentId, modality: 'CT', filter } as const
  sound(
    await training.freeze(owner, {
      ...request,
      filter: { ...filter, raters: [], panels: [], structures: [] },
    }),
  )
})

afterAll(async () => {
  await training.close()
  await services.closeWorkspace()
  await library.close()
  rmSync(root, { recursive: true, force: true })
})

async function until(jobId: string, state: Job['state']): Promise<Job> {
  for (;;) {
    const { job } = sound(await training.job(owner, jobId))
    if (job.state === state) return job
    if (job.state === 'failed') throw new Error(job.refusal?.reason)
    await wait(10)
  }
}

/** A candidate, trained and judged. */
async function judged(number: number, said: GateReport['verdict']): Promise<Job> {
  verdict = said
  const request = { setId: 'set-1', method: null, seed: 1, steps: null, seconds: null }
  const { jobId } = sound(await training.start(owner, request))
  expect(jobId).toBe(`job-${number}`)
  await until(jobId, 'trained')
  sound(await training.act(owner, jobId, 'judge'))
  return until(jobId, 'judged')
}

const chosen = async (): Promise<string> => sound(chooseModel(await models.list(), 'CT', null)).id
const promote = (id: string, sawWorst = true) => training.onVersion(owner, id, { act: 'promote', sawWorst })
const reasonOf = (result: Result<unknown>): string => (result.ok ? '' : result.refusal.reason)

test('a candidate that passed stands beside its parent until somebody who saw its worst cases promotes it, and goes back', async () => {
  const { candidate } = await judged(1, 'improves')
  const id = candidate?.id ?? ''
  expect(id).toBe(`${parentId}-t1`)
  expect(await chosen()).toBe(parentId)
  expect(sound(chooseModel(await models.list(), 'CT', id)).standing).toMatchObject({ experimental: true })
  expect(reasonOf(await promote(id, false))).toMatch(/worst cases/)
  expect(sound(await promote(id))).toMatchObject({ experimental: false, parent: { id: parentId } })
  expect(await chosen()).toBe(id)
  const ids = (await models.list()).map((one) => one.id)
  expect(ids.indexOf(id)).toBe(ids.indexOf(parentId) - 1)
  expect(reasonOf(await training.act(owner, 'job-1', 'discard'))).toMatch(/in use/)
  sound(await training.onVersion(owner, id, { act: 'roll-back', sawWorst: false }))
  expect(await chosen()).toBe(parentId)
  const acts = sound(await services.trainingGround.store.auditEntries(0, 10_000)).map(({ act }) => act)
  expect(acts.filter((act) => act.startsWith('training-'))).toEqual(
    ['split-key', 'patients', 'set', 'verdict', 'promote', 'roll-back'].map((kind) => `training-${kind}`),
  )
  expect(sound(await services.trainingGround.store.verifyAudit()).whole).toBe(true)
})

test('each verdict is told to the next one; what is no improvement is refused in the report’s words', async () => {
  for (const [number, said] of [
    [2, 'no-harm'],
    [3, 'worse'],
    [4, 'too-few'],
  ] as const) {
    const { candidate, gate } = await judged(number, said)
    expect(gate?.judgedBefore).toBe(number - 1)
    expect(reasonOf(await promote(candidate?.id ?? ''))).toContain(`It ${said}.`)
  }
  expect(await chosen()).toBe(parentId)
  const asked = heard.filter(({ type }) => type === 'judge')
  expect(asked.map((one) => (one.type === 'judge' ? one.judgedBefore : -1))).toEqual([0, 1, 2, 3])
})

test('a package that was changed after its verdict is refused by name', async () => {
  const { candidate } = await judged(5, 'improves')
  const id = candidate?.id ?? ''
  appendFileSync(join(folder.models, id, 'sampler.onnx'), 'x')
  expect(reasonOf(await promote(id))).toMatch(/sampler\.onnx/)
  expect(await chosen()).toBe(parentId)
})

const standingOf = async (id: string) => (await models.list()).find((one) => one.id === id)?.standing
const recordOf = async (id: string) => sound(await versions.of(id))

test('a record that was written by hand promotes nothing, and cannot be promoted by its own report', async () => {
  const { candidate } = await judged(6, 'no-harm')
  const id = candidate?.id ?? ''
  const honest = await recordOf(id)
  const forged = {
    ...report(id, honest.model.sha256, 0),
    words: 'It improves a lot.',
    verdict: 'improves' as const,
  }
  await versions.keep({
    ...honest,
    gate: forged,
    experimental: false,
    promotedAt: '2026-12-01T00:00:00.000Z',
  })
  expect(await chosen()).toBe(parentId)
  const said = {
    experimental: true,
    promotedAt: null,
    doubt: expect.stringMatching(/log of this workspace does not/) as string,
  }
  expect(await standingOf(id)).toMatchObject(said)
  expect(sound(await training.state(owner)).versions.find(({ model }) => model.id === id)).toMatchObject({
    ...{ experimental: true, promotedAt: null },
  })
  expect(reasonOf(await promote(id))).toMatch(/holds no verdict on .* by this report/)
  // Its verdict taken from another candidate, which may be promoted.
  const other = await recordOf(`${parentId}-t1`)
  await versions.keep({ ...honest, gate: other.gate, experimental: false, promotedAt: null })
  expect(reasonOf(await promote(id))).toMatch(/holds no verdict on/)
  expect(await chosen()).toBe(parentId)
})

test('a promotion stands while record and package are what was promoted, and falls with each of them', async () => {
  const { candidate } = await judged(7, 'improves')
  const id = candidate?.id ?? ''
  sound(await promote(id))
  const kept = await recordOf(id)
  expect(await chosen()).toBe(id)
  expect(await standingOf(id)).toMatchObject({ experimental: false, doubt: null })
  const gate = kept.gate === null ? null : { ...kept.gate, seed: 2 }
  const parent = kept.parent === null ? null : { ...kept.parent, id: 'retina-unet' }
  for (const changed of [{ gate }, { parent }, { promotedAt: '2027-01-01T00:00:00.000Z' }]) {
    await versions.keep({ ...kept, ...changed })
    expect(await chosen()).toBe(parentId)
    expect((await standingOf(id))?.doubt).toMatch(/not the one by which it was promoted/)
  }
  await versions.keep(kept)
  expect(await chosen()).toBe(id)
  // The calibration that was tested is not the one that lies there.
  const place = join(folder.models, id, 'manifest.json')
  const text = readFileSync(place, 'utf8')
  writeFileSync(place, text.replace('"minDiameterMm":3', '"minDiameterMm":1'))
  expect(await chosen()).toBe(parentId)
  expect((await standingOf(id))?.doubt).toMatch(/is not the one that was promoted/)
  writeFileSync(place, text)
  expect(await chosen()).toBe(id)
  sound(await training.onVersion(owner, id, { act: 'roll-back', sawWorst: false }))
  await versions.keep(kept)
  expect(await chosen()).toBe(parentId)
  expect((await standingOf(id))?.doubt).toMatch(/log of this workspace does not/)
})

test('a set whose file was damaged is not trained on', async () => {
  const path = join(folder.sets, 'set-1', 'set.json')
  const set = TrainingSet.parse(JSON.parse(readFileSync(path, 'utf8')))
  writeFileSync(path, JSON.stringify({ ...set, cases: [] }))
  const request = { setId: 'set-1', method: null, seed: 1, steps: null, seconds: null }
  expect(reasonOf(await training.start(owner, request))).toMatch(/no training set/)
})
