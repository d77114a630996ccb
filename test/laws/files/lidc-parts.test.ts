/** LIDC outlines of one nodule on one slice: none erases another but an exclusion what lies in it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PlacedMask } from '../../../src/core/contour/box-mask'
import { maskOfEdgeMaps } from '../../../src/core/lidc/edge-mask'
import { type EdgeMap, parseLidcFile } from '../../../src/core/lidc/lidc-file'
import { lidcReadings } from '../../../src/core/lidc/lidc-readings'

interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const SIDE = 48
/** Edge points round a box of pixels: the first ones outside. */
const corners = ({ left, top, width, height }: Box) => [
  { column: left - 1, row: top - 1 },
  { column: left + width, row: top - 1 },
  { column: left + width, row: top + height },
  { column: left - 1, row: top + height },
]
const mapOf = (box: Box, inclusion = true): EdgeMap => ({
  ...{ sopInstanceUid: '1.1', zMm: 0, inclusion },
  points: corners(box),
})
const boxes = fc.record({
  left: fc.integer({ min: 2, max: 30 }),
  top: fc.integer({ min: 2, max: 30 }),
  width: fc.integer({ min: 1, max: 15 }),
  height: fc.integer({ min: 1, max: 15 }),
})
const holds = ({ left, top, width, height }: Box, column: number, row: number): boolean =>
  column >= left && column < left + width && row >= top && row < top + height

/** Pixels set, as column,row. */
function pixelsOf({ originColumn, originRow, mask }: PlacedMask): ReadonlySet<string> {
  const set = new Set<string>()
  mask.pixels.forEach((pixel, at) => {
    if (pixel === 1)
      set.add(`${originColumn + (at % mask.widthPx)},${originRow + Math.floor(at / mask.widthPx)}`)
  })
  return set
}
function expected(isSet: (column: number, row: number) => boolean): ReadonlySet<string> {
  const set = new Set<string>()
  for (let row = 0; row < SIDE; row += 1)
    for (let column = 0; column < SIDE; column += 1) if (isSet(column, row)) set.add(`${column},${row}`)
  return set
}

test('outlines that repeat, cross, touch or lie in each other are united, in any order', () => {
  fc.assert(
    fc.property(
      fc.array(boxes, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      (drawn, again) => {
        const all = [...drawn, ...again.flatMap((at) => drawn[at % drawn.length] ?? [])]
        const wanted = expected((column, row) => drawn.some((box) => holds(box, column, row)))
        expect(pixelsOf(maskOfEdgeMaps(all.map((box) => mapOf(box))))).toEqual(wanted)
        expect(pixelsOf(maskOfEdgeMaps(all.toReversed().map((box) => mapOf(box))))).toEqual(wanted)
      },
    ),
    { numRuns: 200, seed: 71 },
  )
})

test('an exclusion takes its inside and its edge, once or twice', () => {
  fc.assert(
    fc.property(boxes, boxes, fc.boolean(), (outer, hole, isTwice) => {
      const cut: Box = {
        left: hole.left - 1,
        top: hole.top - 1,
        width: hole.width + 2,
        height: hole.height + 2,
      }
      const maps = [mapOf(hole, false), mapOf(outer), ...(isTwice ? [mapOf(hole, false)] : [])]
      expect(pixelsOf(maskOfEdgeMaps(maps))).toEqual(
        expected((column, row) => holds(outer, column, row) && !holds(cut, column, row)),
      )
    }),
    { numRuns: 200, seed: 72 },
  )
})

test('a slice on which nothing is left of a nodule is said', () => {
  const points = (box: Box): string =>
    corners(box)
      .map(({ column, row }) => `<edgeMap><xCoord>${column}</xCoord><yCoord>${row}</yCoord></edgeMap>`)
      .join('')
  const roi = (uid: string, inclusion: string, box: Box): string =>
    `<roi><imageSOP_UID>${uid}</imageSOP_UID><inclusion>${inclusion}</inclusion>${points(box)}</roi>`
  const box = { left: 10, top: 10, width: 4, height: 4 }
  const rois = roi('1.1', 'TRUE', box) + roi('1.2', 'TRUE', box) + roi('1.2', 'FALSE', box)
  const xml = `<LidcReadMessage><ResponseHeader><SeriesInstanceUid>1</SeriesInstanceUid></ResponseHeader><readingSession><unblindedReadNodule><noduleID>n</noduleID>${rois}</unblindedReadNodule></readingSession></LidcReadMessage>`
  const file = parseLidcFile(new TextEncoder().encode(xml))
  if (!file.ok) throw new Error(file.refusal.reason)
  const slices = ['1.1', '1.2'].map((sopInstanceUid, index) => ({ index, sopInstanceUid, zMm: index }))
  const read = lidcReadings(file.value, { seriesUid: '1', rows: SIDE, columns: SIDE, slices, stack: null })
  if (!read.ok) throw new Error(read.refusal.reason)
  expect(read.value.structures[0]?.readings[0]?.slices.map(({ sliceIndex }) => sliceIndex)).toEqual([0])
  expect(read.value.warnings.map(({ code }) => code)).toEqual(['outlines-empty'])
})
