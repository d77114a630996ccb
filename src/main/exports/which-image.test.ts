/** What goes out of a run says which image it is of: two eyes, and two patients, can be told apart. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InferReport, type RunTarget } from '../../contract'
import { cellsOfTable } from '../../core/exchange/drawn/figure-tables'
import { runsWith } from '../../../test/fixtures/given-runs'
import { SERIES, writeSeries } from '../../../test/fixtures/made-up-ct'
import type { RunService } from '../inference/run-service'
import { createLesionRuns } from '../lesions/lesion-runs'
import { createLibrary } from '../library/library'
import { createReadings } from '../library/readings'
import { picturesHere } from '../pictures/picture-process'
import { readPdf } from './read-pdf'
import { createRunExports, type RunExports } from './run-exports'

const folder = mkdtempSync(join(tmpdir(), 'margin-which-image-'))
const patients = ['Muster', 'Other'] as const
const colours = {
  'Muster/Muster_01R': '#804020',
  'Muster/Muster_01L': '#803020',
  'Other/Muster_01R': '#a04020',
}
const size = { width: 60, height: 40, channels: 3 } as const
const library = createLibrary({ workerPath: null, now: () => new Date(0) })
const COMMAND = 'margin infer eyes/Muster/Muster_01R.png --model given --samples 12 --seed 1'
const signal = new AbortController().signal
let exports: RunExports

beforeAll(async () => {
  for (const patient of patients) mkdirSync(join(folder, 'eyes', patient), { recursive: true })
  for (const [name, background] of Object.entries(colours))
    await sharp({ create: { ...size, background } })
      .png()
      .toFile(join(folder, 'eyes', `${name}.png`))
  writeSeries(join(folder, 'ct'), SERIES.seriesUid)
  const pictures = picturesHere()
  const readings = createReadings({ library })
  const given = runsWith([])
  const runs: RunService = {
    ...given,
    // What finds the picture again: a folder can be named after a patient.
    start: async function* (request, aborted) {
      for await (const line of given.start(request, aborted))
        yield line.kind === 'started' ? { ...line, run: { ...line.run, command: COMMAND } } : line
    },
  }
  const lesions = createLesionRuns({ library, readings, runs, nowMs: () => 0 })
  exports = createRunExports({ library, pictures, readings, runs, lesions, writeWorkerPath: null })
  for (const root of ['eyes', 'ct']) await library.addRoot(join(folder, root))
  await library.scan([...library.roots()], () => undefined, signal)
})

afterAll(async () => {
  await library.close()
  rmSync(folder, { recursive: true })
})

const FORMATS = ['pdf', 'svg', 'csv', 'json'] as const
type Files = Readonly<Record<(typeof FORMATS)[number] | 'samples' | 'name', string>>

/** The texts of what goes out. */
async function outOf(target: RunTarget, patientFields: boolean): Promise<Files> {
  const run = { target, modelId: null, samples: 12, seed: 1 }
  const asked = { run, wholeLesion: false, noduleKind: null, formats: [...FORMATS], patientFields }
  const zip = await exports.exportRun(asked, signal)
  if (!zip.ok) throw new Error(zip.refusal.reason)
  const packed = unzipSync(zip.value.bytes)
  const text = (end: string): string => {
    const [path] = Object.keys(packed).filter((one) => one.endsWith(end))
    return strFromU8(packed[path ?? ''] ?? new Uint8Array(0))
  }
  const [report] = Object.keys(packed).filter((one) => one.endsWith('.pdf'))
  return {
    pdf: readPdf(packed[report ?? ''] ?? new Uint8Array(0)).text,
    svg: text('.svg'),
    csv: text('figures.csv'),
    samples: text('samples.csv'),
    json: text('.json'),
    name: zip.value.name,
  }
}

const IN_SERIES: RunTarget = {
  kind: 'series',
  seriesUid: SERIES.seriesUid,
  structureId: null,
  column: 65,
  row: 55,
  sliceIndex: 1,
}

const photographs = () =>
  library.current().images.map(({ imageId, name, path, eye }) => ({
    ...{ target: { kind: 'image', imageId } as const, name, eye },
    // Every pixel is the one colour that the picture was made of.
    sha256: createHash('sha256')
      .update(
        Buffer.alloc(
          size.width * size.height * 3,
          Buffer.from(
            Object.entries(colours)
              .find(([one]) => path.endsWith(`${one}.png`))?.[1]
              .slice(1) ?? '',
            'hex',
          ),
        ),
      )
      .digest('hex'),
  }))

test('every file of a photograph says its name, its eye and its pixels, no folder and no second figure', async () => {
  const archives = new Set<string>()
  expect(photographs()).toHaveLength(3)
  for (const { target, name, eye, sha256 } of photographs()) {
    const files = await outOf(target, true)
    expect(files.pdf).toContain(`Photograph:${name},${eye}eye.`)
    expect(files.pdf).toContain(sha256)
    expect(files.svg).toContain(name)
    expect(files.svg).toContain(`${eye} eye · pixels ${sha256.slice(0, 12)}`)
    expect(InferReport.parse(JSON.parse(files.json)).image).toEqual({
      ...{ kind: 'image', name, eye, pixelsSha256: sha256 },
    })
    for (const table of [files.csv, files.samples]) {
      const [head = [], ...rows] = cellsOfTable(table)
      expect(head.slice(-3)).toEqual(['photograph', 'eye', 'pixelsSha256'])
      expect(new Set(rows.map((row) => row.slice(-3).join()))).toEqual(new Set([[name, eye, sha256].join()]))
    }
    expect(files.svg).not.toMatch(/second figure|Square/)
    expect(files.pdf).toContain(`FOLDER/${name}--modelgiven`)
    for (const [of, text] of Object.entries(files)) expect(text, `the folder in ${of}`).not.toContain('eyes/')
    // The page says "Sample 1 of 12" of the first.
    const [head = [], ...samples] = cellsOfTable(files.samples)
    const number = head.indexOf('sampleNumber')
    expect(samples.map((row) => Number(row[number]))).toEqual(Array.from({ length: 12 }, (_, at) => at + 1))
    // Vessels are a tree, which has no diameter.
    expect(files.json).not.toContain('iameter')
    archives.add(files.name)
    expect(files.name).toContain(name.replace('.png', ''))
  }
  expect(archives.size).toBe(3)
})

test('the name of the file, which can be a patient’s, goes out only where it is chosen; eye and pixels always', async () => {
  const [first] = photographs()
  if (first === undefined) throw new Error('no photograph')
  const files = await outOf(first.target, false)
  for (const [of, text] of Object.entries(files)) expect(text, of).not.toMatch(/Muster|Other/)
  expect(files.pdf).toContain(`${first.eye}eye`)
  for (const of of ['pdf', 'csv', 'samples', 'json'] as const) expect(files[of], of).toContain(first.sha256)
  expect(files.name).toContain(first.sha256.slice(0, 8))
})

test('a run of a series says which series', async () => {
  const files = await outOf(IN_SERIES, false)
  expect(files.pdf).toContain(`Series${SERIES.seriesUid}.`)
  expect(InferReport.parse(JSON.parse(files.json)).image).toEqual({
    kind: 'series',
    seriesUid: SERIES.seriesUid,
  })
  for (const table of [files.csv, files.samples])
    expect(
      cellsOfTable(table)
        .slice(1)
        .every((row) => row.at(-1) === SERIES.seriesUid),
    ).toBe(true)
  expect(files.svg).toContain('SOP Instance UID')
  expect(files.name).toMatch(/-2-25-101\.zip$/)
})
