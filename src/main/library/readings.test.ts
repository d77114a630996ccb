import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { accept, type AnnotationSummary, type ImageSummary, refuse } from '../../contract'
import { decodeBoxMask } from '../../core/contour/box-mask'
import type { LibraryService } from './library-service'
import { companionOf } from './companion-masks'
import { createReadings } from './readings'
import { testDataDir } from '../../../test/test-data'

const retina = join(testDataDir, 'retina')
const present = existsSync(join(retina, 'images.csv'))

/** A library that holds photographs and their masks by path, and nothing else. */
function libraryOf(
  files: ReadonlyMap<string, Uint8Array>,
  sizes: ReadonlyMap<string, [number, number]>,
): LibraryService {
  const paths = [...files.keys(), ...sizes.keys()]
  const images = [...sizes].map(([path, [width, height]]): ImageSummary => ({
    imageId: path,
    path,
    name: path,
    format: 'png',
    width,
    height,
    bitsPerChannel: 8,
    channels: 3,
    eye: null,
    warnings: [],
  }))
  const annotations = [...files.keys()].map((path): AnnotationSummary => {
    const companion = companionOf(path, paths)
    return {
      annotationId: path,
      path,
      kind: companion?.kind ?? 'mask',
      seriesUid: null,
      imageId: companion?.imagePath ?? images[0]?.imageId ?? null,
      note: '',
    }
  })
  const none = () => refuse('not-found', 'not in this library')
  return {
    addRoot: () => Promise.resolve(none()),
    roots: () => [],
    isScanned: () => true,
    warm: () => undefined,
    scan: () => Promise.resolve(none()),
    current: () => ({ series: [], images, annotations, refused: [], filesRead: 0, scannedAt: '', roots: [] }),
    openedPath: () => null,
    filesOf: () => [],
    annotationFile: () => null,
    seriesDetail: none,
    slicePixels: () => Promise.resolve(none()),
    sliceElements: () => Promise.resolve(none()),
    sliceTags: () => Promise.resolve(none()),
    photograph: () => Promise.resolve(none()),
    thumbnail: () => Promise.resolve(none()),
    annotationBytes: (id) => {
      const bytes = files.get(id)
      return Promise.resolve(bytes === undefined ? none() : accept(bytes))
    },
    close: () => Promise.resolve(),
  }
}

async function grey(pixels: readonly number[], widthPx: number): Promise<Uint8Array> {
  const raw = { width: widthPx, height: pixels.length / widthPx, channels: 1 as const }
  return new Uint8Array(await sharp(Uint8Array.from(pixels), { raw }).png().toBuffer())
}

test('a mask is set where it is not black, row by row from the top left', async () => {
  const files = new Map([['eye_readerB.png', await grey([0, 0, 1, 1, 0, 0], 3)]])
  const readings = createReadings({ library: libraryOf(files, new Map([['eye.png', [3, 2]]])) })
  const set = await readings.importAnnotations({ annotationIds: ['eye_readerB.png'] })
  if (!set.ok) throw new Error(set.refusal.reason)
  const [reading] = set.value.structures[0]?.readings ?? []
  expect(reading).toMatchObject({ letter: 'B', label: 'Reader B', voxels: 2, empty: false })
  const box = reading?.slices[0]?.mask
  if (box === undefined) throw new Error('no mask')
  expect(decodeBoxMask(box)).toEqual({
    originColumn: 0,
    originRow: 0,
    mask: { widthPx: 3, heightPx: 2, pixels: Uint8Array.from([0, 0, 1, 1, 0, 0]) },
  })
  expect(readings.of({ kind: 'image', imageId: 'eye.png' })).toEqual(set.value)
})

test('a mask of another size is refused and names both sizes', async () => {
  const files = new Map([['eye_readerA.png', await grey([0, 255], 2)]])
  const readings = createReadings({ library: libraryOf(files, new Map([['eye.png', [3, 2]]])) })
  const set = await readings.importAnnotations({ annotationIds: ['eye_readerA.png'] })
  expect(set).toMatchObject({ ok: false, refusal: { code: 'annotation-mismatch', path: 'eye_readerA.png' } })
  expect(set.ok ? '' : set.refusal.reason).toContain('2 × 1')
  expect(readings.of({ kind: 'image', imageId: 'eye.png' })).toBeNull()
})

test('a mask that is no picture is refused', async () => {
  const files = new Map([['eye_readerA.png', Uint8Array.from([1, 2, 3])]])
  const readings = createReadings({ library: libraryOf(files, new Map([['eye.png', [3, 2]]])) })
  const set = await readings.importAnnotations({ annotationIds: ['eye_readerA.png'] })
  expect(set).toMatchObject({ ok: false, refusal: { code: 'picture-unsupported' } })
})

test('an annotation that the library does not hold is not found', async () => {
  const readings = createReadings({ library: libraryOf(new Map(), new Map()) })
  expect(await readings.importAnnotations({ annotationIds: ['gone'] })).toMatchObject({
    ok: false,
    refusal: { code: 'not-found' },
  })
})

