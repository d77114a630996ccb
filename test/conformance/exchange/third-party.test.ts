/** Segmentations and structure sets of other programs (data/dicom/derived) say what expected.json says of them. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { assembleSeries } from '../../../src/core/dicom/assemble-series'
import type { Instance } from '../../../src/core/dicom/instance'
import { countReadings } from '../../../src/core/exchange/exchange-reading'
import { seriesTarget, type SeriesTarget } from '../../../src/core/exchange/image-target'
import { placeSegmentation } from '../../../src/core/exchange/seg/place-segmentation'
import { readSegmentation, type SegmentationObject } from '../../../src/core/exchange/seg/read-segmentation'
import { placeStructureSet } from '../../../src/core/exchange/rtstruct/place-structure-set'
import { readStructureSet } from '../../../src/core/exchange/rtstruct/read-structure-set'
import { perform } from '../../../src/main/library/decode/perform'
import { corpusDir, readCorpus } from '../../fixtures/dicom-corpus'
import { inflate } from '../../fixtures/exchange-source'
import { absent } from '../../test-data'
import { unwrap } from '../../unwrap'

const reason = absent('dicom')
const corpus = reason === null ? readCorpus().files : []

function seriesIn(folder: string): SeriesTarget {
  const instances = readdirSync(join(corpusDir, folder)).flatMap((name): Instance[] => {
    const path = `${folder}/${name}`
    const answer = perform({ kind: 'inspect', source: { kind: 'file', file: join(corpusDir, path) }, path })
    const isImage = answer.kind === 'inspect' && answer.inspection.kind === 'image'
    return isImage && answer.inspection.instance.modality === 'CT' ? [answer.inspection.instance] : []
  })
  const [first] = assembleSeries(instances)
  if (first === undefined) throw new Error(`no series in ${folder}`)
  return seriesTarget(first.detail, null)
}

/** The series that an object itself describes: its own positions and references, as no other source is at hand. */
function impliedSeries(object: SegmentationObject): SeriesTarget {
  const [first] = object.frames
  const slices = new Map(object.frames.map((frame) => [frame.positionMm?.join() ?? '', frame]))
  const ordered = [...slices.values()].sort((a, b) => (a.positionMm?.[2] ?? 0) - (b.positionMm?.[2] ?? 0))
  return {
    kind: 'series',
    numbering: 'up',
    seriesUid: object.referencedSeriesUids[0] ?? '',
    studyUid: '',
    frameOfReferenceUid: object.frameOfReferenceUid,
    widthPx: object.columns,
    heightPx: object.rows,
    spacingMm: first?.spacingMm ?? null,
    sliceStepMm: null,
    orientation: first?.orientation ?? null,
    slices: ordered.map((frame) => ({
      sopInstanceUid: frame.sources[0]?.sopInstanceUid ?? '',
      frame: frame.sources[0]?.frame ?? 0,
      positionMm: frame.positionMm,
    })),
  }
}

const Expected = z.looseObject({
  segments: z.array(z.object({ number: z.number(), label: z.string() })),
  segmentationType: z.string(),
  frames: z.number(),
  pixels: z.looseObject({
    frames: z.array(z.string()).optional(),
    frames_first_8: z.array(z.string()).optional(),
  }),
})
/** Its pixels need a decoder that lives outside of core. */
const UNDECODED = ['JPEG 2000 lossless']

const segmentations = corpus.filter(
  (file) => file.modality === 'SEG' && file.file.startsWith('derived/') && file.expected_pixels,
)

describe.skipIf(reason !== null)('segmentations', () => {
  test.each(segmentations)('$file', (file) => {
    const expected = Expected.parse(file)
    const read = readSegmentation(new Uint8Array(readFileSync(join(corpusDir, file.file))), inflate)
    if (UNDECODED.includes(z.string().parse(file['transferSyntaxName']))) {
      expect(read).toMatchObject({ ok: false, refusal: { code: 'transfer-syntax-unsupported' } })
      return
    }
    const object = unwrap(read)
    expect(object.segments.map(({ number, label }) => ({ number, label }))).toEqual(expected.segments)
    expect(object.frames).toHaveLength(expected.frames)
    const type = { BINARY: 'binary', LABELMAP: 'labelmap' }[expected.segmentationType]
    expect(type === undefined ? ['probability', 'occupancy'] : [type]).toContain(object.kind)
    const hashes = expected.pixels.frames ?? expected.pixels.frames_first_8 ?? []
    hashes.forEach((hash, at) => {
      const bytes = Uint8Array.from(unwrap(object.decode(at)).values)
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash)
    })
    const target = impliedSeries(object)
    const placed = placeSegmentation(object, target)
    if (object.tiled) {
      expect(placed).toMatchObject({ ok: false, refusal: { code: 'annotation-unsupported' } })
      return
    }
    const { reading } = unwrap(placed)
    // Counts in, counts out: as many structures as segments, as many pixels as frames hold.
    const segments = expected.segments.filter(({ number }) => number > 0)
    expect(reading.structures.map(({ label }) => label)).toEqual(segments.map(({ label }) => label))
    if (object.kind === 'binary') {
      let ones = 0
      object.frames.forEach((_frame, at) => {
        for (const value of Array.from(unwrap(object.decode(at)).values)) ones += value
      })
      expect(countReadings([reading]).pixels).toBe(ones)
    }
  })

  test('frames out of order, overlapping segments: voxels of the phantom as by construction', () => {
    const target = seriesIn('geometry/phantom-axial')
    const file = join(corpusDir, 'derived/synthetic/seg_on_phantom_axial.dcm')
    const object = unwrap(readSegmentation(new Uint8Array(readFileSync(file)), inflate))
    const { reading } = unwrap(placeSegmentation(object, target))
    const counts = reading.structures.map((structure) =>
      countReadings([{ ...reading, structures: [structure] }]),
    )
    expect(counts.map(({ pixels, slices }) => ({ pixels, slices }))).toEqual([
      { pixels: 344, slices: 6 },
      { pixels: 3776, slices: 8 },
    ])
    // "left half body" lies where x is above 0 (to the patient's left): columns from the middle on.
    const left = reading.structures[1]?.slices ?? []
    expect(left.every(({ mask }) => mask.originColumn >= 24)).toBe(true)
  })

  test('dcmqi: its segmentation lies on the images that it was made on', () => {
    const target = seriesIn('derived/dcmqi-23x38x3')
    const file = join(corpusDir, 'derived/dcmqi-23x38x3/label_seg.dcm')
    const object = unwrap(readSegmentation(new Uint8Array(readFileSync(file)), inflate))
    const { reading } = unwrap(placeSegmentation(object, target))
    expect(reading.reader).toBe('Doe^John')
    expect(reading.structures.map(({ slices }) => slices.map(({ sliceIndex }) => sliceIndex))).toEqual([
      [0, 1, 2],
    ])
  })

  test('shares of a fractional segmentation are kept', () => {
    const file = join(corpusDir, 'derived/seg/seg_image_ct_true_fractional.dcm')
    const object = unwrap(readSegmentation(new Uint8Array(readFileSync(file)), inflate))
    const { reading, warnings } = unwrap(placeSegmentation(object, impliedSeries(object)))
    expect(warnings.map(({ code }) => code)).toContain('fractional')
    const shares = reading.structures.flatMap(({ slices }) =>
      slices.flatMap(({ fraction }) => Array.from(fraction?.values ?? [])),
    )
    expect(shares.some((share) => share > 0 && share < 1)).toBe(true)
    expect(Math.max(...shares)).toBeLessThanOrEqual(1)
  })
})

