/** Segmentations of readers: written, read by other programs, and those of other programs read. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type ExchangeStructure, wholeMask } from '../../../src/core/exchange/exchange-reading'
import type { TargetSlice } from '../../../src/core/exchange/image-target'
import { placeSegmentation } from '../../../src/core/exchange/seg/place-segmentation'
import { readSegmentation } from '../../../src/core/exchange/seg/read-segmentation'
import {
  verifySegmentation,
  writeSegmentationReading,
} from '../../../src/core/exchange/seg/write-segmentation'
import { inflate, ORIENTATIONS, readingOn, seriesOf, sourceOf, STAMP } from '../../fixtures/exchange-source'
import { hasValidator, saidByValidator } from '../../fixtures/dicom-validator'
import { python, pythonHas } from '../../python'
import { unwrap } from '../../unwrap'

const axial = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }

/** Slices as text: typed arrays compare slowly. */
const linesOf = (structures: readonly ExchangeStructure[]): readonly (readonly string[])[] =>
  structures.map(({ slices }) =>
    slices.map(({ sliceIndex, mask: { originColumn, originRow, mask } }) =>
      [sliceIndex, originColumn, originRow, mask.widthPx, mask.pixels.join('')].join(' '),
    ),
  )

const SIZES = [
  { widthPx: 127, heightPx: 33 },
  { widthPx: 130, heightPx: 130 },
  { widthPx: 511, heightPx: 64 },
]

const SHAPES = [
  ...SIZES.map((size) => ({ ...size, orientation: axial, plane: 'axial' })),
  ...Object.entries(ORIENTATIONS).map(([plane, orientation]) => ({
    widthPx: 37,
    heightPx: 26,
    orientation,
    plane,
  })),
]

test.each(SHAPES)('$plane, $widthPx x $heightPx: the reading comes back, bit for bit', (shape) => {
  const target = seriesOf({ ...shape, slices: 5 })
  const reading = readingOn(target)
  const bytes = unwrap(writeSegmentationReading(reading, sourceOf(target), STAMP))
  const { reading: read } = unwrap(placeSegmentation(unwrap(readSegmentation(bytes, inflate)), target))
  expect(read.reader).toBe('Reader 1')
  expect(read.structures.map(({ label }) => label)).toEqual(['Nodule 1', 'Nodule 2', 'Nodule 3'])
  expect(linesOf(read.structures)).toEqual(linesOf(reading.structures))
  read.structures.forEach(({ colour }, at) => {
    colour?.forEach((value, channel) => {
      expect(Math.abs(value - (reading.structures[at]?.colour?.[channel] ?? -9))).toBeLessThanOrEqual(1)
    })
  })
})

test('a reader who drew nothing still has an object, and it reads back as nothing', () => {
  const target = seriesOf({ orientation: axial, widthPx: 40, heightPx: 30, slices: 3 })
  const full = readingOn(target)
  const empty = { ...full, structures: full.structures.map((s) => ({ ...s, slices: [] })) }
  const bytes = unwrap(writeSegmentationReading(empty, sourceOf(target), STAMP))
  const { reading } = unwrap(placeSegmentation(unwrap(readSegmentation(bytes, inflate)), target))
  expect(reading.structures.map(({ slices }) => slices.length)).toEqual([0, 0, 0])
})

test('another reading than the written one does not verify, and says where', () => {
  const target = seriesOf({ orientation: axial, widthPx: 40, heightPx: 30, slices: 3 })
  const reading = readingOn(target)
  const bytes = unwrap(writeSegmentationReading(reading, sourceOf(target), STAMP))
  expect(verifySegmentation(bytes, reading, sourceOf(target))).toMatchObject({ ok: true })
  const renamed = { ...reading, reader: 'Reader 2' }
  expect(verifySegmentation(bytes, renamed, sourceOf(target))).toMatchObject({ ok: false })
  const [first, ...others] = reading.structures
  if (first === undefined) throw new Error('no structure')
  const changes = [
    first.slices.slice(1),
    first.slices.map((slice) => ({ ...slice, sliceIndex: (slice.sliceIndex + 1) % 3 })),
    first.slices.map((slice) => ({
      ...slice,
      mask: { ...slice.mask, originColumn: slice.mask.originColumn + 1 },
    })),
    // One pixel inside the box.
    first.slices.map(({ mask: { mask, ...origin }, ...slice }) => ({
      ...slice,
      mask: { ...origin, mask: { ...mask, pixels: mask.pixels.map((p, at) => (at === 41 ? 1 - p : p)) } },
    })),
  ]
  for (const slices of changes) {
    const changed = { ...reading, structures: [{ ...first, slices }, ...others] }
    const verdict = verifySegmentation(bytes, changed, sourceOf(target))
    expect(verdict).toMatchObject({ ok: false, refusal: { code: 'internal' } })
  }
})