function walk(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

describe('masks beside a photograph', () => {
  const size = { width: 6, height: 4 }
  const marks = (values: readonly number[], format: 'png' | 'jpeg' = 'png') =>
    sharp(
      Uint8Array.from({ length: 24 }, (_, at) => values[at % values.length] ?? 0),
      {
        raw: { ...size, channels: 1 },
      },
    )
      .toColourspace('b-w')
      .toFormat(format)
      .toBuffer()
  const bringIn = async (files: Readonly<Record<string, Buffer>>) => {
    const masks = new Map(Object.entries(files).map(([name, bytes]) => [name, new Uint8Array(bytes)]))
    const readings = createReadings({ library: libraryOf(masks, new Map([['P4.png', [6, 4]]])) })
    return readings.importAnnotations({ annotationIds: Object.keys(files) })
  }

  test('one that cannot be read is named, and keeps back none of the others', async () => {
    const three = await marks([0, 100, 255])
    const set = await bringIn({ 'P4_readerA.png': three, 'P4_readerB.png': await marks([0, 255]) })
    if (!set.ok) throw new Error(set.refusal.reason)
    expect(set.value.structures[0]?.readings.map(({ letter, voxels }) => [letter, voxels])).toEqual([
      ['B', 12],
    ])
    expect(set.value.warnings.map(({ text }) => text).join()).toMatch(
      /Left out\. P4_readerA\.png: .*3 values/,
    )
    const none = await bringIn({ 'P4_readerA.png': three, 'P4_readerB.png': three })
    expect(none.ok ? '' : none.refusal.reason).toMatch(/P4_readerA\.png: .*P4_readerB\.png: /)
  })

  test('a JPEG picture is taken, and it is said what JPEG does to borders', async () => {
    const set = await bringIn({ 'P4_readerA.jpg': await marks([0], 'jpeg') })
    if (!set.ok) throw new Error(set.refusal.reason)
    expect(set.value.warnings.map(({ text }) => text).join()).toMatch(/P4_readerA\.jpg is a JPEG picture/)
  })
})

/** Published names, sizes and counts: data/retina/README.md and images.csv. */
describe.skipIf(!present)('published photographs (skipped where data/retina is absent)', () => {
  const load = (folder: string, photographs: ReadonlyMap<string, [number, number]>) => {
    const paths = walk(folder)
    const files = paths.filter((path) => companionOf(path, [...photographs.keys()]) !== null)
    return libraryOf(new Map(files.map((path) => [path, new Uint8Array(readFileSync(path))])), photographs)
  }

  test.each([
    ['test/images/01_test.tif', [8861, 6473]],
    ['test/images/02_test.tif', [10097, 6984]],
    ['training/images/21_training.tif', [9616]],
  ])('DRIVE layout %s: palettes count by colour, not by index', async (name, voxels) => {
    const folder = join(retina, 'drive-layout')
    const image = join(folder, name)
    const library = load(folder, new Map([[image, [283, 292]]]))
    const readings = createReadings({ library })
    const set = await readings.importAnnotations({
      annotationIds: library.current().annotations.map((annotation) => annotation.annotationId),
    })
    if (!set.ok) throw new Error(set.refusal.reason)
    expect(set.value.structures[0]?.readings.map((reading) => reading.voxels)).toEqual(voxels)
    const field = await readings.fieldOfViewOf(image)
    expect(field?.pixels.reduce((sum, pixel) => sum + pixel, 0)).toBe(56376)
  })

  const table = present ? readFileSync(join(retina, 'images.csv'), 'utf8').trim().split(/\r?\n/) : []
  const [head = '', ...lines] = table
  const names = head.split(',')
  const rows = lines.map((line) => new Map(line.split(',').map((cell, index) => [names[index] ?? '', cell])))

  test.each(rows.filter((_row, index) => index % 10 === 0))('every label pixel of row %#', async (row) => {
    const cell = (name: string): string => row.get(name) ?? ''
    const image = join(retina, cell('image'))
    const size: [number, number] = [Number(cell('width')), Number(cell('height'))]
    const letters = ['rater1', 'rater2']
    const files = new Map(
      letters.map((name) => [
        join(retina, cell(name)),
        new Uint8Array(readFileSync(join(retina, cell(name)))),
      ]),
    )
    const readings = createReadings({ library: libraryOf(files, new Map([[image, size]])) })
    const set = await readings.importAnnotations({ annotationIds: [...files.keys()] })
    if (!set.ok) throw new Error(set.refusal.reason)
    const hashes = set.value.structures[0]?.readings.map((reading) => {
      const box = reading.slices[0]?.mask
      if (box === undefined) throw new Error('no mask')
      const { originColumn, originRow, mask } = decodeBoxMask(box)
      const whole = new Uint8Array(size[0] * size[1])
      mask.pixels.forEach((pixel, index) => {
        const at =
          (originRow + Math.floor(index / mask.widthPx)) * size[0] + originColumn + (index % mask.widthPx)
        whole[at] = pixel * 255
      })
      return createHash('sha256').update(whole).digest('hex')
    })
    expect(hashes).toEqual([cell('rater1PixelsSha256'), cell('rater2PixelsSha256')])
  })
})
