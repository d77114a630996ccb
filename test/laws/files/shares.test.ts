/** Shares of pixels: a slice is in a reading where one of them reaches one half, and a file of less is no reading. */
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Result } from '../../../src/contract'
import { readNiftiReading, writeNifti } from '../../../src/core/exchange/nifti/nifti-readings'
import type { PlacedReading } from '../../../src/core/exchange/placed-readings'
import { placeSegmentation } from '../../../src/core/exchange/seg/place-segmentation'
import type { Segment, SegmentationObject } from '../../../src/core/exchange/seg/read-segmentation'
import { inflate, ORIENTATIONS, seriesOf, structureOf } from '../../fixtures/exchange-source'
import { unwrap } from '../../unwrap'

const SLICES = 4
const target = seriesOf({
  orientation: ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] },
  ...{ widthPx: 9, heightPx: 7, slices: SLICES },
})
const PIXELS = 9 * 7
/** A square of one share on each slice; 0: nothing there. */
const square = (share: number): readonly number[] =>
  Array.from({ length: PIXELS }, (_unused, at) => (at % 9 < 3 && at < 27 ? share : 0))

/** A NIfTI file of float32 values, on the grid of the series. */
function niftiOf(shares: readonly number[]): Uint8Array {
  const whole = { reader: 'A', facts: {}, structures: [structureOf(1, 'n', target, [0])] }
  const labels = new Uint8Array(gunzipSync(unwrap(writeNifti(whole, target, inflate))))
  const dataStart = labels.length - PIXELS * SLICES
  const bytes = new Uint8Array(dataStart + 4 * PIXELS * SLICES)
  bytes.set(labels.subarray(0, dataStart))
  const view = new DataView(bytes.buffer)
  // NIFTI_TYPE_FLOAT32 of 32 bits (nifti1.h).
  view.setInt16(70, 16, true)
  view.setInt16(72, 32, true)
  shares.flatMap(square).forEach((share, at) => {
    view.setFloat32(dataStart + 4 * at, share, true)
  })
  return bytes
}

const segment = (number: number): Segment => ({
  ...{ number, label: `s${number}`, description: '', algorithmType: '', algorithmName: '' },
  ...{ category: null, type: null, colour: null, trackingId: '', trackingUid: '' },
})
/** A fractional segmentation: the shares of each segment, a frame a slice. */
function segOf(segments: readonly (readonly number[])[]): SegmentationObject {
  const frames = segments.flatMap((shares, at) =>
    shares.map((share, slice) => ({ segment: at + 1, share, slice })),
  )
  return {
    ...{ sopInstanceUid: '2.25.1', seriesUid: '2.25.2', frameOfReferenceUid: '2.25.12', creator: 'A' },
    ...{ referencedSeriesUids: ['2.25.13'], contentLabel: '', contentDescription: '' },
    ...{ kind: 'probability', fullValue: 100, paddingValue: null, tiled: false, rows: 7, columns: 9 },
    segments: segments.map((_shares, at) => segment(at + 1)),
    frames: frames.map(({ segment: number, slice }) => ({
      ...{ segment: number, sources: [], orientation: null, spacingMm: null },
      positionMm: target.slices[slice]?.positionMm ?? null,
    })),
    warnings: [],
    decode: (at) => ({
      ok: true,
      value: {
        ...{ form: 'grey', dtype: 'u1', widthPx: 9, heightPx: 7 },
        values: Uint8Array.from(square((frames[at]?.share ?? 0) * 100).map(Math.round)),
      },
    }),
  }
}

const share = fc.constantFrom(0, 0.1, 0.3, 0.45, 0.5, 0.75, 0.95)
const slicesOf = ({ reading }: PlacedReading): readonly (readonly number[])[] =>
  reading.structures.map(({ slices }) => slices.map(({ sliceIndex }) => sliceIndex))

test('slices of less than one half everywhere are in no reading, and a file of less is refused by its largest value', () => {
  fc.assert(
    fc.property(fc.array(share, { minLength: SLICES, maxLength: SLICES }), (shares) => {
      const largest = Math.max(...shares)
      fc.pre(largest > 0)
      const read: readonly Result<PlacedReading>[] = [
        readNiftiReading(niftiOf(shares), target, inflate),
        placeSegmentation(segOf([shares]), target),
      ]
      const marked = [...shares.keys()].filter((slice) => (shares[slice] ?? 0) >= 0.5)
      for (const one of read) {
        if (marked.length > 0) expect(slicesOf(unwrap(one))).toEqual([marked])
        else
          expect(one).toMatchObject({
            ok: false,
            refusal: { reason: expect.stringContaining(`the largest is ${largest}, `) as string },
          })
      }
    }),
    { numRuns: 60, seed: 241 },
  )
})

test('a segment of shares below one half is left out by name; one without pixels stays', () => {
  const placed = unwrap(placeSegmentation(segOf([[0.9], [0.3], [0]]), target))
  expect(placed.reading.structures.map(({ label }) => label)).toEqual(['s1', 's3'])
  expect(placed.warnings.filter(({ code }) => code === 'segment-left-out')).toMatchObject([
    { text: expect.stringMatching(/“s2”.*0\.3,/) as string },
  ])
  expect(slicesOf(unwrap(placeSegmentation(segOf([[0], [0]]), target)))).toEqual([[], []])
})
