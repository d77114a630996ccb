/** Every file of data/dicom-bad, alone and beside a good one, gives what its class says: no crash, no hang, nothing swallowed. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { ScanResult } from '../../../src/contract'
import { ScanResult as ScanResultSchema } from '../../../src/contract'
import { createLibrary } from '../../../src/main/library/library'
import { changedElement } from '../../fixtures/changed-element'
import { badDir, corpusDir, readBadCorpus } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom-bad') ?? absent('dicom')
const files = reason === null ? readBadCorpus().files : []
const scratch = mkdtempSync(join(tmpdir(), 'margin-bad-'))
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})

const PATIENT_ID = 0x00100020
const LIMIT_MS = 5_000
const LIMIT_BYTES = 512 * 1024 * 1024
const GOOD = 'pixel/CT_small.dcm'

interface Outcome {
  readonly result: ScanResult
  /** Series that the bad file brought: all but the good one. */
  readonly series: ScanResult['series']
  readonly goodIsThere: boolean
  /** Slices that could not be shown. */
  readonly broken: readonly string[]
  readonly peakBytes: number
}

/** Scans a folder that holds the bad file and a good one, then reads every slice and thumbnail of it. */
async function open(file: string): Promise<Outcome> {
  const folder = mkdtempSync(join(scratch, 'case-'))
  mkdirSync(join(folder, 'bad'))
  copyFileSync(join(badDir, file), join(folder, 'bad', basename(file)))
  copyFileSync(join(corpusDir, GOOD), join(folder, 'good.dcm'))
  const before = process.memoryUsage().rss
  const library = createLibrary({ workerPath: null })
  await library.addRoot(folder)
  const scanned = await library.scan([folder], () => undefined, new AbortController().signal)
  if (!scanned.ok) throw new Error(scanned.refusal.reason)
  const good = scanned.value.series.find((series) => series.patientId === '1CT1')
  const series = scanned.value.series.filter((each) => each !== good)
  const broken: string[] = []
  for (const { seriesUid, slices } of scanned.value.series) {
    for (let index = 0; index < slices; index += 1) {
      const body = await library.slicePixels(seriesUid, index)
      if (!body.ok) broken.push(body.refusal.reason)
    }
    const thumbnail = await library.thumbnail({ kind: 'series', seriesUid })
    if (!thumbnail.ok) broken.push(thumbnail.refusal.reason)
  }
  for (const { imageId } of scanned.value.images) {
    const body = await library.photograph(imageId)
    if (!body.ok) broken.push(body.refusal.reason)
  }
  const peakBytes = process.memoryUsage().rss - before
  await library.close()
  return {
    result: ScanResultSchema.parse(scanned.value),
    series,
    goodIsThere: good !== undefined,
    broken,
    peakBytes,
  }
}

const refusedOf = ({ result }: Outcome): readonly string[] => result.refused.map(({ reason: why }) => why)
const warningsOf = ({ series }: Outcome): readonly string[] =>
  series.flatMap(({ warnings }) => warnings.map(({ text }) => text))

const unreadable = {
  refuse: true,
  'partial-or-refuse': true,
  'open-and-warn': false,
  'open-safely': false,
} as const

