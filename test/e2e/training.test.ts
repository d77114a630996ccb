import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AttemptDetail, InstalledModel, JobDetail, RunLine, TrainingState } from '../../src/contract'
import { z } from 'zod'
import { gesturesOf, writeClinic } from '../fixtures/simulated-clinic'
import type { ClinicPatient } from '../fixtures/simulated-clinic'
import { pythonHas } from '../python'
import { accessibilityViolations } from './visit/accessible'
import { ask } from './visit/ask'
import { visit } from './visit/launch'
import type { Visit } from './visit/launch'

/**
 * A reader who draws three pixels wider than the border, on thirty-six made-up patients: the set is frozen, a model is
 * trained on it and watched, judged, promoted, seen in the picture, and taken back.
 */

const canTrain = pythonHas('torch', 'onnx', 'safetensors')
if (!canTrain) console.log('training skips: the trainer’s Python is not set up')

const PATIENTS = 36
const WIDER_PX = 3
const TRAINED_MS = 600_000
const root = mkdtempSync(join(tmpdir(), 'margin-clinic-'))
const clinic = writeClinic(root, PATIENTS)
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

async function read(page: Page, index: number): Promise<void> {
  const patient = clinic[index]
  if (patient === undefined) throw new Error('no patient')
  const subject = { kind: 'series', seriesUid: patient.seriesUid }
  const opened = await ask(page, 'attempts', { subject, blind: true, panelId: null })
  const { attempt } = AttemptDetail.parse(JSON.parse(opened.text))
  const gestures = gesturesOf(patient, WIDER_PX)
  for (const gesture of gestures)
    expect((await ask(page, `attempts/${attempt.attemptId}/entries`, gesture)).text).toContain('revision')
  const commit = { expectedRevision: gestures.length, readingMs: 20_000, slicesSeen: 5 }
  expect((await ask(page, `attempts/${attempt.attemptId}/commit`, commit)).status).toBe(200)
}

const stateOf = async (page: Page): Promise<TrainingState> =>
  TrainingState.parse(JSON.parse((await ask(page, 'training')).text))
const preferred = async (page: Page): Promise<string | undefined> =>
  z
    .array(InstalledModel)
    .parse(JSON.parse((await ask(page, 'models')).text))
    .find(({ manifest, refusal }) => manifest?.modality === 'CT' && refusal === null)?.id

/** Mean area that the samples mark around a patient's nodule, and which model drew them. */
async function areaOf(
  page: Page,
  { seriesUid, centre }: ClinicPatient,
  modelId: string | null,
): Promise<{ readonly model: string; readonly areaPx: number; readonly warnings: readonly string[] }> {
  const place = { column: Math.round(centre.column), row: Math.round(centre.row), sliceIndex: 2 }
  const target = { kind: 'series', seriesUid, structureId: null, ...place }
  const { text } = await ask(page, 'runs', { target, modelId, samples: 32, seed: 1 })
  let model = ''
  let markedPx = 0
  let warnings: string[] = []
  for (const each of text.trim().split('\n')) {
    const line = RunLine.parse(JSON.parse(each))
    if (line.kind === 'started') {
      model = line.run.model
      warnings = line.warnings.map(({ code }) => code)
    }
    if (line.kind === 'samples')
      for (const byte of Buffer.from(line.masks, 'base64'))
        markedPx += byte.toString(2).replaceAll('0', '').length
  }
  return { model, areaPx: markedPx / 32, warnings }
}

