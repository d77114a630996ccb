import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { findOrthanc } from '../../scripts/setup/orthanc.js'
import { lidcSeries } from '../fixtures/lidc-series'
import { twoDates } from '../fixtures/two-dates'
import { freePort, type OrthancServer, startOrthanc } from '../orthanc'
import { python, pythonHas } from '../python'
import { absent } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { freshWorkspace, type Visit, visit } from './visit/launch'

/** A day with an archive: found, fetched, opened, read, what was drawn stored back, and what it sends unasked. */

const missing =
  absent('lidc/LIDC-IDRI-0001.tar.xz') ??
  (pythonHas('pydicom', 'jpeg_ls') ? null : 'Python has no pydicom with JPEG-LS (npm run setup)') ??
  (findOrthanc() === null ? 'Orthanc is not installed' : null)
if (missing !== null) console.log(`archive skips: ${missing}`)

const COMPRESS = `
import sys
from pathlib import Path
import pydicom
from pydicom.uid import JPEGLSLossless
for path in Path(sys.argv[1]).glob("*.dcm"):
    dataset = pydicom.dcmread(path)
    dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    dataset.save_as(Path(sys.argv[2]) / path.name)
`
const PATIENT = 'LIDC-IDRI-0001'
const Stored = z.array(
  z.looseObject({
    ID: z.string(),
    Instances: z.array(z.string()),
    MainDicomTags: z.looseObject({ Modality: z.string(), SeriesInstanceUID: z.string() }),
  }),
)

