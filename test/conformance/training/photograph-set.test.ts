import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { TrainingSet, accept, refuse } from '../../../src/contract'
import type { DocumentEdit, Rater, Result } from '../../../src/contract'
import { makePatch } from '../../../src/core/contour/mask-patch'
import { emptyMask } from '../../../src/core/image/mask'
import { photographForModel } from '../../../src/core/sampling/photograph-input'
import { createLibrary } from '../../../src/main/library/library'
import { pngOf } from '../../../src/main/pictures/raw-picture'
import { createModels } from '../../../src/main/registry/models'
import { createVersions } from '../../../src/main/registry/versions'
import { createTraining } from '../../../src/main/training/training'
import { trainingFolder, writeWhole } from '../../../src/main/training/training-folder'
import { servicesOnDisk } from '../../fixtures/services-on-disk'

/** A set of whole photographs: both eyes of a patient are one patient, masks lie on the network's grid. */

const root = mkdtempSync(join(tmpdir(), 'margin-photograph-set-'))
const images = join(root, 'images')
const [WIDTH, HEIGHT] = [300, 256]
const folder = trainingFolder(join(root, 'workspace'), root)
const library = createLibrary({ workerPath: null })
const services = servicesOnDisk(join(root, 'workspace'), library, { accounts: false })
const versions = createVersions(folder.models, writeWhole)
const modelsDir = resolve(import.meta.dirname, '../../../models')
const training = createTraining({
  ...services.trainingGround,
  ...{ library, versions, folder },
  models: createModels({ modelsDir, versions, verify: () => Promise.resolve(accept(null)) }),
  fieldOfViewOf: () => Promise.resolve(null),
  preparePhotograph: (picture, given, input) => Promise.resolve(photographForModel(picture, given, input)),
  findWorker: () => Promise.resolve(refuse('not-found', 'no trainer here')),
  memory: () => ({ freeBytes: 4e9, threads: 1 }),
  pid: process.pid,
  clock: () => Date.now(),
  nowMs: () => performance.now(),
  randomKey: () => 'ef'.repeat(32),
})

afterAll(async () => {
  await training.close()
  await services.closeWorkspace()
  await library.close()
  rmSync(root, { recursive: true, force: true })
})

const sound = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.refusal.code}: ${result.refusal.reason}`)
  return result.value
}

/** A bright disc of its own pattern on black. */
async function write(name: string, hue: number): Promise<void> {
  const rgb = new Uint8Array(3 * WIDTH * HEIGHT)
  for (let at = 0; at < WIDTH * HEIGHT; at += 1) {
    const [column, row] = [at % WIDTH, Math.floor(at / WIDTH)]
    if (Math.hypot(column - WIDTH / 2, row - HEIGHT / 2) > 110) continue
    const wave = 60 * Math.sin((column * hue) / 17) * Math.cos((row * (hue + 1)) / 23)
    rgb.set([150 + wave, 100 + wave / 2, 60 + wave / 3], 3 * at)
  }
  writeFileSync(
    join(images, name),
    sound(await pngOf({ pixels: rgb, widthPx: WIDTH, heightPx: HEIGHT, channels: 3 })),
  )
}

async function read(rater: Rater, imageId: string, isEmpty: boolean): Promise<void> {
  const subject = { kind: 'image', imageId } as const
  const { attempt } = sound(await services.attempts.open(rater, { subject, blind: true, panelId: null }))
  const mask = emptyMask(WIDTH, HEIGHT)
  // 40 x 20 pixels, which the network sees twice as large: 512 of 256 px.
  for (let row = 100; row < 120; row += 1) mask.pixels.fill(1, row * WIDTH + 130, row * WIDTH + 170)
  const whole = { column: 0, row: 0, widthPx: WIDTH, heightPx: HEIGHT }
  const patch = makePatch(emptyMask(WIDTH, HEIGHT), mask, whole)
  const structureId = 'vessels'
  const drawn: DocumentEdit[] = [
    { kind: 'add-structure', title: 'Add', structureId, label: 'Vessels', position: 0 },
    {
      ...{ kind: 'paint', title: 'Draw', structureId, tool: 'brush', origin: null },
      slices: [{ sliceIndex: 0, patch }],
    },
  ]
  const from = { verdict: null, reason: '', confidence: null, comment: '' }
  const verdict = isEmpty ? ('nothing' as const) : ('outlined' as const)
  const edits: DocumentEdit[] = [
    ...(isEmpty ? [] : drawn),
    { kind: 'answer', title: 'Answer', from, to: { ...from, verdict } },
  ]
  for (const [expectedRevision, edit] of edits.entries()) {
    const entry = { entryId: randomUUID(), expectedRevision, edit, undoes: null }
    sound(await services.attempts.append(rater, attempt.attemptId, entry))
  }
  const commit = { expectedRevision: edits.length, readingMs: 1, slicesSeen: 1 }
  sound(await services.attempts.commit(rater, attempt.attemptId, commit))
}

test('photographs are whole crops on the network’s grid, and what holds nothing is a case too', async () => {
  mkdirSync(images)
  for (const [index, name] of ['anna_left.png', 'anna_right.png', 'bert.png', 'carl.png'].entries())
    await write(name, index + 1)
  const place = sound(await library.addRoot(images))
  sound(await library.scan([place], () => undefined, new AbortController().signal))
  const owner = sound(await services.accounts.atDesk(null, true))
  for (const { imageId, name } of library.current().images) await read(owner, imageId, name === 'bert.png')
  const filter = { raters: [], panels: [], structures: [], from: null, to: null }
  const summary = sound(
    await training.freeze(owner, {
      ...{ name: 'Eyes', modelId: 'retina-cflow-planar', modality: 'fundus' },
      filter: { ...filter, status: 'committed' },
    }),
  )
  expect(summary.counts).toMatchObject({ patients: 3, cases: 4, unmarked: 1, heldOut: 1 })
  const place1 = join(folder.sets, summary.setId)
  const set = TrainingSet.parse(JSON.parse(readFileSync(join(place1, 'set.json'), 'utf8')))
  for (const one of set.cases) {
    expect(one).toMatchObject({
      channels: 3,
      heightPx: 512,
      widthPx: 600,
      contentPx: { height: 512, width: 600 },
    })
    expect(one.spacingMm).toBeNull()
    expect(readFileSync(join(place1, one.input.file))).toHaveLength(4 * 3 * 512 * 600)
    const field = readFileSync(join(place1, one.fieldOfView?.file ?? ''))
    expect(field).toHaveLength(512 * 600)
    expect(field.includes(1)).toBe(true)
    for (const { mask, markedPx } of one.readings) {
      const pixels = readFileSync(join(place1, mask.file))
      expect(pixels.reduce((sum, pixel) => sum + pixel, 0)).toBe(markedPx)
      if (markedPx > 0) expect(markedPx).toBe(80 * 40)
    }
  }
})
