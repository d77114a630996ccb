import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDicom } from 'dicom-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { findOrthanc } from '../../../scripts/setup/orthanc.js'
import { ArchiveStudies } from '../../../src/contract'
import { writeSegmentationReading } from '../../../src/core/exchange/seg/write-segmentation'
import { archiveFolder } from '../../../src/main/pacs/archive-folder'
import type { ArchiveFolder } from '../../../src/main/pacs/archive-folder'
import { createArchives } from '../../../src/main/pacs/archives'
import type { Archives } from '../../../src/main/pacs/archives'
import { readingOn, seriesOf, sourceOf, STAMP } from '../../fixtures/exchange-source'
import { startOrthanc } from '../../orthanc'
import type { OrthancServer } from '../../orthanc'
import { runPython } from '../../python'
import { skipsWithout, testDataDir } from '../../test-data'
import { unwrap } from '../../unwrap'

/** A real archive: found, asked, fetched from and stored to. */

const skips = skipsWithout('dicom', 'Orthanc') || findOrthanc() === null
const inData = (...way: readonly string[]): string => join(testDataDir, 'dicom', ...way)
const phantom = inData('geometry', 'phantom-axial')
const lossless = inData('syntax', 'ctimage', 'ctimage_1.2.840.10008.1.2.4.70.dcm')
const phantomFiles = (): readonly string[] => readdirSync(phantom).map((name) => join(phantom, name))
const stop = (): AbortSignal => new AbortController().signal

const WAYS = ['web', 'dimse'] as const
/** Each way has a workspace of its own: what came by one is not here for the other. */
const folders = { web: madeFolder(), dimse: madeFolder() }
function madeFolder(): ArchiveFolder {
  return archiveFolder(mkdtempSync(join(tmpdir(), 'margin-pacs-')), '')
}

let orthanc: OrthancServer | null = null
const archivesOf: Partial<Record<string, Archives>> = {}
const by = (way: string): Archives => {
  const archives = archivesOf[way]
  if (archives === undefined) throw new Error('Orthanc did not start')
  return archives
}

beforeAll(async () => {
  if (skips) return
  orthanc = await startOrthanc()
  if (orthanc === null) return
  await orthanc.fill([...phantomFiles(), lossless])
  const { url, dicomPort: port, aeTitle } = orthanc
  const web = { name: 'web', kind: 'dicomweb', url, credentials: { file: 'orthanc.secret' } }
  const dimse = { name: 'dimse', kind: 'dimse', host: '127.0.0.1', port, aeTitle }
  const wrong = [
    { ...web, name: 'no key', credentials: undefined },
    { ...dimse, name: 'other title', aeTitle: 'NOBODY' },
    { ...dimse, name: 'nobody there', port: 1 },
    { ...web, name: 'not DICOMweb', url: url.replace('dicom-web', 'system'), stallSeconds: 5 },
  ]
  for (const way of WAYS) {
    const folder = folders[way]
    mkdirSync(folder.root, { mode: 0o700 })
    writeFileSync(join(folder.root, 'orthanc.secret'), `${orthanc.user}:${orthanc.password}\n`, {
      mode: 0o600,
    })
    writeFileSync(folder.settings, JSON.stringify({ archives: [web, dimse, ...wrong] }), { mode: 0o600 })
    archivesOf[way] = createArchives({
      folder,
      environment: {},
      workerPath: null,
      nowMs: () => performance.now(),
    })
  }
})
afterAll(async () => {
  await orthanc?.stop()
})