describe.skipIf(!canTrain)('training on one’s own readings', () => {
  let visited: Visit
  beforeAll(async () => {
    visited = await visit({
      args: [root],
      widthPx: 1440,
      heightPx: 900,
    })
    await visited.page.getByText('CLINIC-1', { exact: true }).first().waitFor({ timeout: 60_000 })
    for (const index of clinic.keys()) await read(visited.page, index)
  }, 180_000)
  afterAll(async () => {
    await visited.close()
  })

  test('a set is tried out and frozen; who is held out is said', async () => {
    const { page } = visited
    await page.getByRole('button', { name: 'Train', exact: true }).click()
    await page.getByLabel('Name of the set').fill('Nodules, generous reader')
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByText('24 train, 12 held out').waitFor({ timeout: 60_000 })
    await page.getByText('No case has a second reader').waitFor()
    await visited.shoot('train-set')
    expect(await accessibilityViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Freeze the set' }).click()
    await page.getByText('Train on the newest set.').waitFor({ timeout: 60_000 })
    expect((await stateOf(page)).sets.map(({ counts }) => counts.heldOut)).toEqual([12])
  }, 180_000)

  test('the training is watched and its candidate stands beside the model as experimental', async () => {
    const { page } = visited
    const before = await preferred(page)
    await page.getByLabel('Steps').fill('120')
    await page.getByRole('button', { name: /^Train on / }).click()
    await page.getByRole('heading', { name: /^Training 1, training/ }).waitFor({ timeout: 60_000 })
    await page.getByText(/last sign of life/).waitFor({ timeout: 60_000 })
    await page.getByRole('img', { name: /^Loss: \d/ }).waitFor({ timeout: TRAINED_MS })
    await visited.shoot('train-watch')
    await page
      .getByRole('heading', { name: 'Training 1, trained, not judged' })
      .waitFor({ timeout: TRAINED_MS })
    const { job, lines } = JobDetail.parse(JSON.parse((await ask(page, 'training/jobs/job-1')).text))
    expect(job.candidate?.id).toBe('lidc-cflow-planar-t1')
    expect(lines.map(({ line }) => line.type)).toContain('preview')
    await page.getByText('Before and after').waitFor()
    expect(await preferred(page)).toBe(before)
    await visited.shoot('train-trained')
    expect(await accessibilityViolations(page)).toEqual([])
  }, 1_300_000)

  test('it is judged on patients that it never saw, draws wider, and is used by default only if the report allows it', async () => {
    const { page } = visited
    const patient = clinic[0]
    if (patient === undefined) throw new Error('no patient')
    const before = await preferred(page)
    await page.getByRole('button', { name: 'Judge on the held-out patients' }).click()
    const gate = page.getByRole('complementary', { name: 'Gate report' })
    await gate.getByRole('heading', { name: 'Gate report, training 1' }).waitFor({ timeout: TRAINED_MS })
    const { versions } = await stateOf(page)
    const report = versions.find(({ model }) => model.id === 'lidc-cflow-planar-t1')?.gate
    const ged = report?.measures.find(({ measure }) => measure === 'expectedGed')
    expect(report?.heldOut.patients).toBe(12)
    // The reader draws wider than the model by three pixels: what learned from that is nearer to those never seen.
    expect(ged?.change.high).toBeLessThan(0)
    await visited.shoot('train-gate')
    expect(await accessibilityViolations(page)).toEqual([])
    const [old, tried] = [
      await areaOf(page, patient, before ?? ''),
      await areaOf(page, patient, 'lidc-cflow-planar-t1'),
    ]
    expect(tried.areaPx).toBeGreaterThan(1.15 * old.areaPx)
    expect(tried.warnings).toContain('model-experimental')
    const promote = gate.getByRole('button', { name: /^Promote to / })
    expect(await promote.isDisabled()).toBe(true)
    // Whether spread and calibration held too is for the report to say: where they did not, there is no way past it.
    if (report?.verdict !== 'improves') {
      await gate.getByText(/^It stays experimental/).waitFor()
      const forced = await ask(page, 'training/versions/lidc-cflow-planar-t1', {
        act: 'promote',
        sawWorst: true,
      })
      expect(forced.code).toBe('not-allowed')
      expect(await preferred(page)).toBe(before)
      return
    }
    await gate.getByLabel(/I have looked/).check()
    await promote.click()
    await gate.getByText(/is in use/).waitFor()
    expect((await areaOf(page, patient, null)).model).toBe('lidc-cflow-planar-t1')
    await gate.getByRole('button', { name: /^Go back to / }).click()
    await promote.waitFor()
    expect(await preferred(page)).toBe(before)
    expect(visited.problems).toEqual([])
  }, 1_300_000)
})