const ExpectedRegions = z.looseObject({
  rois: z.array(z.object({ number: z.number(), name: z.string(), contours: z.number(), points: z.number() })),
})
const structureSets = corpus.filter((file) => file.modality === 'RTSTRUCT')

describe.skipIf(reason !== null)('structure sets', () => {
  test.each(structureSets)('$file', (file) => {
    const { rois } = ExpectedRegions.parse(file)
    const set = unwrap(readStructureSet(new Uint8Array(readFileSync(join(corpusDir, file.file))), inflate))
    const found = set.regions.map(({ number, name, contours }) => ({
      number,
      name,
      contours: contours.length,
      points: contours.reduce((sum, { pointsMm }) => sum + pointsMm.length / 3, 0),
    }))
    expect(found).toEqual(rois)
  })

  test('areas on the phantom: what pixel centres lie inside, holes empty by either way', () => {
    const target = seriesIn('geometry/phantom-axial')
    const file = join(corpusDir, 'derived/synthetic/rtstruct_on_phantom_axial.dcm')
    const set = unwrap(readStructureSet(new Uint8Array(readFileSync(file)), inflate))
    const { readings, warnings } = unwrap(placeStructureSet(set, target))
    // Rows of centres lie on sides of the squares: left and upper sides belong to a shape, the others do not.
    const inSquare = (x: number, y: number, half: number): boolean =>
      x >= -half && x < half && y >= -half && y < half
    const shapes: Readonly<Record<string, (x: number, y: number) => boolean>> = {
      'circle r8': (x, y) => Math.hypot(x, y) < 8 * Math.cos(Math.PI / 128),
      'square 20': (x, y) => inSquare(x - 5, y + 5, 10),
      'ring by two contours': (x, y) => inSquare(x, y, 10) && !inSquare(x, y, 5),
      'ring by keyhole': (x, y) => inSquare(x, y, 10) && !inSquare(x, y, 5),
    }
    const structures = readings.flatMap((reading) => reading.structures)
    expect(structures.map(({ label }) => label)).toEqual([...Object.keys(shapes), 'empty'])
    for (const structure of structures) {
      const isInside = shapes[structure.label]
      if (isInside === undefined) {
        expect(structure.slices).toEqual([])
        continue
      }
      let expected = 0
      for (let row = 0; row < 40; row += 1)
        for (let column = 0; column < 48; column += 1)
          if (isInside(-35.25 + 1.5 * column, -39 + 2 * row)) expected += 1
      expect(structure.slices).toHaveLength(8)
      const { pixels } = countReadings([{ reader: '', facts: {}, structures: [structure] }])
      expect(pixels).toBe(8 * expected)
    }
    expect(warnings.map(({ code }) => code).sort()).toEqual([
      'contours-combined',
      'contours-left-out',
      'contours-left-out',
    ])
  })
})

test.skipIf(reason !== null)('pixels of a label that no segment describes are said, not lost unseen', () => {
  const file = join(corpusDir, 'derived/seg/sparse-labelmap-noppv.dcm')
  const object = unwrap(readSegmentation(new Uint8Array(readFileSync(file)), inflate))
  const renamed = object.segments.map((segment) => ({ ...segment, number: segment.number * 9 }))
  // None is left: that is no reading of nothing.
  expect(placeSegmentation({ ...object, segments: renamed }, impliedSeries(object))).toMatchObject({
    ok: false,
    refusal: {
      code: 'annotation-damaged',
      reason: 'All pixels of the segmentation (1) belong to no segment that is described.',
    },
  })
})