describe.skipIf(missing !== null)('an archive', () => {
  const workspace = freshWorkspace()
  let orthanc: OrthancServer
  let visited: Visit
  let receiverPort = 0
  /** Objects that lie in a folder of the workspace: their names, and what file each is. */
  const objectsIn = (folder: 'arriving' | 'received'): ReadonlyMap<string, number> => {
    const root = join(workspace, 'archives', folder)
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    const objects = names.filter((name) => name.endsWith('.dcm'))
    return new Map(objects.map((name) => [name, statSync(join(root, name)).ino]))
  }
  const held = async (modality: string): Promise<z.infer<typeof Stored>> =>
    Stored.parse(JSON.parse(Buffer.from(await orthanc.ask('/series?expand')).toString())).filter(
      ({ MainDicomTags }) => MainDicomTags.Modality === modality,
    )

  beforeAll(async () => {
    const started = await startOrthanc()
    if (started === null) throw new Error('Orthanc did not start')
    orthanc = started
    const compressed = mkdtempSync(join(tmpdir(), 'margin-compressed-'))
    execFileSync(python, ['-c', COMPRESS, lidcSeries() ?? '', compressed])
    await orthanc.fill(
      readdirSync(compressed).map((name) => join(compressed, name)),
      'jpeg-ls',
    )
    const folder = join(workspace, 'archives')
    mkdirSync(folder, { mode: 0o700 })
    const { url, user, password, dicomPort: port, aeTitle } = orthanc
    const archives = [
      { name: 'Hospital', kind: 'dicomweb', url, credentials: { file: 'hospital.secret' } },
      { name: 'Department', kind: 'dimse', host: '127.0.0.1', port, aeTitle },
      { name: 'Old archive', kind: 'dimse', host: '127.0.0.1', port: 1, aeTitle: 'OLD' },
    ]
    receiverPort = await freePort()
    const settings = JSON.stringify({ archives, receiver: { port: receiverPort } })
    writeFileSync(join(folder, 'archives.json'), settings, { mode: 0o600 })
    writeFileSync(join(folder, 'hospital.secret'), `${user}:${password}\n`, { mode: 0o600 })
    visited = await visit({ environment: { MARGIN_WORKSPACE: workspace }, widthPx: 1280, heightPx: 800 })
  }, 240_000)
  afterAll(async () => {
    await visited.close()
    await orthanc.stop()
  })

  test('is searched, and a compressed series of it is fetched, opened and not fetched twice', async () => {
    const { page } = visited
    await page.getByRole('button', { name: 'From an archive' }).click()
    const sheet = page.getByRole('dialog', { name: 'From an archive' })
    await sheet.getByRole('button', { name: /^Old archive/ }).click()
    await sheet.getByRole('button', { name: 'Test the connection' }).click()
    await sheet.getByText('Old archive cannot be reached: nothing listens there.').waitFor()
    await visited.shoot('archive-unreachable')
    await sheet.getByRole('button', { name: /^Hospital/ }).click()
    await sheet.getByRole('button', { name: 'Test the connection' }).click()
    await sheet.getByText('It answers, and lets Margin in').waitFor()
    await sheet.getByRole('button', { name: 'Search' }).click()
    await sheet.getByText('Say what to look for').waitFor()
    await sheet.getByRole('textbox', { name: 'Patient ID' }).fill('LIDC*')
    // By the keyboard alone, as in every form.
    await page.keyboard.press('Enter')
    const unfold = sheet.getByRole('button', { name: new RegExp(PATIENT) }).first()
    await unfold.click()
    const fetch = sheet.getByRole('button', { name: /^Fetch: / })
    await fetch.waitFor()
    await visited.shoot('archive')
    expect(await accessibilityViolations(page)).toEqual([])
    await page.setViewportSize({ width: 1920, height: 1080 })
    await visited.shoot('archive-1920')
    await page.setViewportSize({ width: 1280, height: 800 })
    await fetch.click()
    await sheet.getByText(/[1-9]\d* of 133/).waitFor()
    await sheet.getByRole('button', { name: 'Cancel' }).click()
    await sheet.getByText(/^Stopped: \d+ of 133 images are here and kept/).waitFor()
    await visited.shoot('archive-stopped')
    const half = objectsIn('arriving')
    expect(half.size).toBeGreaterThan(0)
    expect(half.size).toBeLessThan(133)
    await fetch.click()
    await page.getByText('slice 67 / 133').first().waitFor()
    expect(await sheet.count()).toBe(0)
    await visited.shoot('archive-opened')
    // All of it, and what was here before is the very same files.
    const whole = objectsIn('received')
    expect([whole.size, objectsIn('arriving').size]).toEqual([133, 0])
    expect([...half].filter(([name, file]) => whole.get(name) !== file)).toEqual([])

    await page.getByRole('button', { name: 'Library', exact: true }).click()
    await page.getByRole('button', { name: 'From an archive' }).click()
    // What was found stands as it was left, and what is here is shown at once.
    await sheet.getByRole('button', { name: /^Open: / }).waitFor()
    await sheet.getByRole('button', { name: /^Fetch what is new: / }).click()
    await page.getByText('slice 67 / 133').first().waitFor()
    // The archive where nothing listens, and nothing else.
    expect(visited.problems).toEqual([expect.stringContaining('502 (Bad Gateway)')])
  })

  test('takes a reading back as SEG, and another program reads it there', async () => {
    const { page, origin } = visited
    const [series] = await held('CT')
    const seriesUid = series?.MainDicomTags.SeriesInstanceUID ?? ''
    await page.goto(`${origin}/#/compare/series/${seriesUid}`)
    await page.getByLabel('Format of the file').selectOption('lidc-xml')
    await page.getByLabel('File with readings').setInputFiles(join(lidcSeries() ?? '', '069.xml'))
    await page.getByText('from a file, brought in by you').nth(3).waitFor({ state: 'attached' })
    const exporting = page.getByRole('region', { name: 'Export' })
    await exporting.getByRole('button', { name: 'Send to archive' }).click()
    await exporting.getByRole('combobox', { name: 'Archive' }).selectOption('Department')
    await exporting.getByRole('button', { name: 'Send', exact: true }).click()
    await exporting.getByText('Department took').or(exporting.getByRole('alert')).waitFor({ timeout: 60_000 })
    expect(await exporting.innerText()).toMatch(/Department took 4 of 4/)
    await exporting.getByRole('list', { name: 'What the archive said' }).scrollIntoViewIfNeeded()
    await visited.shoot('archive-stored')

    const stored = (await held('SEG')).flatMap(({ Instances }) => Instances)
    expect(stored).toHaveLength(4)
    for (const id of stored) {
      const file = await orthanc.ask(`/instances/${id}/file`)
      const read: unknown = JSON.parse(
        execFileSync(python, [join(import.meta.dirname, 'visit', 'read_stored_seg.py')], {
          input: file,
        }).toString(),
      )
      expect(read).toMatchObject({ patientId: PATIENT, seriesUid })
      expect((read as { readonly pixels: number }).pixels).toBeGreaterThan(0)
    }
  })

  test('sends a series by itself: it is announced, and one click opens it', async () => {
    const { page, origin } = visited
    await page.goto(`${origin}/#/`)
    await page.getByRole('heading', { name: 'Start without data' }).waitFor()
    const prior = join(twoDates() ?? '', 'prior')
    const sent = ['-aec', 'MARGIN', '127.0.0.1', String(receiverPort), '+sd', prior]
    await promisify(execFile)(findOrthanc()?.storescu ?? '', sent)
    const came = page.getByRole('list', { name: 'Received' })
    await came.getByText(/^Received from STORESCU: 41.images of 1.series$/).waitFor()
    const opening = came.getByRole('button', {
      name: /^Open: LIDC-IDRI-0001, 1999-02-01 Series 3000566, 41 × 2\.5/,
    })
    await opening.waitFor()
    await visited.shoot('received')
    expect(await accessibilityViolations(page)).toEqual([])
    await opening.click()
    await page.getByText('slice 21 / 41').first().waitFor()
    await visited.shoot('received-opened')
  })

  test('that is not named yet: which file names it, and one that works', async () => {
    const empty = freshWorkspace()
    const first = await visit({ environment: { MARGIN_WORKSPACE: empty }, widthPx: 1280, heightPx: 800 })
    await first.page.getByRole('button', { name: 'From an archive' }).click()
    await first.page.getByText('No archive is named yet').waitFor()
    await first.page.getByText(join(empty, 'archives', 'archives.json')).waitFor()
    await first.shoot('archive-none')
    expect(await accessibilityViolations(first.page)).toEqual([])
    expect(first.problems).toEqual([])
    await first.close()
  })
})
