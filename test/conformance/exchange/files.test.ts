/** Files of all formats, brought in and exported; LIDC files; the evidence bundle. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { assembleSeries } from '../../../src/core/dicom/assemble-series'
import { bringIn, formatOf } from '../../../src/core/exchange/bring-in'
import { bundleEvidence, type Evidence, writeCsv } from '../../../src/core/exchange/bundle/evidence-bundle'
import {
  countReadings,
  type ExchangeFormat,
  type ExchangeReading,
} from '../../../src/core/exchange/exchange-reading'
import { type ReadingsExport, exportReadings } from '../../../src/core/exchange/export-readings'
import { type ImageTarget, seriesTarget } from '../../../src/core/exchange/image-target'
import { readLidcReadings, writeLidcReadings } from '../../../src/core/exchange/lidc/lidc-exchange'
import { writeZip } from '../../../src/core/files/zip-file'
import { perform } from '../../../src/main/library/decode/perform'
import {
  hook,
  inflate,
  written,
  ORIENTATIONS,
  readingOn,
  seriesOf,
  sourceOf,
  STAMP,
  structureOf,
} from '../../fixtures/exchange-source'
import { lidcSeries } from '../../fixtures/lidc-series'
import { unwrap } from '../../unwrap'

const axial = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }
const target = seriesOf({ orientation: axial, widthPx: 37, heightPx: 26, slices: 5 })
const source = sourceOf(target)

/** Readings without overlaps, so that every format can hold them. */
const readings: readonly ExchangeReading[] = ['Reader 1', 'Reader 2'].map((reader, at) => ({
  reader,
  facts: {},
  structures: [
    structureOf(1, 'Nodule 1', target, [0, 1 + at, 4]),
    structureOf(2, 'Nodule 2', target, [2], () => new Uint8Array(37 * 26).fill(1, 37 * 22, 37 * 22 + 4 + at)),
  ],
}))

const how = (format: ExchangeFormat): ReadingsExport => ({ format, target, source, stamp: STAMP, inflate })
const FORMATS: readonly ExchangeFormat[] = ['seg', 'rtstruct', 'nifti', 'png', 'coco', 'lidc-xml']

describe.each(FORMATS)('%s', (format) => {
  test('one file or folder a reader; what comes in again is what went out', () => {
    const { files, counts } = unwrap(exportReadings(readings, how(format)))
    expect(counts).toEqual(countReadings(readings))
    expect([...new Set(files.map(({ reader }) => reader))]).toEqual(['Reader 1', 'Reader 2'])
    expect(new Set(files.map(({ path }) => path)).size).toBe(files.length)
    for (const file of files) expect(unwrap(formatOf(file, inflate))).toBe(format)
    const { broughtIn, refused } = bringIn(files, target, inflate, written)
    expect(refused).toEqual([])
    expect(countReadings(broughtIn.flatMap((one) => one.readings))).toEqual(counts)
    // Read the other way round, the same comes in: nothing hangs on the order of files.
    const turned = bringIn([...files].reverse(), target, inflate, written)
    expect(countReadings(turned.broughtIn.flatMap((one) => one.readings))).toEqual(counts)
  })

  test('the same readings give the same bytes', () => {
    expect(unwrap(exportReadings(readings, how(format)))).toEqual(
      unwrap(exportReadings(readings, how(format))),
    )
  })

  test('another series, size and a photograph are refused, each file by its path', () => {
    const { files } = unwrap(exportReadings(readings, how(format)))
    const others: readonly ImageTarget[] = [
      { ...target, widthPx: 38 },
      { kind: 'image', name: 'a.png', widthPx: 38, heightPx: 26 },
      {
        ...target,
        seriesUid: '2.25.7',
        frameOfReferenceUid: '2.25.8',
        slices: target.slices.slice(0, 4).map((slice, at) => ({
          sopInstanceUid: `2.25.9.${at + 1}`,
          frame: slice.frame,
          positionMm: [0, 0, 700 + 9 * at],
        })),
      },
    ]
    for (const other of others) {
      const { broughtIn, refused } = bringIn(files, other, inflate, written)
      // RT contours are in millimetres: a wider matrix alone takes nothing from them.
      if (format === 'rtstruct' && other.kind === 'series' && other.seriesUid === target.seriesUid) continue
      // An LIDC file and outlines do not say the size that they were drawn on.
      if (format === 'lidc-xml' && other.kind === 'series' && other.seriesUid === target.seriesUid) continue
      expect(broughtIn).toEqual([])
      expect(refused.length).toBeGreaterThan(0)
      for (const { code, path } of refused) {
        expect(code).toBe('annotation-mismatch')
        expect(files.map((file) => file.path)).toContain(path)
      }
    }
  })
})

