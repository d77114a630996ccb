/** What a reading file holds is shown, or it is said that it is not: nothing goes without a word. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCocoReadings } from '../../../src/core/exchange/coco/coco-readings'
import { countReadings } from '../../../src/core/exchange/exchange-reading'
import type { PhotographTarget, SeriesTarget } from '../../../src/core/exchange/image-target'
import { readLidcReadings } from '../../../src/core/exchange/lidc/lidc-exchange'
import { readMaskPictures, writeMaskPictures } from '../../../src/core/exchange/pictures/mask-pictures'
import { placeStructureSet } from '../../../src/core/exchange/rtstruct/place-structure-set'
import { readStructureSet } from '../../../src/core/exchange/rtstruct/read-structure-set'
import { writePngMask } from '../../../src/core/files/png-file'
import { type DataSet, writeDicom } from '../../../src/core/dicom/write/write-dicom'
import { inflate, ORIENTATIONS, readingOn, seriesOf, written } from '../../fixtures/exchange-source'
import { unwrap } from '../../unwrap'

const axial = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }
const SHAPE = { orientation: axial, widthPx: 37, heightPx: 26, slices: 5 }
const target = seriesOf(SHAPE)

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
/** A square of `sidePx` pixels on a slice, as an item of the Contour Sequence. */
function squareItem(
  slice: number,
  left: number,
  top: number,
  sidePx: number,
  type = 'CLOSED_PLANAR',
): DataSet {
  const [x, y, z] = target.slices[slice]?.positionMm ?? [0, 0, 0]
  const { row, column } = target.spacingMm ?? { row: 1, column: 1 }
  const corners = [
    [left, top],
    [left + sidePx, top],
    [left + sidePx, top + sidePx],
    [left, top + sidePx],
  ].map(([c = 0, r = 0]) => [x + (c - 0.5) * column, y + (r - 0.5) * row, z].map((mm) => mm.toFixed(5)))
  return {
    ContourImageSequence: [
      {
        ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
        ReferencedSOPInstanceUID: target.slices[slice]?.sopInstanceUid ?? '',
      },
    ],
    ContourGeometricType: type,
    NumberOfContourPoints: 4,
    ContourData: corners.flat(),
  }
}

interface Written {
  readonly regions: readonly (readonly [number, string])[]
  readonly contours: readonly (readonly [number, readonly DataSet[]])[]
  readonly interpreters?: readonly (readonly [number, string])[]
}

/** A structure set as another program writes it: regions, and ROI Contour items in any number and order. */
const structureSet = ({ regions, contours, interpreters = [] }: Written): Uint8Array =>
  writeDicom({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.481.3',
    SOPInstanceUID: '2.25.900',
    StructureSetLabel: 'x',
    StructureSetROISequence: regions.map(([number, name]) => ({
      ROINumber: number,
      ReferencedFrameOfReferenceUID: '2.25.12',
      ROIName: name,
    })),
    ROIContourSequence: contours.map(([number, items]) => ({
      ReferencedROINumber: number,
      ContourSequence: items,
    })),
    RTROIObservationsSequence: interpreters.map(([number, name]) => ({
      ObservationNumber: number,
      ReferencedROINumber: number,
      ROIInterpreter: name,
    })),
  })

const laidOut = (bytes: Uint8Array) => {
  const { readings, warnings } = unwrap(placeStructureSet(unwrap(readStructureSet(bytes, inflate)), target))
  return { pixels: countReadings(readings).pixels, codes: warnings.map(({ code }) => code), warnings }
}

