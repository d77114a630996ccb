/** PNG masks and COCO files against sharp and pycocotools. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  countsOfMask,
  countsOfText,
  maskOfCounts,
  textOfCounts,
} from '../../../src/core/exchange/coco/coco-rle'
import { readCocoReadings, verifyCoco, writeCoco } from '../../../src/core/exchange/coco/coco-readings'
import { type ExchangeReading, wholeMask } from '../../../src/core/exchange/exchange-reading'
import type { ImageTarget, PhotographTarget, SeriesTarget } from '../../../src/core/exchange/image-target'
import { readMaskPictures, writeMaskPictures } from '../../../src/core/exchange/pictures/mask-pictures'
import { pngTexts, writePngMask, writtenPngMask } from '../../../src/core/files/png-file'
import { readMaskPicture } from '../../../src/main/pictures/mask-picture'
import {
  hook,
  inflate,
  written,
  ORIENTATIONS,
  readingOn,
  seriesOf,
  structureOf,
} from '../../fixtures/exchange-source'
import { python, pythonHas } from '../../python'
import { unwrap } from '../../unwrap'

const hasCoco = pythonHas('pycocotools')
const axial = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }
const series = seriesOf({ orientation: axial, widthPx: 37, heightPx: 26, slices: 5 })
const photograph: PhotographTarget = { kind: 'image', name: 'Image_01L.jpg', widthPx: 45, heightPx: 31 }

const onPhotograph: ExchangeReading = {
  reader: 'Leserin Ω',
  facts: {},
  structures: [structureOf(1, 'Vessels', photograph, [0]), structureOf(2, 'Disc', photograph, [])],
}

const onesOf = (reading: ExchangeReading | undefined, { widthPx, heightPx }: ImageTarget) =>
  (reading?.structures ?? []).map(({ slices }) =>
    slices.map((slice) => {
      const whole = wholeMask(slice, widthPx, heightPx)
      return [slice.sliceIndex, ...[...whole.keys()].filter((pixel) => whole[pixel] === 1)]
    }),
  )

const TARGETS: readonly (readonly [string, ImageTarget, ExchangeReading])[] = [
  ['a series', series, readingOn(series)],
  ['a photograph', photograph, onPhotograph],
]

describe.each(TARGETS)('on %s', (_name, target, reading) => {
  test('PNG masks come back, with reader, labels and what nothing was drawn of', async () => {
    const files = unwrap(writeMaskPictures(reading, target, inflate))
    const [read] = unwrap(readMaskPictures(files, target, written)).readings
    expect(read?.reader).toBe(reading.reader)
    expect(read?.structures.map(({ label }) => label)).toEqual(reading.structures.map(({ label }) => label))
    expect(onesOf(read, target)).toEqual(onesOf(reading, target))
    const drawn = files.filter(({ path }) => !path.includes('nothing'))
    const expected = onesOf(reading, target).flat()
    for (const [at, { bytes }] of drawn.entries()) {
      const { data, info } = await sharp(bytes)
        .toColourspace('b-w')
        .raw()
        .toBuffer({ resolveWithObject: true })
      expect([info.width, info.height]).toEqual([target.widthPx, target.heightPx])
      expect([...data.keys()].filter((pixel) => data[pixel] === 255)).toEqual(expected[at]?.slice(1))
    }
  })

  test.each(['rle', 'polygons'] as const)('COCO with %s comes back', (form) => {
    const bytes = unwrap(writeCoco(reading, target, form))
    const { readings, warnings } = unwrap(readCocoReadings(bytes, target))
    expect(readings).toHaveLength(1)
    expect(readings[0]?.reader).toBe(reading.reader)
    expect(onesOf(readings[0], target)).toEqual(onesOf(reading, target))
    expect(warnings).toEqual([])
    const other = { ...reading, structures: reading.structures.slice(0, 1) }
    expect(verifyCoco(bytes, other, target)).toMatchObject({ ok: false })
  })
})

test('masks of an axial CT are named from the head and by their instance, which places them without their texts too', () => {
  const fromHead: SeriesTarget = { ...series, numbering: 'down' }
  const mask = { widthPx: 37, heightPx: 26, pixels: hook(37, 26, 1) }
  const [reading] = unwrap(
    readMaskPictures([{ path: '2.25.14.1.png', bytes: writePngMask(mask, {}) }], fromHead, written),
  ).readings
  if (reading === undefined) throw new Error('no reading')
  const [file] = unwrap(writeMaskPictures(reading, fromHead, inflate))
  const path = file?.path ?? ''
  expect(path).toMatch(new RegExp(`/slice-000${series.slices.length}_2\\.25\\.14\\.1\\.png$`))
  const again = unwrap(readMaskPictures([{ path, bytes: writePngMask(mask, {}) }], fromHead, written))
  expect(again.readings[0]?.structures[0]?.slices[0]?.sliceIndex).toBe(0)
  expect(again.warnings).toEqual([])
})

test('masks of other programs are found by slice-N and by SOP Instance UID', () => {
  const mask = { widthPx: 37, heightPx: 26, pixels: hook(37, 26, 1) }
  const bytes = writePngMask(mask, {})
  const slicesOf = (path: string) => {
    const read = readMaskPictures([{ path, bytes }], series, written)
    return read.ok ? read.value.readings[0]?.structures[0]?.slices[0]?.sliceIndex : read.refusal.code
  }
  expect(slicesOf('masks/slice-0003.png')).toBe(2)
  expect(slicesOf('2.25.14.4.png')).toBe(3)
  expect(slicesOf('slice-6.png')).toBe('annotation-mismatch')
  expect(slicesOf('nodule.png')).toBe('annotation-mismatch')
  const twice = ['a/slice-1.png', 'b/slice-1.png'].map((path) => ({ path, bytes }))
  expect(readMaskPictures(twice, series, written)).toMatchObject({ refusal: { code: 'annotation-mismatch' } })
  const small = writePngMask({ widthPx: 36, heightPx: 26, pixels: new Uint8Array(36 * 26) }, {})
  expect(readMaskPictures([{ path: 'slice-1.png', bytes: small }], series, written)).toMatchObject({
    refusal: { reason: expect.stringContaining('36 × 26 pixels, the series 37 × 26') as string },
  })
})

test('PNG of every form that sharp writes, interlaced too, gives the same mask', async () => {
  const pixels = hook(37, 26, 2)
  const raw = { width: 37, height: 26, channels: 1 as const }
  const grey = sharp(Buffer.from(pixels.map((pixel) => pixel * 255)), { raw })
  const forms = [
    grey.clone().toColourspace('b-w').png(),
    grey.clone().toColourspace('srgb').png(),
    grey.clone().png({ palette: true }),
    grey.clone().ensureAlpha().png(),
    grey.clone().toColourspace('grey16').png(),
    grey.clone().png({ adaptiveFiltering: true, compressionLevel: 9 }),
    grey.clone().png({ progressive: true }),
  ]
  for (const form of forms) {
    const bytes = new Uint8Array(await form.toBuffer())
    const decoded = await readMaskPicture(bytes, null, 'slice-2.png')
    expect(unwrap(decoded).pixels).toEqual(pixels)
    const [read] = unwrap(readMaskPictures([{ path: 'slice-2.png', bytes }], series, () => decoded)).readings
    expect(onesOf(read, series)[0]?.[0]?.slice(1)).toEqual(
      [...pixels.keys()].filter((at) => pixels[at] === 1),
    )
  }
})

test('what was written is read back; damaged, cut and lying files of it are refused', () => {
  const bytes = writePngMask({ widthPx: 37, heightPx: 26, pixels: hook(37, 26, 0) }, { Author: 'A' })
  expect(unwrap(writtenPngMask(bytes, inflate)).pixels).toEqual(hook(37, 26, 0))
  expect(unwrap(pngTexts(bytes)).get('Author')).toBe('A')
  for (let length = 0; length < bytes.length; length += 1)
    expect(writtenPngMask(bytes.slice(0, length), inflate).ok).toBe(false)
  for (let at = 8; at < bytes.length; at += 1) {
    const changed = bytes.slice()
    changed[at] = (changed[at] ?? 0) ^ 0x11
    expect(writtenPngMask(changed, inflate).ok).toBe(false)
  }
})

describe('COCO', () => {
  const file = (annotation: object, more: object = {}) =>
    new TextEncoder().encode(
      JSON.stringify({
        images: [{ id: 7, file_name: '2.25.14.2.png', width: 37, height: 26 }],
        categories: [{ id: 3, name: 'nodule' }],
        annotations: [{ id: 1, image_id: 7, category_id: 3, ...annotation }],
        ...more,
      }),
    )
  const square = (left: number, top: number, size: number) => [
    left,
    top,
    left + size,
    top,
    left + size,
    top + size,
    left,
    top + size,
  ]
  const pixelsOf = (annotation: object) => {
    const { readings, warnings } = unwrap(readCocoReadings(file(annotation), series))
    return { ones: onesOf(readings[0], series).flat(), codes: warnings.map(({ code }) => code) }
  }

  test('polygons count from the corner of the first pixel; parts are united, as the COCO API does', () => {
    const { ones } = pixelsOf({ segmentation: [square(4, 2, 3)] })
    expect(ones).toEqual([
      [1, 2, 3, 4].flatMap((row) => (row === 1 ? [1] : [4, 5, 6].map((c) => row * 37 + c))),
    ])
    // Centres lie at halves: columns 5 and 6, rows 3 and 4.
    const between = pixelsOf({ segmentation: [square(4.6, 2.6, 2.8)] })
    expect(between.ones[0]).toEqual([1, 3 * 37 + 5, 3 * 37 + 6, 4 * 37 + 5, 4 * 37 + 6])
    const ring = pixelsOf({ segmentation: [square(4, 2, 6), square(6, 4, 2)] })
    expect(ring.ones[0]).toHaveLength(1 + 36)
    expect(ring.codes).toEqual(['parts-inside'])
    const twice = pixelsOf({ segmentation: [square(4, 2, 6), square(4, 2, 6)] })
    expect(twice.ones[0]).toHaveLength(1 + 36)
    const damaged = pixelsOf({ segmentation: [square(4, 2, 6), [1, 2, 3, 4], [1, 2, null, 4, 5, 6]] })
    expect(damaged.ones[0]).toHaveLength(1 + 36)
    expect(damaged.codes).toEqual(['parts-left-out'])
    const apart = pixelsOf({ segmentation: [square(4, 2, 6), square(20, 4, 2)] })
    expect(apart.ones[0]).toHaveLength(1 + 36 + 4)
    const overlapping = pixelsOf({ segmentation: [square(4, 2, 6), square(8, 2, 6)] })
    expect(overlapping.ones[0]).toHaveLength(1 + 60)
  })

  test('a box that does not fit is said', () => {
    expect(pixelsOf({ segmentation: [square(4, 2, 6)], bbox: [4, 2, 6, 6] }).codes).toEqual([])
    expect(pixelsOf({ segmentation: [square(4, 2, 6)], bbox: [2, 4, 6, 6] }).codes).toEqual(['boxes-differ'])
    expect(readCocoReadings(file({ bbox: [2, 4, 6, 6] }), series)).toMatchObject({
      ok: false,
      refusal: { code: 'annotation-unsupported' },
    })
  })

  test.each([
    ['no JSON', new TextEncoder().encode('{'), 'annotation-damaged'],
    ['JSON of something else', new TextEncoder().encode('{"a":1}'), 'annotation-unsupported'],
    [
      'runs that are too many',
      file({ segmentation: { size: [26, 37], counts: [1, 2] } }),
      'annotation-damaged',
    ],
    ['negative runs', file({ segmentation: { size: [26, 37], counts: [-1, 963] } }), 'annotation-damaged'],
    [
      'runs of gigantic size',
      file({ segmentation: { size: [1e9, 1e9], counts: [1e18] } }),
      'annotation-mismatch',
    ],
    ['a broken string', file({ segmentation: { size: [26, 37], counts: '~~~~' } }), 'annotation-damaged'],
    ['corners that are no numbers', file({ segmentation: [[1, 2, null, 4, 5, 6]] }), 'annotation-damaged'],
    ['a category that is not there', file({ category_id: 9 }), 'annotation-damaged'],
    ['images with one id', file({}, { images: [{ id: 7 }, { id: 7 }] }), 'annotation-damaged'],
    [
      'another image',
      file({}, { images: [{ id: 7, file_name: 'x.png', width: 37, height: 26 }] }),
      'annotation-mismatch',
    ],
    [
      'another size',
      file({}, { images: [{ id: 7, file_name: 'slice-1.png', width: 9, height: 26 }] }),
      'annotation-mismatch',
    ],
  ])('%s is refused', (_name, bytes, code) => {
    expect(readCocoReadings(bytes, series)).toMatchObject({ ok: false, refusal: { code } })
  })

  test('run lengths and their text come back', () => {
    const masks = fc
      .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
      .chain(({ width, height }) =>
        fc
          .uint8Array({ minLength: width * height, maxLength: width * height, max: 1 })
          .map((pixels) => ({ width, height, pixels })),
      )
    fc.assert(
      fc.property(masks, ({ width, height, pixels }) => {
        const counts = countsOfMask(pixels, width, height)
        expect(unwrap(countsOfText(textOfCounts(counts), pixels.length))).toEqual(counts)
        expect(unwrap(maskOfCounts(counts, width, height))).toEqual(pixels)
      }),
      { seed: 5 },
    )
  })
})

describe.skipIf(!hasCoco)('pycocotools (skipped where it is not installed)', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'margin-exchange-coco-'))
  afterAll(() => {
    rmSync(scratch, { recursive: true })
  })
  const SCRIPT = `
import json, sys, numpy
from pycocotools import mask as M
answers = []
for path in sys.argv[1:]:
    d = json.load(open(path))
    sizes = {i["id"]: (i["height"], i["width"]) for i in d["images"]}
    own = []
    for a in d["annotations"]:
        h, w = sizes[a["image_id"]]
        s = a["segmentation"]
        rle = M.merge(M.frPyObjects(s, h, w)) if isinstance(s, list) else s
        bits = M.decode(rle)
        again = M.encode(numpy.asfortranarray(bits))
        own.append({"ones": numpy.flatnonzero(bits).tolist(), "area": int(M.area(rle)), "bbox": M.toBbox(rle).tolist(), "told": [a["area"], a["bbox"]], "counts": again["counts"].decode(), "own": s["counts"] if isinstance(s, dict) else ""})
    answers.append(own)
print(json.dumps(answers))`
  const Answer = z.array(
    z.array(
      z.object({
        ones: z.array(z.number()),
        area: z.number(),
        bbox: z.array(z.number()),
        told: z.tuple([z.number(), z.array(z.number())]),
        counts: z.string(),
        own: z.string(),
      }),
    ),
  )

  test('it sees the same pixels, areas, boxes and strings', () => {
    const cases = TARGETS.flatMap(([, target, reading], at) =>
      (['rle', 'polygons'] as const).map((form) => {
        const path = join(scratch, `${at}-${form}.json`)
        writeFileSync(path, unwrap(writeCoco(reading, target, form)))
        return {
          path,
          form,
          expected: onesOf(reading, target)
            .flat()
            .map((list) => list.slice(1)),
        }
      }),
    )
    const output = execFileSync(python, ['-c', SCRIPT, ...cases.map(({ path }) => path)], {
      encoding: 'utf8',
    })
    Answer.parse(JSON.parse(output)).forEach((own, at) => {
      expect(own.map(({ ones }) => ones)).toEqual(cases[at]?.expected)
      for (const { area, bbox, told, counts, own: written } of own) {
        expect([area, bbox]).toEqual(told)
        if (cases[at]?.form === 'rle') expect(counts).toBe(written)
      }
    })
  })
})
