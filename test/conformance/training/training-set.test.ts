import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TrainingSet, accept, refuse } from '../../../src/contract'
import type { Rater, Result, SetRequest } from '../../../src/contract'
import { createLibrary } from '../../../src/main/library/library'
import { createModels } from '../../../src/main/registry/models'
import { createVersions } from '../../../src/main/registry/versions'
import { createTraining } from '../../../src/main/training/training'
import type { Training } from '../../../src/main/training/training'
import { trainingFolder, writeWhole } from '../../../src/main/training/training-folder'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { gesturesOf, outlineOf, writeClinic, writePatient } from '../../fixtures/simulated-clinic'
import type { ClinicPatient } from '../../fixtures/simulated-clinic'

/** Sets from committed readings of made-up CT: what is in them, who is held out, what is refused and in which words. */

const root = mkdtempSync(join(tmpdir(), 'margin-training-'))
const images = join(root, 'images')
const modelsDir = resolve(import.meta.dirname, '../../../models')
const folder = trainingFolder(join(root, 'workspace'), root)
const library = createLibrary({ workerPath: null })
const services = servicesOnDisk(join(root, 'workspace'), library, { accounts: false })
const versions = createVersions(folder.models, writeWhole)
const never = new AbortController().signal

const training: Training = createTraining({
  ...services.trainingGround,
  ...{ library, versions, folder },
  models: createModels({ modelsDir, versions, verify: () => Promise.resolve(accept(null)) }),
  fieldOfViewOf: () => Promise.resolve(null),
  preparePhotograph: () => Promise.resolve(refuse('inference-failed', 'no photographs here')),
  findWorker: () => Promise.resolve(refuse('not-found', 'no trainer here')),
  memory: () => ({ freeBytes: 4e9, threads: 1 }),
  pid: process.pid,
  clock: () => Date.now(),
  nowMs: () => performance.now(),
  randomKey: () => 'ab'.repeat(32),
})

const sound = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.reason}`)
  return result.value
}

const request: SetRequest = {
  ...{ name: 'Clinic', modelId: 'lidc-cflow-planar', modality: 'CT' },
  filter: { raters: [], panels: [], structures: [], status: 'committed', from: null, to: null },
}

async function open(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const place = sound(await library.addRoot(join(images, name)))
    sound(await library.scan([place], () => undefined, never))
  }
}

async function read(rater: Rater, patient: ClinicPatient, widerPx: number): Promise<void> {
  const subject = { kind: 'series', seriesUid: patient.seriesUid } as const
  const { attempt } = sound(await services.attempts.open(rater, { subject, blind: true, panelId: null }))
  const gestures = gesturesOf(patient, widerPx)
  for (const gesture of gestures) sound(await services.attempts.append(rater, attempt.attemptId, gesture))
  const commit = { expectedRevision: gestures.length, readingMs: 1000, slicesSeen: 5 }
  sound(await services.attempts.commit(rater, attempt.attemptId, commit))
}

let owner: Rater
let clinic: ClinicPatient[] = []

beforeAll(async () => {
  mkdirSync(images)
  clinic = writeClinic(images, 7)
  owner = sound(await services.accounts.atDesk(null, true))
  await open(clinic.slice(0, 6).map(({ patientId }) => patientId))
})

afterAll(async () => {
  await training.close()
  await services.closeWorkspace()
  await library.close()
  rmSync(root, { recursive: true, force: true })
})

test('without readings, and of one patient, it is said what is missing', async () => {
  const none = sound(await training.check(owner, request))
  expect(none.missing.map(({ text }) => text)).toEqual([
    'No reading fits: commit readings of open images first.',
  ])
  const [first] = clinic
  if (first === undefined) throw new Error('no patient')
  await read(owner, first, 0)
  const one = sound(await training.check(owner, request))
  expect(one.missing.map(({ code }) => code)).toEqual(['set-one-patient'])
  const frozen = await training.freeze(owner, request)
  expect(frozen.ok ? '' : frozen.refusal.reason).toMatch(/one patient/)
  expect(readdirSync(folder.sets)).toEqual([])
})

test('a frozen set holds what was read, as the network sees it, and names nobody', async () => {
  for (const patient of clinic.slice(1, 6)) await read(owner, patient, 2)
  const summary = sound(await training.freeze(owner, request))
  const place = join(folder.sets, summary.setId)
  const text = readFileSync(join(place, 'set.json'), 'utf8')
  const set = TrainingSet.parse(JSON.parse(text))
  expect(summary.counts).toMatchObject({
    patients: 6,
    heldOut: 2,
    train: 4,
    cases: 30,
    unmarked: 12,
    raters: 1,
  })
  for (const { patientId } of clinic) expect(text).not.toContain(patientId)
  for (const one of set.cases) {
    for (const { file, sha256 } of [one.input, ...one.readings.map(({ mask }) => mask)])
      expect(
        createHash('sha256')
          .update(readFileSync(join(place, file)))
          .digest('hex'),
      ).toBe(sha256)
    expect(readFileSync(join(place, one.input.file))).toHaveLength(4 * one.widthPx * one.heightPx)
  }
  // The nodules differ in size, so that a mask's pixels tell whose it is: each is in the set, whole.
  const marked = new Set(set.cases.flatMap(({ readings }) => readings.map(({ markedPx }) => markedPx)))
  for (const [index, patient] of clinic.slice(0, 6).entries())
    expect(marked).toContain(outlineOf(patient, 2, index === 0 ? 0 : 2)?.pixels.reduce((a, b) => a + b, 0))
})

test('who was held out stays so when patients come, and the same patient under another name is known', async () => {
  const sets = readdirSync(folder.sets)
  const before = TrainingSet.parse(
    JSON.parse(readFileSync(join(folder.sets, sets[0] ?? '', 'set.json'), 'utf8')),
  )
  const [last, first] = [clinic[6], clinic[0]]
  if (last === undefined || first === undefined) throw new Error('no patients')
  await open([last.patientId])
  await read(owner, last, 1)
  const summary = sound(await training.freeze(owner, request))
  const after = TrainingSet.parse(
    JSON.parse(readFileSync(join(folder.sets, summary.setId, 'set.json'), 'utf8')),
  )
  const partOf = (set: TrainingSet): Map<string, string> =>
    new Map(set.patients.map(({ patientId, part }) => [patientId, part]))
  for (const [patientId, part] of partOf(before)) expect(partOf(after).get(patientId)).toBe(part)
  expect(after.patients).toHaveLength(7)
})

test('the very images under another patient’s name are taken as one patient', async () => {
  const [first] = clinic
  if (first === undefined) throw new Error('no patient')
  const renamed = { ...first, patientId: 'OTHER-NAME', seriesUid: `${first.seriesUid}.9` }
  writePatient(join(images, renamed.patientId), renamed)
  await open([renamed.patientId])
  await read(owner, renamed, 0)
  const check = sound(await training.check(owner, request))
  expect(check.warnings.map(({ code }) => code)).toContain('same-pixels')
  expect(check.counts.patients).toBe(8)
})

test('nobody but the owner trains', async () => {
  const asked = await training.check({ ...owner, role: 'reader' }, request)
  expect(asked.ok ? '' : asked.refusal.code).toBe('not-allowed')
})