test('names beyond ASCII are written in UTF-8 beside the names of the source', () => {
  const target = seriesOf({ orientation: axial, widthPx: 40, heightPx: 30, slices: 3 })
  const reading = { ...readingOn(target), reader: 'Leserin Ω' }
  const source = sourceOf(target)
  const latin = new Map(source.shared).set('PatientName', Uint8Array.of(0x4d, 0xfc, 0x6c, 0x20))
  const bytes = unwrap(writeSegmentationReading(reading, { ...source, shared: latin }, STAMP))
  expect(unwrap(readSegmentation(bytes, inflate)).creator).toBe('Leserin Ω')
  expect(new TextDecoder().decode(bytes)).toContain('Mül')
})

test('other size, frame of reference, slices or place: refused by name', () => {
  const shape = { orientation: axial, widthPx: 40, heightPx: 30, slices: 3 }
  const target = seriesOf(shape)
  const object = unwrap(
    readSegmentation(unwrap(writeSegmentationReading(readingOn(target), sourceOf(target), STAMP)), inflate),
  )
  const mismatch = (reason: RegExp) => ({
    ok: false,
    refusal: { code: 'annotation-mismatch', reason: expect.stringMatching(reason) as string },
  })
  const place = (changed: Partial<typeof target>) => placeSegmentation(object, { ...target, ...changed })
  expect(place({ widthPx: 41 })).toMatchObject(mismatch(/40 × 30 pixels, the series 41 × 30/))
  expect(place({ frameOfReferenceUid: '2.25.99' })).toMatchObject(mismatch(/frame of reference 2\.25\.12/))
  const others = target.slices.map((slice) => ({ ...slice, sopInstanceUid: `${slice.sopInstanceUid}.9` }))
  expect(place({ slices: others, seriesUid: '2.25.77' })).toMatchObject(
    mismatch(/slice 2\.25\.14\.1, which the series does not have.*series 2\.25\.13/),
  )
  expect(place({ orientation: { row: [-1, 0, 0], column: [0, 1, 0] } })).toMatchObject(mismatch(/mirrored/))
  const moved = target.slices.map((slice): TargetSlice => ({ ...slice, positionMm: [0, 0, 0] }))
  expect(place({ slices: moved })).toMatchObject(mismatch(/mm off slice 1/))
  const photograph = { kind: 'image', name: 'a.png', widthPx: 40, heightPx: 30 } as const
  expect(placeSegmentation(object, photograph)).toMatchObject(mismatch(/photograph/))
  const twice = { ...object, frames: object.frames.map((frame) => ({ ...frame, segment: 1 })) }
  expect(placeSegmentation(twice, target)).toMatchObject({
    ok: false,
    refusal: { code: 'annotation-damaged' },
  })
})

test('frames that name no source go where their positions say, and a warning says so', () => {
  const target = seriesOf({ orientation: axial, widthPx: 40, heightPx: 30, slices: 4 })
  const object = unwrap(
    readSegmentation(unwrap(writeSegmentationReading(readingOn(target), sourceOf(target), STAMP)), inflate),
  )
  const nameless = { ...object, frames: object.frames.map((frame) => ({ ...frame, sources: [] })) }
  const placed = unwrap(placeSegmentation(nameless, target))
  expect(placed.warnings.map(({ code }) => code)).toContain('placed-by-position')
  expect(placed.reading.structures.map(({ slices }) => slices.map(({ sliceIndex }) => sliceIndex))).toEqual([
    [0, 1, 3],
    [1, 3],
    [],
  ])
})

test('frames of a multi-frame source are told apart by their frame numbers', () => {
  const single = seriesOf({ orientation: axial, widthPx: 40, heightPx: 30, slices: 4 })
  const target = {
    ...single,
    slices: single.slices.map((slice, frame) => ({ ...slice, sopInstanceUid: '2.25.14', frame })),
  }
  const source = sourceOf(target)
  const numbered = new Map(
    [...source.slices].map(([index, slice]) => [index, { ...slice, frameNumber: index + 1 }]),
  )
  const reading = readingOn(target)
  const bytes = unwrap(writeSegmentationReading(reading, { ...source, slices: numbered }, STAMP))
  const object = unwrap(readSegmentation(bytes, inflate))
  expect(object.frames.map(({ sources }) => sources[0]?.frame)).toEqual([0, 1, 3, 1, 3])
})

test('no cut of the file is read as a whole one, and nothing throws', () => {
  const target = seriesOf({ orientation: axial, widthPx: 40, heightPx: 30, slices: 3 })
  const bytes = unwrap(writeSegmentationReading(readingOn(target), sourceOf(target), STAMP))
  for (let length = 0; length < bytes.length - 2; length += 97) {
    const read = readSegmentation(bytes.slice(0, length), inflate)
    expect(read.ok).toBe(false)
  }
})

