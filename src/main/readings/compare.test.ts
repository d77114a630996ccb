import { expect, test } from 'vitest'
import { decodeBoxMask } from '../../core/contour/box-mask'
import { compareReadings } from './compare'
import type { ShownReading } from './shown-reading'

/** A reading of a photograph: the square of `side` pixels from (column, row) on. */
function squareAt(readingId: string, column: number, row: number, side: number): ShownReading {
  const mask = { widthPx: side, heightPx: side, pixels: new Uint8Array(side * side).fill(1) }
  return {
    readingId,
    source: 'imported',
    name: readingId,
    attempt: null,
    blind: true,
    answer: { verdict: 'outlined', reason: '', confidence: null, comment: '' },
    structures: [
      {
        label: 'disc',
        origin: null,
        outlines: [{ sliceIndex: 0, placed: { originColumn: column, originRow: row, mask } }],
      },
    ],
  }
}

async function consensusOf(readings: readonly ShownReading[], method: 'staple' | 'majority') {
  const compared = await compareReadings({ kind: 'image', imageId: 'eye' }, null, readings, {
    lesionId: null,
    consensus: method,
  })
  if (!compared.ok) throw new Error(compared.refusal.reason)
  const { consensus } = compared.value
  if (consensus === null) throw new Error('no consensus')
  return consensus
}

test('STAPLE has an outside to judge by, also where all readers drew the same', async () => {
  const same = ['A', 'B', 'C'].map((name) => squareAt(name, 30, 40, 6))
  const { performance, slices } = await consensusOf(same, 'staple')
  // Nobody missed a pixel and nobody marked one of the pixels around.
  expect(performance).toHaveLength(3)
  for (const { sensitivity, specificity } of performance ?? []) {
    expect(sensitivity).toBeCloseTo(1, 6)
    expect(specificity).toBeCloseTo(1, 6)
  }
  expect(slices.map(({ mask }) => decodeBoxMask(mask))).toEqual([
    {
      originColumn: 30,
      originRow: 40,
      mask: { widthPx: 6, heightPx: 6, pixels: new Uint8Array(36).fill(1) },
    },
  ])
})

test('a reader who marks more than the others is held for less specific by the pixels outside', async () => {
  const readings = [squareAt('A', 30, 40, 6), squareAt('B', 30, 40, 6), squareAt('C', 28, 38, 10)]
  const { performance } = await consensusOf(readings, 'staple')
  // The box 10 x 10 and 8 px around it: 26 x 26 pixels, of which 36 are inside and 640 outside; C marks 64 of those.
  expect(performance?.[0]?.specificity).toBeCloseTo(1, 3)
  expect(performance?.[2]?.sensitivity).toBeCloseTo(1, 3)
  expect(performance?.[2]?.specificity).toBeCloseTo(1 - 64 / 640, 3)
})

test('a majority is more than half; a tie is not marked', async () => {
  const apart = [squareAt('A', 10, 10, 4), squareAt('B', 12, 10, 4)]
  expect(
    (await consensusOf(apart, 'majority')).slices.map(({ mask }) => decodeBoxMask(mask).mask.widthPx),
  ).toEqual([2])
})
