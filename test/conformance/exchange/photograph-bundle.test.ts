/** What goes out of a photograph's readings holds the answer, every pair of readers, and what was shown of the model. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ExportManifest } from '../../../src/contract'
import type { ExportFormat, ExportRequest, Rater, Subject } from '../../../src/contract'
import { emptyDocument } from '../../../src/core/annotation/document'
import { cellsOfTable } from '../../../src/core/exchange/drawn/figure-tables'
import { createLibrary } from '../../../src/main/library/library'
import { paintEdit } from '../../../src/renderer/draw/strokes/edits'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { unwrap } from '../../unwrap'

const WIDTH = 40
const HEIGHT = 30
const ANSWER = { verdict: 'outlined', reason: '', confidence: 4, comment: 'Media hazy, nasal side.' } as const
const scratch = mkdtempSync(join(tmpdir(), 'margin-photograph-bundle-'))
const library = createLibrary({ workerPath: null })
const services = servicesOnDisk(join(scratch, 'workspace'), library, { accounts: true })
let rater: Rater
let subject: Subject

/** Rows from the top: of two of them the Dice is 2 min / (a + b). */
const rows = (count: number): Uint8Array =>
  Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => (at < count * WIDTH ? 1 : 0))

async function commitOwn(pixels: Uint8Array): Promise<void> {
  const { attempt } = unwrap(await services.attempts.open(rater, { subject, blind: false, panelId: null }))
  const painted = paintEdit(emptyDocument(WIDTH, HEIGHT), {
    ...{ title: 'Brush', tool: 'brush', structureId: 'one', label: 'Vessels' },
    changes: [
      {
        sliceIndex: 0,
        after: { widthPx: WIDTH, heightPx: HEIGHT, pixels },
        box: { column: 0, row: 0, widthPx: WIDTH, heightPx: HEIGHT },
      },
    ],
  })
  if (painted === null) throw new Error('nothing was painted')
  // The first stroke says "outlined".
  const from = { ...emptyDocument(WIDTH, HEIGHT).answer, verdict: 'outlined' } as const
  const answered = { kind: 'answer', title: 'Answer', from, to: ANSWER } as const
  for (const [expectedRevision, edit] of [painted, answered].entries()) {
    const entry = { entryId: crypto.randomUUID(), expectedRevision, edit, undoes: null }
    unwrap(await services.attempts.append(rater, attempt.attemptId, entry))
  }
  const commit = { expectedRevision: 2, readingMs: 1, slicesSeen: 1 }
  unwrap(await services.attempts.commit(rater, attempt.attemptId, commit))
}

async function exported(format: ExportFormat): Promise<(path: string) => string> {
  const request: ExportRequest = { subject, panelId: null, format, readingIds: [], consensus: 'none' }
  const files = unzipSync(unwrap(await services.exchange.exportReadings(rater, request)).bytes)
  return (path) => strFromU8(files[path] ?? new Uint8Array(0))
}

beforeAll(async () => {
  const picture = { width: WIDTH, height: HEIGHT, channels: 3, background: '#804020' } as const
  await sharp({ create: picture }).png().toFile(join(scratch, 'eye.png'))
  unwrap(await library.addRoot(scratch))
  unwrap(await library.scan([join(scratch, 'eye.png')], () => undefined, new AbortController().signal))
  rater = unwrap(await services.accounts.atDesk(null, true))
  const imageId = library.current().images[0]?.imageId ?? ''
  subject = { kind: 'image', imageId }
  await commitOwn(rows(10))
  unwrap(await services.disclosure.release(rater, subject, 'model', '100 samples of given, seed 1'))
  for (const [reader, count] of [
    ['Reader A', 6],
    ['Reader B', 3],
  ] as const) {
    const raw = { width: WIDTH, height: HEIGHT, channels: 1 } as const
    const bytes = await sharp(
      rows(count).map((value) => value * 255),
      { raw },
    )
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const query = { format: 'png', reader, name: `${reader}.png`, imageId } as const
    unwrap(await services.exchange.bringIn(rater, query, new Uint8Array(bytes)))
  }
})
afterAll(async () => {
  await services.closeWorkspace()
  await library.close()
  rmSync(scratch, { recursive: true })
})

test('each pair of readers has its Dice, and nothing is said in mm or of diameters', async () => {
  const [head = [], ...lines] = cellsOfTable((await exported('bundle'))('metrics.csv'))
  const cell = (line: readonly string[], name: string): string => line[head.indexOf(name)] ?? ''
  const dice = lines.filter((line) => cell(line, 'measure') === 'dice')
  const found = dice.map((line) => [
    cell(line, 'own'),
    cell(line, 'other'),
    Number(cell(line, 'value')).toFixed(6),
  ])
  const own = found[0]?.[0] ?? ''
  expect(found).toEqual([
    [own, 'Reader A', (12 / 16).toFixed(6)],
    [own, 'Reader B', (6 / 13).toFixed(6)],
    ['Reader A', 'Reader B', (6 / 9).toFixed(6)],
  ])
  expect(lines.map((line) => cell(line, 'unit')).join()).not.toMatch(/mm/)
  expect(lines.map((line) => cell(line, 'measure')).join()).not.toMatch(/iameter|olume/)
})

test('the bundle names the runs that were shown and the answer, and its words are of a photograph', async () => {
  const text = await exported('bundle')
  expect(JSON.parse(text('runs.json'))).toMatchObject([{ shown: '100 samples of given, seed 1' }])
  expect(JSON.parse(text('log.jsonl').split('\n')[0] ?? '')).toMatchObject({ answer: ANSWER })
  const readme = text('README.txt')
  expect(readme).not.toMatch(/slice-|axial|nii\.gz|hash of the one before/)
  expect(readme).toMatch(/Photograph eye\.png/)
})

test.each(['png', 'coco'] as const)('how sure and the comment go out with %s', async (format) => {
  const manifest = ExportManifest.parse(JSON.parse((await exported(format))('export.json')))
  expect(manifest.files.find(({ attempt }) => attempt === 1)).toMatchObject({
    ...{ verdict: ANSWER.verdict, confidence: 4, comment: ANSWER.comment },
  })
  expect(manifest.files.find(({ attempt }) => attempt === null)).toMatchObject({ confidence: null })
})