describe('structure sets', () => {
  const anyCase = fc
    .array(fc.boolean(), { minLength: 13, maxLength: 13 })
    .map((upper) =>
      Array.from('closed_planar', (letter, at) => (upper[at] === true ? letter.toUpperCase() : letter)).join(
        '',
      ),
    )

  test('a contour with fewer points than it says is left out with a warning, and takes nothing else with it', () => {
    const whole = squareItem(1, 4, 4, 5)
    const item = fc.record({ left: fc.integer({ min: 0, max: 20 }), said: fc.integer({ min: 5, max: 400 }) })
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 4 }), (cut) => {
        const short = cut.map(({ left, said }) => ({
          ...squareItem(2, left, 3, 6),
          NumberOfContourPoints: said,
        }))
        const regions = [[1, 'Lung']] as const
        const alone = laidOut(structureSet({ regions, contours: [[1, [whole]]] }))
        const both = laidOut(structureSet({ regions, contours: [[1, [...short, whole]]] }))
        expect(both.pixels).toBe(alone.pixels)
        expect(both.codes).toEqual([...alone.codes, 'contours-unreadable'])
        expect(both.warnings.at(-1)?.text).toContain(`${short.length} of the contours of "Lung"`)
      }),
      { numRuns: 20 },
    )
  })

  test('a reader of whom no coordinate can be read did not say that there is nothing', () => {
    const unreadable = { ...squareItem(2, 4, 4, 5), ContourData: ['1', 'x', '3'] }
    const { readings, warnings } = unwrap(
      placeStructureSet(
        unwrap(
          readStructureSet(
            structureSet({
              regions: [
                [1, 'Ada nodule'],
                [2, 'Ben nodule'],
              ],
              contours: [
                [1, [squareItem(1, 4, 4, 5)]],
                [2, [unreadable]],
              ],
              interpreters: [
                [1, 'Ada'],
                [2, 'Ben'],
              ],
            }),
            inflate,
          ),
        ),
        target,
      ),
    )
    expect(readings.map(({ reader }) => reader)).toEqual(['Ada'])
    expect(warnings.map(({ text }) => text).join()).toContain('Ben nodule')
  })

  test('contours count in however many items of one region they come, whatever the case of their type, whatever follows the file', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        anyCase,
        fc.constantFrom('', '\n', '\r\n', '\0\0', '\n\n\n'),
        (sides, cuts, type, behind) => {
          const items = sides.map((side, slice) => squareItem(slice, 4, 5, side, type))
          const groups: DataSet[][] = [[]]
          items.forEach((item, at) => {
            if (cuts[at] === true) groups.push([])
            groups.at(-1)?.push(item)
          })
          const file = structureSet({
            regions: [[7, 'nodule']],
            contours: groups.map((group) => [7, group] as const),
          })
          const read = laidOut(Uint8Array.from([...file, ...new TextEncoder().encode(behind)]))
          expect(read.pixels).toBe(sides.reduce((sum, side) => sum + side * side, 0))
          expect(read.codes).toEqual([])
        },
      ),
      { numRuns: 80, seed: 171 },
    )
  })

  test('contours of a number that no region has are counted; regions that share a number are named, others are read', () => {
    const good = [1, [squareItem(1, 4, 4, 3)]] as const
    const orphans = laidOut(
      structureSet({
        regions: [[1, 'a']],
        contours: [good, [99, [squareItem(2, 4, 4, 5), squareItem(3, 4, 4, 5)]]],
      }),
    )
    expect(orphans.pixels).toBe(9)
    expect(orphans.warnings).toMatchObject([
      { code: 'contours-without-region', text: expect.stringMatching(/^2 .*ROI 99/) as string },
    ])
    const shared = laidOut(
      structureSet({
        regions: [
          [1, 'a'],
          [2, 'b'],
          [2, 'c'],
        ],
        contours: [good, [2, [squareItem(2, 4, 4, 5)]]],
      }),
    )
    expect(shared.pixels).toBe(9)
    expect(shared.warnings).toMatchObject([
      { code: 'regions-left-out', text: expect.stringContaining('"b" and "c"') as string },
    ])
    const twice = laidOut(
      structureSet({
        regions: [
          [1, 'a'],
          [1, 'a'],
        ],
        contours: [good],
      }),
    )
    expect(twice).toMatchObject({ pixels: 9, codes: [] })
  })

  test('a contour in which no pixel centre lies is said, and alone is no reading of nothing', () => {
    for (const empty of [squareItem(1, 4.6, 4.6, 0.3), squareItem(1, 400, 400, 3)]) {
      const beside = structureSet({ regions: [[1, 'a']], contours: [[1, [squareItem(1, 10, 10, 3), empty]]] })
      expect(laidOut(beside)).toMatchObject({ pixels: 9, codes: ['contours-empty'] })
      const alone = structureSet({ regions: [[1, 'a']], contours: [[1, [empty]]] })
      expect(placeStructureSet(unwrap(readStructureSet(alone, inflate)), target)).toMatchObject({
        ok: false,
        refusal: { code: 'annotation-mismatch', reason: expect.stringContaining('“a”') as string },
      })
    }
  })
})

