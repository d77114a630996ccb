/** A panel of a CT and two photographs, read by two, goes out whole: what is in it, that it can be made again, who is refused. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PanelExportManifest } from '../../../src/contract'
import type { DocumentEdit, PanelCase, Rater, Subject } from '../../../src/contract'
import { emptyDocument } from '../../../src/core/annotation/document'
import { createLibrary } from '../../../src/main/library/library'
import { paintEdit } from '../../../src/renderer/draw/strokes/edits'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { SERIES, SIZE_PX, writeSeries } from '../../fixtures/made-up-ct'
import { unwrap } from '../../unwrap'

const scratch = mkdtempSync(join(tmpdir(), 'margin-panel-'))
const images = join(scratch, 'images')
const library = createLibrary({ workerPath: null })
const services = servicesOnDisk(join(scratch, 'workspace'), library, { accounts: true })
const signal = new AbortController().signal
const words = { instructions: 'Solid parts.', target: 'Nodule', labels: ['Solid'] }
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

let owner: Rater
let a: Rater
let b: Rater
let panelId = ''

const size = (subject: Subject): number => (subject.kind === 'series' ? SIZE_PX : 96)

function square(subject: Subject, from: number): DocumentEdit {
  const sidePx = size(subject)
  const pixels = new Uint8Array(sidePx * sidePx)
  for (let row = 20; row < 44; row += 1) pixels.fill(1, row * sidePx + from, row * sidePx + from + 24)
  const edit = paintEdit(emptyDocument(sidePx, sidePx), {
    ...{ title: 'Brush', tool: 'brush', structureId: 's', label: 'Solid' },
    changes: [
      {
        sliceIndex: subject.kind === 'series' ? 2 : 0,
        after: { widthPx: sidePx, heightPx: sidePx, pixels },
        box: { column: 0, row: 0, widthPx: sidePx, heightPx: sidePx },
      },
    ],
  })
  if (edit === null) throw new Error('nothing was painted')
  return edit
}

const nothing: DocumentEdit = {
  kind: 'answer',
  title: 'Nothing here',
  from: { verdict: null, reason: '', confidence: null, comment: '' },
  to: { verdict: 'nothing', reason: '', confidence: null, comment: '=1+1' },
}

async function commit(rater: Rater, { subject }: PanelCase, edit: DocumentEdit): Promise<void> {
  if (subject === null) throw new Error('the case is not told')
  const { attempt } = unwrap(await services.attempts.open(rater, { subject, blind: true, panelId }))
  const entry = { entryId: randomUUID(), expectedRevision: 0, edit, undoes: null }
  unwrap(await services.attempts.append(rater, attempt.attemptId, entry))
  const fixed = { expectedRevision: 1, readingMs: 5, slicesSeen: 1 }
  unwrap(await services.attempts.commit(rater, attempt.attemptId, fixed))
}

async function next(rater: Rater): Promise<PanelCase | undefined> {
  const { cases } = unwrap(await services.panels.cases(rater, panelId))
  return cases.find(({ state }) => state === 'not-read')
}

beforeAll(async () => {
  writeSeries(join(images, 'ct'), SERIES.seriesUid)
  for (const [name, red] of [
    ['one', 200],
    ['two', 120],
  ] as const)
    await sharp({ create: { width: 96, height: 96, channels: 3, background: { r: red, g: 80, b: 40 } } })
      .png()
      .toFile(join(images, `${name}.png`))
  unwrap(await library.addRoot(images))
  const found = unwrap(await library.scan([images], () => undefined, signal))
  owner = unwrap(await services.accounts.atDesk(null, true))
  const add = async (name: string): Promise<Rater> =>
    unwrap(await services.accounts.add(owner, { name, password: 'a long password', role: 'reader' }))
  a = await add('Dr. Adams')
  b = await add('Dr. Brown')
  const subjects: Subject[] = [
    ...found.series.map(({ seriesUid }) => ({ kind: 'series' as const, seriesUid })),
    ...found.images.map(({ imageId }) => ({ kind: 'image' as const, imageId })),
  ]
  expect(subjects).toHaveLength(3)
  const protocol = {
    ...{ blind: true, reveal: 'own-commit' as const, startFromModel: false },
    ...{ repeatShare: 1 / 3, seed: 3 },
  }
  const raterIds = [a.raterId, b.raterId]
  const made = await services.panels.add(owner, { name: 'Study 1', protocol, words, subjects, raterIds })
  ;({ panelId } = unwrap(made))
  // A reads all four places, B leaves the last one.
  for (let one = await next(a); one !== undefined; one = await next(a))
    await commit(a, one, square(one.subject ?? { kind: 'image', imageId: '' }, 30))
  for (let count = 0; count < 3; count += 1) {
    const one = await next(b)
    if (one?.subject == null) throw new Error('no case')
    await commit(b, one, count === 0 ? nothing : square(one.subject, 36))
  }
}, 60_000)

afterAll(async () => {
  await services.closeWorkspace()
  await library.close()
  rmSync(scratch, { recursive: true })
})

const exported = async (formats: readonly ('seg' | 'png' | 'coco' | 'nifti')[]) =>
  services.exchange.exportPanel(owner, panelId, { formats: [...formats] })

describe('a panel handed out whole', () => {
  test('holds each committed reading in each format that its image takes, and says so of every file', async () => {
    const files = unzipSync(unwrap(await exported(['seg', 'coco', 'png', 'nifti'])).bytes)
    // What a coordinator would take otherwise: where slices are counted from, and whose clock the time is of.
    expect(text(files['README.txt'])).toMatch(
      /of the browser that committed alone[\s\S]*slice 12 as the page counts/,
    )
    const { files: listed } = PanelExportManifest.parse(JSON.parse(text(files['manifest.json'])))
    expect(listed.map(({ path }) => path).toSorted()).toEqual(
      Object.keys(files)
        .filter((path) => path !== 'manifest.json')
        .toSorted(),
    )
    for (const { path, sha256 } of listed)
      expect(
        createHash('sha256')
          .update(files[path] ?? '')
          .digest('hex'),
        path,
      ).toBe(sha256)
    const lines = text(files['answers.csv']).trim().split('\r\n')
    expect(lines).toHaveLength(1 + 7)
    // One COCO file a committed reading: A's four, a hidden repeat among them, and B's three.
    expect(listed.filter(({ path }) => path.endsWith('.coco.json'))).toHaveLength(7)
    const ofSeries = listed.filter(({ path }) => path.endsWith('.seg.dcm'))
    expect(ofSeries.length).toBeGreaterThanOrEqual(2)
    expect(new Set(ofSeries.map(({ case: number }) => number)).size).toBe(1)
    const repeats = (lines[0] ?? '').split(',').indexOf('hiddenRepeat')
    const isRepeat = lines.slice(1).map((line) => line.split(',')[repeats])
    expect(isRepeat.filter((told) => told === 'true').length).toBeGreaterThan(0)
    expect(new Set(isRepeat)).toEqual(new Set(['true', 'false']))
    expect(text(files['unread.csv']).trim().split('\r\n')).toHaveLength(1 + 1)
    // A spreadsheet runs no comment as a formula.
    expect(text(files['answers.csv'])).toContain("'=1+1")
    expect(JSON.parse(text(files['panel.json']))).toMatchObject({
      name: 'Study 1',
      readers: [{ pseudonym: 'R2' }, { pseudonym: 'R3' }],
      editions: [{ name: 'Study 1', ...words }],
    })
    const agreement = JSON.parse(text(files['agreement.json'])) as {
      pairs: { first: string; second: string; dice: { value: number; n: number } }[]
    }
    expect(agreement.pairs.map(({ first, second }) => [first, second])).toEqual([['R2', 'R3']])
    // 24 columns against 24, moved by 6: 18 shared.
    expect(agreement.pairs[0]?.dice.value).toBeCloseTo((2 * 18) / 48, 12)
    for (const [path, bytes] of Object.entries(files)) expect(text(bytes), path).not.toMatch(/Adams|Brown/)
  }, 60_000)

  test('is the same to the byte when it is made again, after a restart and after it was shown', async () => {
    const first = unwrap(await exported(['png', 'coco'])).bytes
    const again = servicesOnDisk(join(scratch, 'workspace'), library, { accounts: true })
    const second = unwrap(await again.exchange.exportPanel(owner, panelId, { formats: ['png', 'coco'] }))
    await again.closeWorkspace()
    expect(Buffer.compare(first, second.bytes)).toBe(0)
  }, 60_000)

  test('names the reader who retired, and the panel that was renamed, with the words before', async () => {
    unwrap(await services.accounts.retire(owner, b.raterId, true))
    unwrap(await services.panels.edit(owner, panelId, { name: 'Study 1, final' }))
    const files = unzipSync(unwrap(await exported(['coco'])).bytes)
    expect(JSON.parse(text(files['panel.json']))).toMatchObject({
      readers: [{ retired: false }, { pseudonym: 'R3', retired: true }],
      editions: [{ name: 'Study 1' }, { name: 'Study 1, final' }],
    })
    expect(text(files['answers.csv'])).toMatch(/,R3,true,/)
    unwrap(await services.accounts.retire(owner, b.raterId, false))
  })

  test('is refused to readers, to an owner who still reads it blind, and where no format takes its photographs', async () => {
    const asked = { formats: ['coco' as const] }
    expect(await services.exchange.exportPanel(a, panelId, asked)).toMatchObject({
      refusal: { code: 'not-allowed' },
    })
    expect(await exported(['seg', 'nifti'])).toMatchObject({ refusal: { code: 'annotation-unsupported' } })
    const { panelId: blindOne } = unwrap(
      await services.panels.add(owner, {
        name: 'Own',
        protocol: { blind: true, reveal: 'own-commit', startFromModel: false, repeatShare: 0, seed: 1 },
        words,
        subjects: [{ kind: 'series', seriesUid: SERIES.seriesUid }],
        raterIds: [owner.raterId],
      }),
    )
    // What is blind in one panel is blind in all.
    for (const id of [blindOne, panelId])
      expect(await services.exchange.exportPanel(owner, id, asked)).toMatchObject({
        refusal: { code: 'blind' },
      })
    const progress = unwrap(await services.panels.progress(owner, panelId))
    expect([progress.cases.length, progress.leftOut]).toEqual([2, 1])
    const [only] = unwrap(await services.panels.cases(owner, blindOne)).cases
    if (only === undefined) throw new Error('no case')
    const shown = { ...only, panelId: blindOne }
    const { attempt } = unwrap(
      await services.attempts.open(owner, {
        subject: shown.subject ?? { kind: 'series', seriesUid: '' },
        blind: true,
        panelId: blindOne,
      }),
    )
    const entry = { entryId: randomUUID(), expectedRevision: 0, edit: nothing, undoes: null }
    unwrap(await services.attempts.append(owner, attempt.attemptId, entry))
    const fixed = { expectedRevision: 1, readingMs: 1, slicesSeen: 1 }
    unwrap(await services.attempts.commit(owner, attempt.attemptId, fixed))
    expect(unwrap(await exported(['coco'])).bytes.length).toBeGreaterThan(0)
  })

  test('is whole or refused: an image that is not open is counted, and progress still tells of it', async () => {
    const elsewhere = join(scratch, 'elsewhere')
    mkdirSync(elsewhere)
    renameSync(join(images, 'two.png'), join(elsewhere, 'two.png'))
    unwrap(await library.scan([images], () => undefined, signal))
    const again = servicesOnDisk(join(scratch, 'workspace'), library, { accounts: true })
    const refused = await again.exchange.exportPanel(owner, panelId, { formats: ['coco'] })
    expect(refused.ok ? '' : refused.refusal.reason).toMatch(/1 of the 3 images/)
    const progress = unwrap(await again.panels.progress(owner, panelId))
    expect(progress.cases.filter(({ subject }) => subject === null)).toHaveLength(1)
    expect(progress.readers.map(({ places, committed }) => [committed, places])).toEqual([
      [4, 4],
      [3, 4],
    ])
    await again.closeWorkspace()
  })
})
