import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync, zipSync } from 'fflate'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InferReport, RunExportFormat } from '../../../contract'
import { readSegmentationFrames } from '../../../core/exchange/seg/read-segmentation'
import { readPdf } from '../../exports/read-pdf'
import { isUsageError } from '../command-io'
import { GRID_PX, squares, WITHOUT_UNCERTAINTY } from '../../../../test/fixtures/given-runs'
import { type Ended, inferIn, servicesWith } from '../../../../test/fixtures/infer-in-memory'
import { readingFile, SERIES, SIZE_PX, writeSeries } from '../../../../test/fixtures/made-up-ct'

const scratch = mkdtempSync(join(tmpdir(), 'margin-infer-test-'))
afterAll(() => {
  rmSync(scratch, { recursive: true })
})

beforeAll(async () => {
  writeSeries(join(scratch, 'ct'), SERIES.seriesUid)
  writeFileSync(join(scratch, 'ct', 'readings.xml'), readingFile())
  mkdirSync(join(scratch, 'eye'))
  const colour = { width: 60, height: 40, channels: 3, background: '#804020' } as const
  await sharp({ create: colour })
    .png()
    .toFile(join(scratch, 'eye', 'eye.png'))
  const grey = await sharp({ create: { ...colour, background: '#ffffff' } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
  writeFileSync(join(scratch, 'eye', 'eye_readerA.png'), grey)
})

const infer = (...args: readonly string[]): Promise<Ended> => inferIn(scratch, args)

const reportOf = ({ out }: Ended): InferReport => InferReport.parse(JSON.parse(out[0] ?? ''))
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()

test('each slice that a reader drew is run, centred on the lesion', async () => {
  const ended = await infer('ct', '--lidc-xml', 'readings.xml', '--samples', '5', '--seed', '7')
  expect(ended.code).toBe(0)
  expect(ended.asked.map(({ target }) => target)).toEqual(
    [1, 2].map((sliceIndex) => ({
      kind: 'series',
      seriesUid: SERIES.seriesUid,
      sliceIndex,
      column: 65,
      row: 55,
      structureId: 'nodule-1',
    })),
  )
  const report = reportOf(ended)
  expect(report.run).toMatchObject({
    samples: 5,
    seed: 7,
    draws: 'even',
    command: 'margin infer ct --lidc-xml readings.xml --samples 5 --seed 7 --draws even',
  })
  expect(report.targets[0]?.readings).toEqual([
    { id: 'nodule-1-A', voxels: 162, empty: false },
    { id: 'nodule-1-B', voxels: 0, empty: true },
  ])
  // Areas of squares of side 1 to 4 at 0.25 mm² a pixel: 0.25, 1, 2.25, 4; the empty sample has none.
  expect(report.targets[0]?.sizes.areaMm2?.median).toBeCloseTo(1.625)
})

test('the same line twice gives the same bytes in every file, and the report names them all', async () => {
  const first = await infer('ct', '--lidc-xml', 'ct/readings.xml', '--samples', '30', '--out', 'first')
  const second = await infer('ct', '--lidc-xml', 'ct/readings.xml', '--samples', '30', '--out', 'second')
  expect(second.out).toEqual(first.out)
  const files = filesBelow(join(scratch, 'first'))
  expect(filesBelow(join(scratch, 'second'))).toEqual(files)
  for (const file of files) {
    const [a, b] = ['first', 'second'].map((folder) => readFileSync(join(scratch, folder, file)))
    expect(Buffer.compare(a ?? Buffer.of(1), b ?? Buffer.of(2)), file).toBe(0)
  }
  const report = reportOf(first)
  expect(files.filter((file) => file !== 'report.json')).toEqual(report.files)
  expect(JSON.parse(readFileSync(join(scratch, 'first', 'report.json'), 'utf8'))).toEqual(report)
})

test('the segmentations of a zipped series are those of its folder', async () => {
  const ct = join(scratch, 'ct')
  const files = readdirSync(ct).map((name) => [name, new Uint8Array(readFileSync(join(ct, name)))] as const)
  writeFileSync(join(scratch, 'packed.zip'), zipSync(Object.fromEntries(files)))
  const ended = await infer('packed.zip', '--lidc-xml', 'ct/readings.xml', '--samples', '30', '--out', 'zip')
  expect(ended.code).toBe(0)
  const written = filesBelow(join(scratch, 'zip', 'seg'))
  expect(written).toEqual(filesBelow(join(scratch, 'first', 'seg')))
  expect(written.length).toBeGreaterThan(0)
  for (const file of written) {
    const [zipped, plain] = ['zip', 'first'].map((name) => readFileSync(join(scratch, name, 'seg', file)))
    expect(zipped, file).toEqual(plain)
  }
})

test('the segmentation of the median lies on the source where the sample lay', () => {
  const bytes = new Uint8Array(readFileSync(join(scratch, 'first', 'seg', 'nodule-1-median.dcm')))
  const read = readSegmentationFrames(bytes)
  if (!read.ok) throw new Error(read.refusal.reason)
  expect([read.value.rows, read.value.columns]).toEqual([SIZE_PX, SIZE_PX])
  expect(read.value.frames.map((frame) => frame.sopInstanceUid)).toEqual(['2.25.103.1', '2.25.103.2'])
  for (const { pixels } of read.value.frames) {
    const ones = [...pixels.keys()].filter((at) => pixels[at] === 1)
    const side = Math.sqrt(ones.length)
    // The crop begins at (65 - 16, 55 - 16), the square in it at (10, 13).
    const expected = Array.from({ length: side * side }, (_unused, at) => {
      const row = 55 - 16 + 13 + Math.floor(at / side)
      return row * SIZE_PX + 65 - 16 + 10 + (at % side)
    })
    expect(ones).toEqual(expected)
  }
})

test('the sheet of masks holds each sample at its place, 0 or 255', async () => {
  const sheet = await sharp(join(scratch, 'first', 'masks', 'nodule-1-slice-003.png'))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect([sheet.info.width, sheet.info.height]).toEqual([10 * GRID_PX, 3 * GRID_PX])
  for (const [sample, mask] of squares(30).entries()) {
    const found = mask.pixels.map((_pixel, at) => {
      const column = (sample % 10) * GRID_PX + (at % GRID_PX)
      const row = Math.floor(sample / 10) * GRID_PX + Math.floor(at / GRID_PX)
      return sheet.data[(row * sheet.info.width + column) * sheet.info.channels] ?? 0
    })
    expect(found).toEqual(mask.pixels.map((pixel) => pixel * 255))
  }
})

// Four slices, ascending to the head: the page counts them from there.
test('a point and a box name columns and rows from 0, slices as the page does', async () => {
  const at = await infer('ct', '--at', '40,50.5,1', '--samples', '1')
  expect(at.asked[0]?.target).toMatchObject({ column: 40, row: 50.5, sliceIndex: 3, structureId: null })
  expect(reportOf(at).targets[0]).toMatchObject({
    sizesSliceNumber: 1,
    slices: [{ sliceIndex: 3, sliceNumber: 1, sopInstanceUid: '2.25.103.3' }],
  })
  const box = await infer('ct', '--box', '40,50,51,60,4', '--samples', '1')
  expect(box.asked[0]?.target).toMatchObject({ column: 45.5, row: 55, sliceIndex: 0 })
})

test.each([
  [['ct', '--at', '40,50,5'], 'no slice 5'],
  [['ct', '--at', '130,50,1'], 'outside the image'],
  [['ct', '--box', '0,0,60,60,1'], 'crop has 32 × 32'],
  [['ct', '--lidc-xml', 'nothing.xml'], 'no file nothing.xml'],
  [['ct', '--series', '2.25.999', '--at', '1,1,1'], '2.25.999'],
  [['absent', '--at', '1,1,1'], ''],
])('%j is refused with words', async (args, words) => {
  const ended = await infer(...args)
  expect(ended.code).toBe(1)
  expect(ended.out.join('')).toContain('"refusal"')
  expect(ended.out.join('')).toContain(words)
})

test.each([
  [[]],
  [['ct']],
  [['ct', 'more', '--at', '1,1,1']],
  [['ct', '--at', '1,1']],
  [['ct', '--at', '1,1,1.5']],
  [['ct', '--at', '-1,1,1']],
  [['ct', '--at', '1,1,0']],
  [['ct', '--at', '1,1,1', '--box', '1,1,2,2,1']],
  [['ct', '--box', '5,5,1,1,1']],
  [['ct', '--at', '1,1,1', '--samples', '0']],
  [['ct', '--at', '1,1,1', '--seed', '1.5']],
  [['eye/eye.png', '--at', '1,1,1']],
])('%j is wrong usage', async (args) => {
  await expect(infer(...args)).rejects.toSatisfy(isUsageError)
})

test('a folder of both kinds says what was found; a table asks for its photographs', async () => {
  writeSeries(join(scratch, 'mixed', 'ct'), SERIES.seriesUid)
  mkdirSync(join(scratch, 'mixed', 'eye'))
  cpSync(join(scratch, 'eye', 'eye.png'), join(scratch, 'mixed', 'eye', 'eye.png'))
  const ended = await infer('mixed')
  expect(ended.code).toBe(1)
  expect(ended.out[0]).toMatch(/mixed holds 1.series and 1.photograph; one kind/)
  expect(ended.out[0]).toContain('For the photographs add --csv FILE')
  expect((await infer('mixed', '--csv', 'eyes.csv', '--samples', '1')).code).toBe(0)
  expect(readFileSync(join(scratch, 'eyes.csv'), 'utf8')).toContain('eye.png')
  expect((await infer('mixed', '--at', '40,50,1', '--samples', '1')).code).toBe(0)
})

test('two CT series leave a choice open', async () => {
  writeSeries(join(scratch, 'two', 'a'), '2.25.201')
  writeSeries(join(scratch, 'two', 'b'), '2.25.202')
  const ended = await infer('two', '--at', '1,1,1')
  expect(ended.code).toBe(1)
  expect(ended.out[0]).toContain('2.25.201, 2.25.202')
  expect((await infer('two', '--series', '2.25.202', '--at', '1,1,1', '--samples', '1')).code).toBe(0)
})

test('a photograph needs no place and is compared with the masks beside it', async () => {
  const ended = await infer('eye/eye.png', '--samples', '12', '--out', 'eye-out')
  const report = reportOf(ended)
  expect(report.targets[0]?.readings).toEqual([{ id: 'vessels-A', voxels: 2400, empty: false }])
  expect(report.files).toContain('overlays/vessels-map.png')
  expect(report.files.some((file) => file.startsWith('seg/'))).toBe(false)
  // Without spacing no size is in mm.
  expect(Object.keys(report.targets[0]?.sizes ?? {}).some((name) => name.includes('Mm'))).toBe(false)
})

test('a model without uncertainty gives one outline, and report, figures and segmentations say so', async () => {
  const folder = join(scratch, 'alone')
  const asked = ['ct', '--at', '65,55,1', '--model', WITHOUT_UNCERTAINTY, '--samples', '40', '--out', folder]
  const ended = await infer(...asked)
  expect(ended.code).toBe(0)
  const { run, targets } = reportOf(ended)
  expect(run).toMatchObject({ samples: 1, uncertainty: 'none' })
  expect(run.command).toMatch(/--model one-outline --samples 1 --seed 1$/)
  // Nine by nine pixels of 0.25 mm².
  const alone = { median: 20.25, low95: null, high95: null, interval: 'none' }
  expect(targets[0]?.slices[0]?.sizes.areaMm2).toEqual(alone)
  expect(filesBelow(folder)).toEqual([
    'masks/column-65-row-55-slice-001.png',
    'overlays/column-65-row-55-slice-001.png',
    'report.json',
    'seg/column-65-row-55-outline.dcm',
  ])
  const photograph = join(scratch, 'alone-eye')
  await infer('eye/eye.png', '--model', WITHOUT_UNCERTAINTY, '--out', photograph)
  expect(filesBelow(photograph)).toEqual([
    'masks/vessels.png',
    'overlays/vessels-detail.png',
    'overlays/vessels-whole.png',
    'report.json',
  ])
})

test('two models are compared on the same targets, each run with its own line and its own files', async () => {
  const folder = join(scratch, 'two')
  const at = ['ct', '--at', '65,55,1', '--samples', '3', '--seed', '4', '--out', folder]
  const ended = await infer(...at, '--model', 'given', '--compare', WITHOUT_UNCERTAINTY)
  expect(ended.code).toBe(0)
  expect(ended.asked.map(({ modelId, seed }) => [modelId, seed])).toEqual([
    ['given', 4],
    [WITHOUT_UNCERTAINTY, 4],
  ])
  const report = JSON.parse(ended.out[0] ?? '') as Record<'run' | 'compared', { command: string }>
  expect(report.run.command).toMatch(/--model given --samples 3 --seed 4 --draws even$/)
  expect(InferReport.parse(report.compared).run.command).toMatch(/--model one-outline --samples 1 --seed 4$/)
  expect(ended.out[0]).toMatch(/no test of which is better/)
  const seg = ['1/seg/column-65-row-55-median.dcm', '2/seg/column-65-row-55-outline.dcm']
  expect(filesBelow(folder)).toEqual(expect.arrayContaining(seg))
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toEqual(report)
  const same = await infer(...at, '--compare', 'given')
  expect(same.code).toBe(1)
  expect(same.out[0]).toMatch(/Both runs would be of the model/)
  await expect(infer(...at, '--model', 'given', '--compare', 'given')).rejects.toSatisfy(isUsageError)
})

const ALL_FORMATS = ['--export', 'all', '--whole-lesion', '--nodule', 'solid'] as const
const AT = ['--at', '65,55,2', '--samples', '60'] as const

test('what the page exports is what the command line writes, to the byte, and twice the same', async () => {
  const first = await infer('ct', ...AT, ...ALL_FORMATS, '--out', 'all-1')
  const second = await infer('ct', ...AT, ...ALL_FORMATS, '--out', 'all-2')
  expect([first.code, second.code]).toEqual([0, 0])
  const [one, two] = ['all-1', 'all-2'].map((folder) => join(scratch, folder, 'export'))
  const files = filesBelow(one ?? '')
  expect(files.length).toBe(15)
  const services = servicesWith([])
  await services.library.addRoot(join(scratch, 'ct'))
  const signal = new AbortController().signal
  const scanned = await services.library.scan([...services.library.roots()], () => undefined, signal)
  expect(scanned.ok).toBe(true)
  const [run] = first.asked
  if (run === undefined) throw new Error('nothing was run')
  const zip = await services.runExports.exportRun(
    {
      run,
      wholeLesion: true,
      noduleKind: 'solid',
      formats: RunExportFormat.options,
      patientFields: false,
    },
    signal,
  )
  await services.close()
  if (!zip.ok) throw new Error(zip.refusal.reason)
  const packed = unzipSync(zip.value.bytes)
  expect(Object.keys(packed).sort()).toEqual(files)
  for (const file of files) {
    const bytes = readFileSync(join(one ?? '', file))
    expect(bytes.equals(readFileSync(join(two ?? '', file))), file).toBe(true)
    expect(bytes.equals(packed[file] ?? new Uint8Array(0)), `${file} of the page`).toBe(true)
  }
  expect(readFileSync(join(one ?? '', 'figures.csv'), 'utf8')).toMatch(
    /^of,slice,measure,unit,by,samples,drawn,value,low95,high95,interval,seriesUid\r\nlesion,,.*,2\.25\.101\r\n/,
  )
})

test('a report says the patient only where somebody asks, and always its limits and its run', async () => {
  const read = (folder: string): string => {
    const [pdf = ''] = filesBelow(join(scratch, folder, 'export'))
    return readPdf(new Uint8Array(readFileSync(join(scratch, folder, 'export', pdf)))).text
  }
  await infer('ct', ...AT, '--export', 'pdf', '--out', 'left-out')
  await infer('ct', ...AT, '--export', 'pdf', '--patient-fields', '--out', 'named')
  expect(read('left-out')).toMatch(/Patient:leftout/)
  expect(read('named')).not.toMatch(/Patient:leftout/)
  for (const folder of ['left-out', 'named']) {
    expect(read(folder)).toMatch(/Forresearchuseonly.*Notaprobability|notaprobabilityofbeingright/i)
    expect(read(folder)).toContain('0'.repeat(64))
  }
})

test('all of a photograph is report, figures and tables; what is of a patient’s space is refused by name', async () => {
  const all = await infer('eye/eye.png', '--samples', '12', '--export', 'all', '--out', 'eye-out')
  expect(all.code).toBe(0)
  const files =
    'figures.csv figures.json figures/vessels.png figures/vessels.svg samples.csv vessels-report.pdf'
  expect(filesBelow(join(scratch, 'eye-out', 'export'))).toEqual(files.split(' '))
  const refused = await infer('eye/eye.png', '--samples', '12', '--export', 'csv,sr', '--out', 'eye-sr')
  expect(refused.code).toBe(1)
  expect(refused.out[0]).toMatch(/DICOM SR: .*photograph/)
  expect(existsSync(join(scratch, 'eye-sr'))).toBe(false)
})

test.skipIf(!existsSync('/dev/full'))(
  'a full disk ends the export with words; no half report is left',
  async () => {
    mkdirSync(join(scratch, 'full', 'export'), { recursive: true })
    // Files are written beside under names that count on.
    for (let at = 1; at <= 2000; at += 1)
      symlinkSync('/dev/full', join(scratch, 'full', 'export', `figures.csv.${process.pid}-${at}.unfinished`))
    const ended = await infer('ct', ...AT, '--export', 'csv', '--out', 'full')
    expect(ended.code).toBe(1)
    expect(ended.out[0]).toMatch(/The disk is full: export\/figures\.csv was not written/)
    expect(filesBelow(join(scratch, 'full'))).not.toContain('report.json')
    expect(filesBelow(join(scratch, 'full'))).not.toContain('export/figures.csv')
  },
)

test.each([
  [['ct', ...AT, '--export', 'csv'], /--export goes with --out/],
  [['ct', ...AT, '--export', 'csv,doc', '--out', 'x'], /--export takes all, or some of pdf,/],
  [['ct', '--at', '65,55,2', '--samples', '0'], /--samples takes a whole number from 1/],
])('%j is wrong usage', async (args, words) => {
  await expect(infer(...args)).rejects.toThrow(words)
})