describe('COCO', () => {
  const photograph: PhotographTarget = { kind: 'image', name: 'eye.png', widthPx: 48, heightPx: 40 }
  const images = [{ id: 1, file_name: 'eye.png', width: 48, height: 40 }]
  const categories = [{ id: 1, name: 'vessel' }]
  const good = { id: 1, image_id: 1, category_id: 1, segmentation: [[4, 4, 14, 4, 14, 11, 4, 11]] }
  const read = (annotations: readonly unknown[], more: readonly unknown[] = []) =>
    unwrap(readCocoReadings(json({ images: [...images, ...more], categories, annotations }), photograph))

  test('an outline without a pixel, an annotation that is no object, and an image of another size are said and take nothing with them', () => {
    const odd: readonly (readonly [unknown, string])[] = [
      [{ ...good, id: 2, segmentation: [[4.6, 4.6, 4.9, 4.6, 4.9, 4.9, 4.6, 4.9]] }, 'outlines-empty'],
      [{ ...good, id: 3, segmentation: [[400, 400, 410, 400, 410, 410]] }, 'outlines-empty'],
      [null, 'annotations-lost'],
      [{ ...good, id: 5, segmentation: undefined, bbox: [1, 1, 9, 9] }, 'boxes-left-out'],
      [{ ...good, id: 4, image_id: 2 }, 'annotations-left-out'],
    ]
    fc.assert(
      fc.property(fc.subarray([...odd], { minLength: 1 }), (chosen) => {
        const { readings, warnings } = read(
          [good, ...chosen.map(([annotation]) => annotation)],
          [{ id: 2, file_name: 'EYE.jpg', width: 20, height: 20 }],
        )
        expect(countReadings(readings).pixels).toBe(70)
        const codes = new Set(warnings.map(({ code }) => code))
        for (const [, code] of chosen) expect(codes).toContain(code)
      }),
      { numRuns: 30, seed: 172 },
    )
  })
})

describe('a reader who outlined no pixel', () => {
  const photograph: PhotographTarget = { kind: 'image', name: 'eye.png', widthPx: 48, heightPx: 40 }
  const file = (annotations: readonly object[]) =>
    json({
      images: [{ id: 1, file_name: 'eye.png', width: 48, height: 40 }],
      categories: [{ id: 1, name: 'vessel' }],
      annotations: annotations.map((one, id) => ({ id, image_id: 1, category_id: 1, ...one })),
    })
  const tiny = { segmentation: [[4.6, 4.6, 4.9, 4.6, 4.9, 4.9]], attributes: { reader: 'B' } }
  const good = { segmentation: [[4, 4, 14, 4, 14, 11, 4, 11]], attributes: { reader: 'A' } }

  test('in COCO is refused, or left out beside others; run lengths of nothing, and no annotation, are nothing', () => {
    for (const alone of [tiny, { bbox: [1, 1, 9, 9] }])
      expect(readCocoReadings(file([alone]), photograph)).toMatchObject({ ok: false })
    const both = unwrap(readCocoReadings(file([good, tiny]), photograph))
    expect(both.readings.map(({ reader }) => reader)).toEqual(['A'])
    expect(both.warnings.at(-1)).toMatchObject({
      code: 'reading-left-out',
      text: expect.stringMatching(/“B”.*“vessel”/) as string,
    })
    const nothing = { segmentation: { size: [40, 48], counts: [40 * 48] } }
    for (const honest of [[], [nothing]])
      expect(unwrap(readCocoReadings(file(honest), photograph)).readings).toHaveLength(1)
  })

  test('in an LIDC file is left out beside others; one who outlined nothing stays', () => {
    const roi = (points: readonly (readonly [number, number])[]): string =>
      `<roi><imageSOP_UID>${target.slices[1]?.sopInstanceUid ?? ''}</imageSOP_UID><inclusion>TRUE</inclusion>${points
        .map(([x, y]) => `<edgeMap><xCoord>${x}</xCoord><yCoord>${y}</yCoord></edgeMap>`)
        .join('')}</roi>`
    const nodule = (id: string, roiText: string): string =>
      `<unblindedReadNodule><noduleID>${id}</noduleID><characteristics/>${roiText}</unblindedReadNodule>`
    const drawn = nodule('n', roi([...([[3, 3], [9, 3], [9, 9], [3, 9], [3, 3]] as const)])) // prettier-ignore
    const line = nodule('thin', roi([...([[3, 3], [9, 3], [3, 3]] as const)])) // prettier-ignore
    const xml = (sessions: readonly string[]): Uint8Array =>
      new TextEncoder().encode(
        `<LidcReadMessage><ResponseHeader><SeriesInstanceUid>${target.seriesUid}</SeriesInstanceUid></ResponseHeader>${sessions
          .map((one) => `<readingSession>${one}</readingSession>`)
          .join('')}</LidcReadMessage>`,
      )
    const read = unwrap(readLidcReadings(xml([drawn, line, '']), target))
    expect(read.readings.map(({ reader }) => reader)).toEqual(['Reader A', 'Reader C'])
    expect(read.warnings.at(-1)).toMatchObject({
      code: 'reading-left-out',
      text: expect.stringMatching(/“Reader B”.*“thin”/) as string,
    })
    expect(unwrap(readLidcReadings(xml([line]), target)).readings).toEqual([])
  })
})

