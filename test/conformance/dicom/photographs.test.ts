/** Ophthalmic Photography objects are photographs: pixels as pydicom has them, the eye that their file states. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ImageSummary } from '../../../src/contract'
import type { DataSet } from '../../../src/core/dicom/write/write-dicom'
import { fellowEye, patientOfPhotograph } from '../../../src/core/subject/eyes'
import { createLibrary } from '../../../src/main/library/library'
import { eyeJpeg, eyePhotograph, OPHTHALMIC_16_BIT } from '../../fixtures/eye-photograph'
import { inferIn } from '../../fixtures/infer-in-memory'
import { pythonHas, runPython } from '../../python'
import { skipsWithout, testDataDir } from '../../test-data'
import { unwrap } from '../../unwrap'

const scratch = mkdtempSync(join(tmpdir(), 'margin-op-'))
afterAll(() => {
  rmSync(scratch, { recursive: true })
})
const python = pythonHas('pydicom', 'PIL') ? runPython() : null

const [WIDTH, HEIGHT] = [24, 18]
const SIZE: DataSet = { Columns: WIDTH, Rows: HEIGHT }
const samples = (count: number, most: number): number[] =>
  Array.from({ length: count }, (_, at) => (at * 37 + (at >> 3) * 11) % (most + 1))
const colour = Uint8Array.from(samples(3 * WIDTH * HEIGHT, 255))
const grey = Uint8Array.from(samples(WIDTH * HEIGHT, 255))
const deep = new Uint8Array(Uint16Array.from(samples(WIDTH * HEIGHT, 4095)).buffer)
const GREY: DataSet = { SamplesPerPixel: 1, PhotometricInterpretation: 'MONOCHROME2' }

function region(side: 'G-A100' | 'G-A101', scheme: string): DataSet {
  const modifier = { CodeValue: side, CodingSchemeDesignator: scheme, CodeMeaning: 'side' }
  return {
    AnatomicRegionSequence: [
      {
        ...{ CodeValue: 'T-AA610', CodingSchemeDesignator: scheme, CodeMeaning: 'Retina' },
        AnatomicRegionModifierSequence: [modifier],
      },
    ],
  }
}

async function writeAll(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const put = (name: string, bytes: Uint8Array): void => {
    writeFileSync(join(folder, name), bytes)
  }
  const jpeg = await sharp(colour, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer()
  put('colour', eyePhotograph({ ...SIZE, PixelData: colour, ImageLaterality: 'R', Laterality: 'R' }))
  const planes = Uint8Array.from({ length: colour.length }, (_, at) => {
    const [plane, pixel] = [Math.floor(at / (WIDTH * HEIGHT)), at % (WIDTH * HEIGHT)]
    return colour[3 * pixel + plane] ?? 0
  })
  put('planar.dcm', eyePhotograph({ ...SIZE, PlanarConfiguration: 1, PixelData: planes, Laterality: 'L' }))
  put('jpeg.dcm', eyeJpeg({ ...SIZE, ...region('G-A101', 'SRT') }, jpeg))
  put('grey.dcm', eyePhotograph({ ...SIZE, ...GREY, PixelData: grey, ...region('G-A100', 'SNM3') }))
  put(
    'inverse.dcm',
    eyePhotograph({
      ...SIZE,
      ...GREY,
      PhotometricInterpretation: 'MONOCHROME1',
      PixelData: grey,
      ImageLaterality: 'B',
    }),
  )
  const sixteen = { ...SIZE, ...GREY, BitsAllocated: 16, BitsStored: 12, HighBit: 11, PixelData: deep }
  put('sixteen.dcm', eyePhotograph({ ...sixteen, ImageLaterality: 'L', PatientID: '' }, OPHTHALMIC_16_BIT))
  put(
    'window.dcm',
    eyePhotograph(
      { ...sixteen, WindowCenter: '1000', WindowWidth: '1500', PixelSpacing: '0.01\\0.01' },
      OPHTHALMIC_16_BIT,
    ),
  )
  put('p_OS.dcm', eyePhotograph({ ...SIZE, PixelData: colour, ImageLaterality: 'R', Laterality: 'L' }))
  put('named_left.dcm', eyePhotograph({ ...SIZE, PixelData: colour }))
  // No photographs of an eye: a series of two frames, and a capture of another modality.
  put(
    'frames.dcm',
    eyePhotograph({
      ...SIZE,
      ...GREY,
      NumberOfFrames: '2',
      PixelData: Uint8Array.from([...grey, ...grey]),
      SeriesInstanceUID: '2.25.7709',
    }),
  )
  put(
    'capture.dcm',
    eyePhotograph(
      { ...SIZE, Modality: 'OT', PixelData: colour, SeriesInstanceUID: '2.25.7708' },
      '1.2.840.10008.5.1.4.1.1.7',
    ),
  )
  put('capture_op.dcm', eyePhotograph({ ...SIZE, PixelData: colour }, '1.2.840.10008.5.1.4.1.1.7'))
}

const folder = join(scratch, 'eyes')
const library = createLibrary({ workerPath: null })
let images: readonly ImageSummary[] = []
let byName: (name: string) => ImageSummary
beforeAll(async () => {
  await writeAll(folder)
  const root = unwrap(await library.addRoot(folder))
  const scanned = unwrap(await library.scan([root], () => undefined, new AbortController().signal))
  images = scanned.images
  byName = (name) => {
    const found = images.find((image) => image.name === name)
    if (found === undefined) throw new Error(name)
    return found
  }
  expect(scanned.refused).toEqual([])
  expect(scanned.series.map(({ seriesUid, slices }) => [seriesUid, slices])).toEqual([
    ['2.25.7708', 1],
    ['2.25.7709', 2],
  ])
  expect(scanned.series[1]?.warnings.map(({ code }) => code)).toContain('photograph-frames')
})
afterAll(() => library.close())

test('each is a photograph of the eye that its file states, and says where that is doubtful', () => {
  const eyes = images.map(({ name, eye, format, patientId }) => [name, eye, format, patientId])
  expect(eyes).toEqual([
    ['capture_op.dcm', null, 'dicom', 'EYE-7'],
    ['colour', 'right', 'dicom', 'EYE-7'],
    ['grey.dcm', 'right', 'dicom', 'EYE-7'],
    ['inverse.dcm', null, 'dicom', 'EYE-7'],
    ['jpeg.dcm', 'left', 'dicom lossy', 'EYE-7'],
    ['named_left.dcm', 'left', 'dicom', 'EYE-7'],
    ['p_OS.dcm', 'right', 'dicom', 'EYE-7'],
    ['planar.dcm', 'left', 'dicom', 'EYE-7'],
    ['sixteen.dcm', 'left', 'dicom', undefined],
    ['window.dcm', null, 'dicom', 'EYE-7'],
  ])
  const codes = (name: string) => byName(name).warnings.map(({ code }) => code)
  expect(codes('p_OS.dcm')).toEqual(['eye-doubted', 'eye-doubted'])
  expect(codes('inverse.dcm')).toEqual(['eye-both'])
  expect(codes('window.dcm')).toEqual(['spacing-unused', 'picture-depth', 'picture-range'])
  expect(codes('colour')).toEqual([])
  expect(JSON.stringify(images)).not.toContain('Surname')
})

test('both eyes are of the patient whom the files state, whatever their names say', () => {
  const [right, left] = [byName('colour'), byName('planar.dcm')]
  expect([patientOfPhotograph(right), patientOfPhotograph(left)]).toEqual(['EYE-7', 'EYE-7'])
  expect(fellowEye(images, left.imageId)?.eye).toBe('right')
  expect(fellowEye(images, byName('window.dcm').imageId)).toBe(null)
})

const pixelsOf = async (name: string): Promise<Uint8Array> =>
  unwrap(await library.photograph(byName(name).imageId)).bytes

describe.skipIf(python === null)('pixels, by pydicom', () => {
  const ORACLE = `
import json, sys, numpy as np, pydicom
from pydicom.pixels import apply_voi_lut
for path in json.loads(sys.stdin.read()):
    file = pydicom.dcmread(path)
    pixels = file.pixel_array
    if pixels.ndim == 2:
        shown = pixels.astype(float)
        top = 2 ** file.BitsStored - 1
        if 'WindowCenter' in file:
            shown = apply_voi_lut(pixels, file).astype(float)
        shown = np.floor(shown * 255 / top + 0.5)
        if file.PhotometricInterpretation == 'MONOCHROME1':
            shown = 255 - shown
        pixels = np.repeat(shown[..., None], 3, axis=2)
    print(np.ascontiguousarray(pixels).astype('u1').tobytes().hex())
`
  test('are the same: colours, planes, 8 and 16 bit, a window, inverse grey; JPEG to 3 of 255', async () => {
    const names = images.map(({ name }) => name)
    const told = (python?.(ORACLE, JSON.stringify(names.map((name) => join(folder, name)))) ?? '')
      .trim()
      .split('\n')
    for (const [at, name] of names.entries()) {
      const expected = Buffer.from(told[at] ?? '', 'hex')
      const own = await pixelsOf(name)
      expect(own.length, name).toBe(expected.length)
      const apart = own.reduce((most, value, k) => Math.max(most, Math.abs(value - (expected[k] ?? 0))), 0)
      const isRounded = name === 'window.dcm' || name === 'jpeg.dcm'
      expect(apart, name).toBeLessThanOrEqual(name === 'jpeg.dcm' ? 3 : isRounded ? 1 : 0)
    }
  })
})

test('the command line draws one by its file, and a folder of them whatever else lies there', async () => {
  const one = await inferIn(scratch, [join(folder, 'colour')])
  expect([one.code, one.asked.map(({ target }) => target)]).toEqual([
    0,
    [{ kind: 'image', imageId: byName('colour').imageId }],
  ])
  const all = await inferIn(scratch, [folder])
  expect(all.asked).toHaveLength(images.length)
  expect(all.asked.map(({ target }) => (target.kind === 'image' ? target.imageId : ''))).toContain(
    byName('planar.dcm').imageId,
  )
})

const real = join(testDataDir, 'dicom', 'multiframe', 'ophthalmic_photography.dcm')
test.skipIf(skipsWithout('dicom/multiframe/ophthalmic_photography.dcm', 'a real photograph'))(
  'a real one has the pixels that its hash says',
  async () => {
    const own = createLibrary({ workerPath: null })
    const root = unwrap(await own.addRoot(real))
    const { images: found } = unwrap(await own.scan([root], () => undefined, new AbortController().signal))
    const { bytes, description } = unwrap(await own.photograph(found[0]?.imageId ?? ''))
    const first = Uint8Array.from({ length: bytes.length / 3 }, (_, at) => bytes[3 * at] ?? 0)
    const { files } = JSON.parse(readFileSync(join(testDataDir, 'dicom', 'expected.json'), 'utf8')) as {
      files: { file: string; pixels?: { frames?: string[] } }[]
    }
    const told = files.find(({ file }) => real.endsWith(file))
    expect([description.widthPx, found[0]?.eye]).toEqual([1536, 'right'])
    expect(createHash('sha256').update(first).digest('hex')).toBe(told?.pixels?.frames?.[0])
    await own.close()
  },
)