test('readers whose names look alike as paths do not overwrite each other', () => {
  const alike = readings.map((reading, at) => ({ ...reading, reader: at === 0 ? 'Ω' : 'ψ' }))
  const same = readings.map((reading) => ({ ...reading, reader: 'A/B' }))
  for (const group of [alike, same]) {
    const { files } = unwrap(exportReadings(group, how('seg')))
    expect(new Set(files.map(({ path }) => path)).size).toBe(2)
    const { broughtIn, refused } = bringIn(files, target, inflate, written)
    expect(refused).toEqual([])
    expect(broughtIn).toHaveLength(2)
  }
})

test('of two objects with one UID the second is refused by name', () => {
  const { files } = unwrap(exportReadings(readings.slice(0, 1), how('seg')))
  const [file] = files
  if (file === undefined) throw new Error('no file')
  const { broughtIn, refused } = bringIn([file, { ...file, path: 'copy.dcm' }], target, inflate, written)
  expect(broughtIn).toHaveLength(1)
  expect(refused).toMatchObject([
    { code: 'annotation-mismatch', path: 'copy.dcm', reason: expect.stringContaining(file.path) as string },
  ])
})

test('rubbish of any length is refused, never thrown at', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom('', '{', '<a', '\x1f\x8b'),
      (rubbish, head) => {
        const bytes = Uint8Array.from([...new TextEncoder().encode(head), ...rubbish])
        const { broughtIn, refused } = bringIn([{ path: 'x', bytes }], target, inflate, written)
        expect(broughtIn).toEqual([])
        expect(refused).toMatchObject([{ path: 'x' }])
      },
    ),
    { seed: 4, numRuns: 300 },
  )
})

describe('LIDC', () => {
  test('any mask comes back, holes as exclusions, or is refused for a piece inside a hole', () => {
    const masks = fc.uint8Array({ minLength: 63, maxLength: 63, max: 3 }).map((levels) => {
      const pixels = new Uint8Array(37 * 26)
      levels.forEach((level, at) => {
        if (level > 0) pixels[(3 + Math.floor(at / 9)) * 37 + 5 + (at % 9)] = 1
      })
      return pixels
    })
    let written = 0
    fc.assert(
      fc.property(masks, (pixels) => {
        fc.pre(pixels.includes(1))
        const structure = structureOf(1, 'nodule', target, [2], () => pixels)
        const bytes = writeLidcReadings([{ reader: 'A', facts: {}, structures: [structure] }], target)
        if (bytes.ok) written += 1
        else expect(bytes.refusal.reason).toContain('piece inside a hole')
      }),
      { seed: 6, numRuns: 400 },
    )
    expect(written).toBeGreaterThan(300)
  })

  test('several readers in one file are several sessions, and lesions are found again', () => {
    const bytes = unwrap(writeLidcReadings(readings, target))
    // Whether a reading was blind is not for the file to deny.
    expect(/<TaskDescription>(.*)<\/TaskDescription>/.exec(new TextDecoder().decode(bytes))?.[1]).toBe(
      'Readings exported by Margin',
    )
    const read = unwrap(readLidcReadings(bytes, target))
    expect(read.readings.map(({ reader }) => reader)).toEqual(['Reader A', 'Reader B'])
    expect(countReadings(read.readings)).toEqual(countReadings(readings))
  })

  const folder = lidcSeries()
  test.skipIf(folder === null)(
    '069.xml of the collection: the voxels of its four readers, in and out',
    () => {
      const path = folder ?? ''
      const instances = readdirSync(path)
        .filter((name) => name.endsWith('.dcm'))
        .flatMap((name) => {
          const file = join(path, name)
          const answer = perform({ kind: 'inspect', source: { kind: 'file', file }, path: name })
          return answer.kind === 'inspect' && answer.inspection.kind === 'image'
            ? [answer.inspection.instance]
            : []
        })
      const [series] = assembleSeries(instances)
      if (series === undefined) throw new Error('no series')
      const real = seriesTarget(series.detail, null)
      const read = unwrap(readLidcReadings(new Uint8Array(readFileSync(join(path, '069.xml'))), real))
      expect(read.readings).toHaveLength(4)
      const counts = countReadings(read.readings)
      expect(counts.pixels).toBeGreaterThan(1000)
      const again = unwrap(readLidcReadings(unwrap(writeLidcReadings(read.readings, real)), real))
      expect(countReadings(again.readings)).toEqual(counts)
    },
  )
})

