import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findOrthanc } from '../../../scripts/setup/orthanc.js'
import { ArchiveStudies } from '../../../src/contract'
import { archiveFolder } from '../../../src/main/pacs/archive-folder'
import { createArchives } from '../../../src/main/pacs/archives'
import type { Archives } from '../../../src/main/pacs/archives'
import { startOrthanc } from '../../orthanc'
import type { OrthancServer } from '../../orthanc'
import { skipsWithout, testDataDir } from '../../test-data'
import { unwrap } from '../../unwrap'

/** A real archive: found, asked, fetched from and stored to. */

const skips = skipsWithout('dicom', 'Orthanc') || findOrthanc() === null
const inData = (...way: readonly string[]): string => join(testDataDir, 'dicom', ...way)
const phantom = inData('geometry', 'phantom-axial')
const lossless = inData('syntax', 'ctimage', 'ctimage_1.2.840.10008.1.2.4.70.dcm')
const phantomFiles = (): readonly string[] => readdirSync(phantom).map((name) => join(phantom, name))
const stop = (): AbortSignal => new AbortController().signal

let orthanc: OrthancServer | null = null
let archives: Archives
const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-pacs-')), '')

beforeAll(async () => {
  if (skips) return
  orthanc = await startOrthanc()
  if (orthanc === null) return
  await orthanc.fill([...phantomFiles(), lossless])
  mkdirSync(folder.root, { mode: 0o700 })
  const secret = join(folder.root, 'orthanc.secret')
  writeFileSync(secret, `${orthanc.user}:${orthanc.password}\n`, { mode: 0o600 })
  const web = { name: 'web', kind: 'dicomweb', url: orthanc.url, credentials: { file: 'orthanc.secret' } }
  const settings = { archives: [web, { ...web, name: 'no key', credentials: undefined }] }
  writeFileSync(folder.settings, JSON.stringify(settings), { mode: 0o600 })
  const environment = {}
  archives = createArchives({ folder, environment, workerPath: null, nowMs: () => performance.now() })
})
afterAll(async () => {
  await orthanc?.stop()
})

describe.skipIf(skips)('a real Orthanc', () => {
  test('answers, and without credentials is said not to let us in', async () => {
    expect(unwrap(await archives.echo('web', stop())).answeredMs).toBeGreaterThan(0)
    const refused = await archives.echo('no key', stop())
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'pacs-refused' } })
  })

  test('finds studies by number, name, date and modality, and the series of one', async () => {
    const all = unwrap(await archives.findStudies('web', query({ modality: 'CT' }), stop()))
    expect(ArchiveStudies.parse(all)).toMatchObject({ complete: true })
    expect(all.studies.map(({ patientId }) => patientId).sort()).toEqual(['2178309', 'SYNTH-0001'])
    for (const asked of [
      { patientId: '2178309' },
      { patientName: 'mister' },
      { studyFrom: '20010101', studyTo: '20011231' },
    ]) {
      const { studies } = unwrap(await archives.findStudies('web', query(asked), stop()))
      expect(studies.map(({ patientName }) => patientName)).toEqual(['MISTER^CT'])
    }
    const synthetic = all.studies.find(({ patientId }) => patientId === 'SYNTH-0001')
    const { series } = unwrap(await archives.findSeries('web', synthetic?.studyUid ?? '', stop()))
    expect(series).toMatchObject([{ modality: 'CT', objects: phantomFiles().length }])
  })

  test('credentials that others may read are not used, and nothing is asked', async () => {
    const secret = join(folder.root, 'orthanc.secret')
    chmodSync(secret, 0o644)
    const refused = await archives.echo('web', stop())
    chmodSync(secret, 0o600)
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'pacs-settings', path: secret } })
    expect(JSON.stringify(refused)).not.toContain(orthanc?.password)
  })
})

const query = (asked: object): Parameters<Archives['findStudies']>[1] => ({
  ...{ patientId: '', patientName: '', studyFrom: '', studyTo: '', modality: '' },
  ...asked,
})