test('gigantic frames are refused before anything is allocated', () => {
  const target = seriesOf({ orientation: axial, widthPx: 40, heightPx: 30, slices: 3 })
  const bytes = unwrap(writeSegmentationReading(readingOn(target), sourceOf(target), STAMP))
  const lying = bytes.slice()
  // Rows and columns, explicit US, to 65535 each.
  for (let at = 0; at < lying.length - 10; at += 1) {
    const isSize =
      lying[at] === 0x28 && lying[at + 1] === 0 && (lying[at + 2] === 0x10 || lying[at + 2] === 0x11)
    if (isSize && lying[at + 3] === 0 && lying[at + 4] === 0x55) lying.fill(0xff, at + 8, at + 10)
  }
  const read = readSegmentation(lying, inflate)
  expect(read).toMatchObject({ ok: false })
})

describe('other programs', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'margin-exchange-seg-'))
  afterAll(() => {
    rmSync(scratch, { recursive: true })
  })
  const files = SIZES.map((size, at) => {
    const orientation = Object.values(ORIENTATIONS)[at * 2] ?? axial
    const target = seriesOf({ orientation, ...size, slices: 5 })
    const reading = readingOn(target)
    const path = join(scratch, `${size.widthPx}.dcm`)
    writeFileSync(path, unwrap(writeSegmentationReading(reading, sourceOf(target), STAMP)))
    return { path, target, reading }
  })
  const expected = (at: number) =>
    (files[at]?.reading.structures ?? []).map(({ slices }) =>
      slices.map((slice) => {
        const { widthPx, heightPx } = files[at]?.target ?? { widthPx: 0, heightPx: 0 }
        const whole = wholeMask(slice, widthPx, heightPx)
        return [...whole.keys()].filter((pixel) => whole[pixel] === 1)
      }),
    )

  const Answer = z.array(
    z.object({
      creator: z.string(),
      labels: z.array(z.string()),
      ones: z.array(z.array(z.array(z.number()))),
    }),
  )
  const PYDICOM = `
import json, sys, numpy, pydicom
answers = []
for path in sys.argv[1:]:
    d = pydicom.dcmread(path)
    p = d.pixel_array
    ones = [[] for _ in d.SegmentSequence]
    for k, g in enumerate(d.PerFrameFunctionalGroupsSequence):
        ones[g.SegmentIdentificationSequence[0].ReferencedSegmentNumber - 1].append(numpy.flatnonzero(p[k]).tolist())
    answers.append({"creator": str(d.ContentCreatorName), "labels": [s.SegmentLabel for s in d.SegmentSequence], "ones": ones})
print(json.dumps(answers))`
  const HIGHDICOM = `
import json, sys, numpy, highdicom
answers = []
for path in sys.argv[1:]:
    s = highdicom.seg.segread(path)
    ones = []
    for number in s.segment_numbers:
        volume = s.get_pixels_by_source_instance(["2.25.14.%d" % (k + 1) for k in range(5)], segment_numbers=[number], assert_missing_frames_are_empty=True, ignore_spatial_locations=True)
        ones.append([numpy.flatnonzero(f).tolist() for f in volume[..., 0] if f.any()])
    answers.append({"creator": str(s.ContentCreatorName), "labels": [s.get_segment_description(n).segment_label for n in s.segment_numbers], "ones": ones})
print(json.dumps(answers))`

  const others = { pydicom: PYDICOM, highdicom: HIGHDICOM }
  const installed = Object.entries(others).filter(([module]) => pythonHas(module))
  test.skipIf(installed.length < 2)(
    'pydicom and highdicom are asked (skipped where one is not installed)',
    () => {
      expect(installed.map(([module]) => module)).toEqual(['pydicom', 'highdicom'])
    },
  )
  test.each(installed)('%s reads the same pixels', (_module, script) => {
    const output = execFileSync(python, ['-W', 'ignore', '-c', script, ...files.map(({ path }) => path)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    const answers = Answer.parse(JSON.parse(output))
    answers.forEach((answer, at) => {
      expect(answer.creator).toBe('Reader 1')
      expect(answer.labels).toEqual(['Nodule 1', 'Nodule 2', 'Nodule 3'])
      expect(answer.ones).toEqual(expected(at))
    })
  })

  test.skipIf(!hasValidator)('dciodvfy finds no error (skipped where it is not installed)', () => {
    for (const { path } of files) {
      const said = saidByValidator(path)
      expect(said).toContain('Segmentation')
      expect(said.split('\n').filter((line) => line.startsWith('Error'))).toEqual([])
      expect(readFileSync(path).length).toBeGreaterThan(0)
    }
  })
})