describe('evidence bundle', () => {
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  const evidence: Evidence = {
    readme: 'Two readers, one series.',
    target,
    readings: [...readings, readingOn(target, 'Reader 3')],
    metrics: [
      { reader: 'Reader 1', dice: 0.5, note: 'a "quoted", note' },
      { reader: 'Reader 2', dice: null, formula: '=1+1' },
    ],
    runs: [{ model: 'm', seed: 7 }],
    log: [
      { number: 1, act: 'open' },
      { number: 2, act: 'commit' },
    ],
  }

  test('it opens without Margin, every file as its manifest says, the same bytes each time', () => {
    const bytes = unwrap(bundleEvidence(evidence, sha256, inflate))
    expect(unwrap(bundleEvidence(evidence, sha256, inflate))).toEqual(bytes)
    const files = unzipSync(bytes)
    const text = (path: string): string => new TextDecoder().decode(files[path])
    const manifest = JSON.parse(text('manifest.json')) as {
      files: { path: string; bytes: number; sha256: string }[]
    }
    expect(manifest.files.map(({ path }) => path)).toEqual(
      Object.keys(files).filter((path) => path !== 'manifest.json'),
    )
    for (const { path, bytes: size, sha256: hash } of manifest.files) {
      expect(files[path]?.length).toBe(size)
      expect(sha256(files[path] ?? new Uint8Array(0))).toBe(hash)
    }
    expect(Object.keys(files)).toContain('masks/Reader-1/reading.nii.gz')
    expect(Object.keys(files)).toContain('masks/Reader-2/structure-1-Nodule-1/slice-0003_2.25.14.3.png')
    // Reader 3's structures overlap, which a label map cannot hold: said, not hidden.
    expect(text('README.txt')).toMatch(/no NIfTI file: "Nodule 1" and "Nodule 2" share pixels/)
    expect(
      text('log.jsonl')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(evidence.log)
    expect(JSON.parse(text('metrics.json'))).toEqual(evidence.metrics)
    const masks = Object.entries(files).map(([path, content]) => ({ path, bytes: content }))
    const pictures = masks.filter(({ path }) => path.startsWith('masks/Reader-1/') && path.endsWith('.png'))
    expect(countReadings(bringIn(pictures, target, inflate, written).broughtIn[0]?.readings ?? [])).toEqual(
      countReadings(readings.slice(0, 1)),
    )
  })

  test('tables are quoted, and no cell is a formula', () => {
    expect(writeCsv(evidence.metrics)).toBe(
      'reader,dice,note,formula\r\nReader 1,0.5,"a ""quoted"", note",\r\nReader 2,,,\'=1+1\r\n',
    )
  })

  test('paths that lead outside and paths given twice are refused', () => {
    const bytes = new Uint8Array(1)
    for (const path of ['../a', '/a', 'a//b', 'a\\b', '', 'c:a']) {
      expect(writeZip([{ path, bytes }]).ok).toBe(false)
    }
    expect(
      writeZip([
        { path: 'a', bytes },
        { path: 'a', bytes },
      ]).ok,
    ).toBe(false)
  })

  test.skipIf(spawnSync('unzip', ['-v']).error !== undefined)(
    'unzip finds no fault (skipped without it)',
    () => {
      const scratch = mkdtempSync(join(tmpdir(), 'margin-bundle-'))
      const file = join(scratch, 'bundle.zip')
      writeFileSync(file, unwrap(bundleEvidence(evidence, sha256, inflate)))
      expect(execFileSync('unzip', ['-t', file], { encoding: 'utf8' })).toContain('No errors detected')
      rmSync(scratch, { recursive: true })
    },
  )

  test('a hook stays a hook: no turn and no mirror image of it is itself', () => {
    const pixels = hook(26, 26, 0)
    const at = (column: number, row: number): number => pixels[row * 26 + column] ?? 0
    const turns = [
      (c: number, r: number) => at(25 - c, r),
      (c: number, r: number) => at(c, 25 - r),
      (c: number, r: number) => at(25 - c, 25 - r),
      (c: number, r: number) => at(r, c),
      (c: number, r: number) => at(25 - r, c),
      (c: number, r: number) => at(r, 25 - c),
      (c: number, r: number) => at(25 - r, 25 - c),
    ]
    for (const turn of turns) {
      const turned = pixels.map((_pixel, k) => turn(k % 26, Math.floor(k / 26)))
      expect(turned).not.toEqual(pixels)
    }
  })
})