describe.skipIf(reason !== null)(`data/dicom-bad ${reason ?? ''}`, () => {
  test.each(files.map(({ file, expect: wanted, detail }) => [file, wanted, detail] as const))(
    '%s: %s (%s)',
    async (file, wanted) => {
      const outcome = await open(file)
      expect(outcome.goodIsThere).toBe(true)
      expect(outcome.broken).toEqual([])
      expect(outcome.peakBytes).toBeLessThan(LIMIT_BYTES)
      const isRefused = outcome.result.refused.length > 0
      const isOpen =
        outcome.series.length > 0 || outcome.result.images.length > 0 || outcome.result.annotations.length > 0
      expect(isRefused || isOpen).toBe(true)
      if (!unreadable[wanted]) expect(isOpen || file.startsWith('zip/')).toBe(true)
      // Opened as what it is, a PNG: the other answer that its entry allows.
      if (wanted === 'refuse' && file !== 'hostile/png_named.dcm') {
        expect(isRefused).toBe(true)
        expect(outcome.series).toEqual([])
      }
      // What is wrong with identical-ipp shows only when its four files lie together (below).
      if (wanted === 'open-and-warn' && outcome.series.length > 0 && !file.startsWith('identical-ipp'))
        expect(warningsOf(outcome).length).toBeGreaterThan(0)
      if (wanted === 'partial-or-refuse' && !isRefused) expect(warningsOf(outcome).length).toBeGreaterThan(0)
      for (const refusal of outcome.result.refused) expect(refusal.path).toBeTruthy()
    },
    LIMIT_MS,
  )

  test('a zip that climbs out gives its good entry and names the others', async () => {
    const outcome = await open('zip/traversal.zip')
    expect(outcome.series).toHaveLength(1)
    expect(outcome.result.refused.filter(({ code }) => code === 'path-outside-roots').length).toBeGreaterThan(
      2,
    )
  })

  test('a link in a zip is named, the good entry opens', async () => {
    const outcome = await open('zip/symlink.zip')
    expect(outcome.series).toHaveLength(1)
    expect(refusedOf(outcome)).toEqual(['The entry was not opened: it is a symbolic link.'])
  })

  test('1,500 empty entries are one summary, not 1,500 problems', async () => {
    const outcome = await open('zip/many_entries.zip')
    expect(outcome.result.refused.length).toBeLessThan(30)
    expect(refusedOf(outcome).at(-1)).toMatch(/^1480 more like these/)
  })

  test('a DICOMDIR that climbs out names each reference and opens none', async () => {
    const outcome = await open('dicomdir/traversal/DICOMDIR')
    expect(outcome.result.refused.length).toBeGreaterThan(1)
    expect(
      outcome.result.refused.every(({ code }) => code === 'path-outside-roots' || code === 'not-found'),
    ).toBe(true)
  })

  test('four slices at one place: four images by Instance Number, no spacing between slices', async () => {
    const folder = mkdtempSync(join(scratch, 'case-'))
    for (const file of files.filter(({ file: name }) => dirname(name) === 'identical-ipp'))
      // The files name a patient each, which would part them.
      writeFileSync(
        join(folder, basename(file.file)),
        changedElement(readFileSync(join(badDir, file.file)), PATIENT_ID, 'LO', 'ONE'),
      )
    const library = createLibrary({ workerPath: null })
    await library.addRoot(folder)
    const scanned = await library.scan([folder], () => undefined, new AbortController().signal)
    const [series] = scanned.ok ? scanned.value.series : []
    expect(series).toMatchObject({ slices: 4, spacingMm: { slice: null } })
    expect(series?.warnings.map(({ code }) => code)).toContain('positions-repeated')
    const detail = library.seriesDetail(series?.seriesUid ?? '')
    const numbers = detail.ok ? detail.value.slices.map((slice) => slice.instanceNumber) : []
    expect(numbers).toEqual([...numbers].sort((a, b) => (a ?? 0) - (b ?? 0)))
  })

  test('two files of one SOP Instance UID are never mixed: one stands, the other is named', async () => {
    const library = createLibrary({ workerPath: null })
    const folder = mkdtempSync(join(scratch, 'case-'))
    for (const name of ['same_uid_1.dcm', 'same_uid_2.dcm'])
      copyFileSync(join(badDir, 'fields', name), join(folder, name))
    await library.addRoot(folder)
    const scanned = await library.scan([folder], () => undefined, new AbortController().signal)
    const series = scanned.ok ? scanned.value.series : []
    expect(series.map(({ slices }) => slices)).toEqual([1])
    expect(series[0]?.warnings.find(({ code }) => code === 'instance-repeated')?.text).toContain(
      'same_uid_2.dcm',
    )
  })
})