describe.skipIf(skips)('a real Orthanc', () => {
  test.each(WAYS)('answers by %s', async (way) => {
    expect(unwrap(await by(way).echo(way, stop())).answeredMs).toBeGreaterThan(0)
  })

  test.each([
    ['no key', 'pacs-refused'],
    ['other title', 'pacs-refused'],
    ['nobody there', 'pacs-unreachable'],
    ['not DICOMweb', 'pacs-refused'],
  ])('what is wrong with "%s" has a name', async (name, code) => {
    const refused = await by('web').echo(name, stop())
    expect(refused).toMatchObject({ ok: false, refusal: { code } })
  })

  test.each(WAYS)(
    'finds studies by numbers, name, date and modality, and the series of one: %s',
    async (way) => {
      const archives = by(way)
      const all = unwrap(await archives.findStudies(way, query({ modality: 'CT' }), stop()))
      expect(ArchiveStudies.parse(all)).toMatchObject({ complete: true })
      expect(all.studies.map(({ patientId }) => patientId).sort()).toEqual(['2178309', 'SYNTH-0001'])
      for (const asked of [
        { patientId: '2178309' },
        { patientName: 'mister' },
        { accessionNumber: '0000000001' },
        { studyFrom: '20010101', studyTo: '20011231' },
      ]) {
        const { studies } = unwrap(await archives.findStudies(way, query(asked), stop()))
        expect(studies.map(({ patientName }) => patientName)).toEqual(['MISTER^CT'])
      }
      const synthetic = all.studies.find(({ patientId }) => patientId === 'SYNTH-0001')
      const { series } = unwrap(await archives.findSeries(way, synthetic?.studyUid ?? '', stop()))
      expect(series).toMatchObject([{ modality: 'CT', objects: phantomFiles().length }])
    },
  )

  test.each(WAYS)(
    'a series comes whole, as the archive keeps it, and is not fetched twice: %s',
    async (way) => {
      const archives = by(way)
      const { studies } = unwrap(await archives.findStudies(way, query({ modality: 'CT' }), stop()))
      for (const { studyUid, patientId } of studies) {
        const { series } = unwrap(await archives.findSeries(way, studyUid, stop()))
        const request = { studyUid, seriesUids: series.map(({ seriesUid }) => seriesUid) }
        const reached: number[] = []
        const tell = ({ objectsDone }: { readonly objectsDone: number }): number => reached.push(objectsDone)
        const fetched = unwrap(await archives.fetch(way, request, tell, stop()))
        const sources = patientId === '2178309' ? [lossless] : phantomFiles()
        expect(fetched).toMatchObject({ objects: sources.length, fetchedNow: sources.length })
        expect(reached).toEqual([...reached].sort((a, b) => a - b))
        expect(reached.at(-1)).toBe(sources.length)
        const got = readdirSync(fetched.folder, { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.dcm'))
          .map((name) => join(fetched.folder, name))
        const byUid = new Map(got.map((path) => [pixelsOf(path).sopInstanceUid, path]))
        for (const source of sources) {
          const original = pixelsOf(source)
          const path = byUid.get(original.sopInstanceUid) ?? ''
          expect(statSync(path).mode & 0o777).toBe(0o600)
          expect(pixelsOf(path).bytes.equals(original.bytes)).toBe(true)
          expect(pixelsOf(path).transferSyntaxUid).toBe(original.transferSyntaxUid)
        }
        expect(unwrap(await archives.fetch(way, request, tell, stop()))).toMatchObject({ fetchedNow: 0 })
      }
    },
  )

  test.each(WAYS)(
    'a segmentation is stored as it is, and another program reads it there: %s',
    async (way) => {
      const archives = by(way)
      const target = seriesOf({
        orientation: { row: [1, 0, 0], column: [0, 1, 0] },
        widthPx: 37,
        heightPx: 26,
        slices: 4,
      })
      const bytes = unwrap(
        writeSegmentationReading(readingOn(target), sourceOf(target), { ...STAMP, key: way }),
      )
      const { objects } = unwrap(await archives.send(way, [{ name: 'reader-1.dcm', bytes }], stop()))
      const [stored] = objects
      const found: unknown = JSON.parse(
        Buffer.from((await orthanc?.ask('/instances?expand')) ?? []).toString(),
      )
      const id = z
        .array(
          z.looseObject({ ID: z.string(), MainDicomTags: z.looseObject({ SOPInstanceUID: z.string() }) }),
        )
        .parse(found)
        .find(({ MainDicomTags }) => MainDicomTags.SOPInstanceUID === stored?.sopInstanceUid)?.ID
      const kept = Buffer.from((await orthanc?.ask(`/instances/${id ?? ''}/file`)) ?? [])
      // By DIMSE the file meta group is written by who receives; behind it every byte is the same.
      const sent = Buffer.from(bytes).subarray(way === 'web' ? 0 : dataSetAt(bytes))
      expect(kept.subarray(-sent.length).equals(sent)).toBe(true)
      const said = runPython()?.(READ_SEGMENTATION, kept.toString('base64'))
      if (said !== undefined) expect(said.trim()).toBe('SEG 3')
      const refused = await archives.send(way, [{ name: 'page.html', bytes: Buffer.from('<html>') }], stop())
      expect(refused).toMatchObject({ ok: false, refusal: { code: 'request-invalid' } })
    },
  )

  test('credentials that others may read are not used, and nothing is asked', async () => {
    const secret = join(folders.web.root, 'orthanc.secret')
    chmodSync(secret, 0o644)
    const refused = await by('web').echo('web', stop())
    chmodSync(secret, 0o600)
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'pacs-settings', path: secret } })
    expect(JSON.stringify(refused)).not.toContain(orthanc?.password)
  })
})

/** By another reader than ours: the pixel data to the end of the file, and what the file says that it is. */
function pixelsOf(path: string): {
  readonly sopInstanceUid: string
  readonly transferSyntaxUid: string
  readonly bytes: Buffer
} {
  const file = readFileSync(path)
  const parsed = parseDicom(file)
  const pixels = parsed.elements['x7fe00010']
  return {
    sopInstanceUid: parsed.string('x00080018') ?? '',
    transferSyntaxUid: parsed.string('x00020010') ?? '',
    bytes: file.subarray(pixels?.dataOffset ?? 0),
  }
}

/** Behind preamble and file meta group, which says its own length. */
const dataSetAt = (file: Uint8Array): number => 132 + 12 + Buffer.from(file).readUInt32LE(132 + 8)

const READ_SEGMENTATION = `
import base64, io, sys, pydicom
d = pydicom.dcmread(io.BytesIO(base64.b64decode(sys.stdin.read())))
assert d.pixel_array.shape[0] == int(d.NumberOfFrames)
print(d.Modality, len(d.SegmentSequence))
`

const query = (asked: object): Parameters<Archives['findStudies']>[1] => ({
  ...{ patientId: '', patientName: '', accessionNumber: '', studyFrom: '', studyTo: '', modality: '' },
  ...asked,
})