describe('masks and COCO are placed by what names their slice, never by a number of another series', () => {
  const bare: SeriesTarget = {
    ...target,
    seriesUid: '',
    studyUid: '',
    slices: target.slices.map((slice, at) => ({
      ...slice,
      sopInstanceUid: `margin.instance.${String(at).padStart(16, '0')}`,
    })),
  }
  const other: SeriesTarget = {
    ...target,
    seriesUid: '2.25.9913',
    slices: target.slices.map((slice, at) => ({ ...slice, sopInstanceUid: `2.25.9914.77.${at + 1}` })),
  }
  const shorter = (whole: SeriesTarget): SeriesTarget => ({ ...whole, slices: whole.slices.slice(1) })
  const pixels = new Uint8Array(37 * 26).fill(1, 100, 110)
  const mask = (texts: Readonly<Record<string, string>> = {}): Uint8Array =>
    writePngMask({ widthPx: 37, heightPx: 26, pixels }, texts)

  test('what was written on one series is refused by another one, with or without UIDs', () => {
    for (const series of [target, bare]) {
      const files = unwrap(writeMaskPictures(readingOn(series), series, inflate))
      expect(readMaskPictures(files, series, written)).toMatchObject({ ok: true })
      for (const elsewhere of [other, shorter(bare)])
        expect(readMaskPictures(files, elsewhere, written)).toMatchObject({
          ok: false,
          refusal: { code: 'annotation-mismatch' },
        })
    }
  })

  test('a number is taken where nothing contradicts it, and it is said', () => {
    const place = (path: string, onto = target) => readMaskPictures([{ path, bytes: mask() }], onto, written)
    const counted = unwrap(place('slice-3.png'))
    expect(counted.readings[0]?.structures[0]?.slices[0]?.sliceIndex).toBe(2)
    expect(counted.warnings.map(({ code }) => code)).toEqual(['placed-by-number'])
    expect(unwrap(place('slice-3-of-5.png')).readings[0]?.structures[0]?.slices[0]?.sliceIndex).toBe(2)
    expect(unwrap(place('2.25.14.2_slice-5.png')).warnings).toEqual([])
    for (const path of ['slice-3-of-6.png', '2.25.9914.77.1_slice-3.png', 'slice-6.png', 'slice-0.png'])
      expect(place(path)).toMatchObject({ ok: false, refusal: { code: 'annotation-mismatch' } })
    expect(place('scan.2024.11.30_slice-3.png')).toMatchObject({ ok: true })
  })

  test('a mask that names the photograph it was drawn on is not laid on another one', () => {
    const photograph = (name: string): PhotographTarget => ({
      ...{ kind: 'image', name, widthPx: 37, heightPx: 26 },
    })
    const bytes = mask({ Software: 'Margin', Source: 'Left Eye.png' })
    const onto = (name: string) => readMaskPictures([{ path: 'm.png', bytes }], photograph(name), written)
    expect(onto('left eye.jpg')).toMatchObject({ ok: true })
    expect(onto('right eye.png')).toMatchObject({ ok: false, refusal: { code: 'annotation-mismatch' } })
  })
})
