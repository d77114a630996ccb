/** Where a frame of a segmentation lies: at the source whose place fits, else at its own place, else nowhere. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeSegmentation } from '../../../src/core/exchange/seg/place-segmentation'
import type {
  SegmentationObject,
  SegmentFrame,
  SegmentSource,
} from '../../../src/core/exchange/seg/read-segmentation'
import { ORIENTATIONS, seriesOf } from '../../fixtures/exchange-source'

const SLICES = 6
const target = seriesOf({
  orientation: ORIENTATIONS['oblique'] ?? { row: [1, 0, 0], column: [0, 1, 0] },
  ...{ widthPx: 9, heightPx: 7, slices: SLICES },
})
const placeOf = (slice: number) => target.slices[slice]?.positionMm ?? null
const here = (slice: number): SegmentSource => ({
  sopInstanceUid: target.slices[slice]?.sopInstanceUid ?? '',
  frame: null,
})
const elsewhere = (number: number): SegmentSource => ({ sopInstanceUid: `2.25.999.${number}`, frame: null })

function objectOf(
  frames: readonly Partial<SegmentFrame>[],
  more: Partial<SegmentationObject> = {},
): SegmentationObject {
  const values = new Uint8Array(9 * 7).fill(1, 20, 24)
  return {
    ...{ sopInstanceUid: '2.25.1', seriesUid: '2.25.2', frameOfReferenceUid: '2.25.12', creator: 'A' },
    ...{ referencedSeriesUids: ['2.25.13'], contentLabel: '', contentDescription: '' },
    ...{ kind: 'binary', fullValue: 1, paddingValue: null, tiled: false, rows: 7, columns: 9 },
    segments: [
      {
        ...{ number: 1, label: 'n', description: '', algorithmType: '', algorithmName: '' },
        ...{ category: null, type: null, colour: null, trackingId: '', trackingUid: '' },
      },
    ],
    frames: frames.map((frame) => ({
      ...{ segment: 1, sources: [], positionMm: null, orientation: null, spacingMm: null },
      ...frame,
    })),
    warnings: [],
    decode: () => ({
      ok: true,
      value: { form: 'grey', dtype: 'u1', widthPx: 9, heightPx: 7, values },
    }),
    ...more,
  }
}

const laid = (object: SegmentationObject) => {
  const placed = placeSegmentation(object, target)
  if (!placed.ok) return placed.refusal.code
  return placed.value.reading.structures[0]?.slices.map(({ sliceIndex }) => sliceIndex)
}

const slice = fc.integer({ min: 0, max: SLICES - 1 })
const sources = fc.array(fc.oneof(slice.map(here), fc.nat(9).map(elsewhere)), { maxLength: 8 })

test('the place of a frame decides, whichever sources it names, in whatever order, of this series or of others', () => {
  fc.assert(
    fc.property(fc.uniqueArray(slice, { minLength: 1 }), sources, fc.boolean(), (slices, named, isNamed) => {
      const frames = slices.map((at) => ({
        positionMm: placeOf(at),
        sources: isNamed ? [...named, here(at)] : named,
      }))
      expect(laid(objectOf(frames))).toEqual([...slices].sort((a, b) => a - b))
    }),
    { numRuns: 200, seed: 111 },
  )
})

test('without a place one source decides; of several, and of none, nothing is guessed', () => {
  fc.assert(
    fc.property(slice, slice, (a, b) => {
      expect(laid(objectOf([{ sources: [here(a)] }]))).toEqual([a])
      expect(laid(objectOf([{ sources: [elsewhere(1), here(a), here(a)] }]))).toEqual([a])
      if (a !== b) expect(laid(objectOf([{ sources: [here(a), here(b)] }]))).toBe('annotation-mismatch')
      expect(laid(objectOf([{ sources: [] }]))).toBe('annotation-mismatch')
    }),
    { numRuns: 60, seed: 112 },
  )
})

test('a place that no slice has is refused, also beside a source that is one; so is another space', () => {
  const off = (placeOf(2) ?? [0, 0, 0]).map((mm) => mm + 0.4) as [number, number, number]
  expect(laid(objectOf([{ positionMm: off, sources: [here(2)] }]))).toBe('annotation-mismatch')
  const strange = [{ positionMm: placeOf(2), sources: [elsewhere(1)] }]
  expect(laid(objectOf(strange, { referencedSeriesUids: ['2.25.77'] }))).toBe('annotation-mismatch')
  // A file that names no series is told by its space, where both say which that is.
  expect(laid(objectOf(strange, { referencedSeriesUids: [] }))).toEqual([2])
  const nowhere = { referencedSeriesUids: [], frameOfReferenceUid: '' }
  expect(laid(objectOf(strange, nowhere))).toBe('annotation-mismatch')
})

test('pixels of a label that no segment describes are said beside others', () => {
  const values = new Uint8Array(9 * 7).fill(1, 20, 24).fill(2, 30, 33)
  const map = objectOf([{ segment: null, positionMm: placeOf(2), sources: [here(2)] }], {
    kind: 'labelmap',
    decode: () => ({ ok: true, value: { form: 'grey', dtype: 'u1', widthPx: 9, heightPx: 7, values } }),
  })
  expect(laid(map)).toEqual([2])
  expect(placeSegmentation(map, target)).toMatchObject({
    value: { warnings: [{ text: 'Pixels of 2 belong to no segment that is described and were left out.' }] },
  })
})
