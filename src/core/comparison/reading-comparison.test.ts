import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBoxMask } from '../contour/box-mask'
import { runThrough } from '../measures/steps'
import type { ComparableReading } from './comparable-reading'
import { lesionGroups } from './lesion-groups'
import { compareReadings } from './reading-comparison'

/** A reading of a photograph: the square of `side` pixels from (column, row) on. */
function squareAt(readingId: string, column: number, row: number, side: number): ComparableReading {
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

function consensusOf(readings: readonly ComparableReading[], method: 'staple' | 'majority') {
  const compared = runThrough(
    compareReadings({ kind: 'image', imageId: 'eye' }, null, readings, { lesionId: null, consensus: method }),
  )
  if (!compared.ok) throw new Error(compared.refusal.reason)
  const { consensus } = compared.value
  if (consensus === null) throw new Error('no consensus')
  return consensus
}

test('what marks no pixel is no lesion, alone or beside another', () => {
  const none = { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) }
  const unset = { widthPx: 3, heightPx: 2, pixels: new Uint8Array(6) }
  const empty = [none, unset].map((mask) => ({
    ...{ reading: 0, label: 'empty' },
    outlines: [{ sliceIndex: 0, placed: { originColumn: 4, originRow: 4, mask } }],
  }))
  expect(lesionGroups(empty)).toEqual([])
  const drawn = squareAt('A', 30, 40, 6)
  const phantom = { ...drawn, readingId: 'B', structures: empty.map((one) => ({ ...one, origin: null })) }
  const lesionsOf = (readings: readonly ComparableReading[]) => {
    const options = { lesionId: null, consensus: null }
    const compared = runThrough(compareReadings({ kind: 'image', imageId: 'eye' }, null, readings, options))
    return compared.ok ? compared.value.lesions : compared.refusal.code
  }
  expect(lesionsOf([phantom])).toEqual([])
  expect(lesionsOf([phantom, drawn])).toEqual(lesionsOf([drawn]))
})

test('two structures of a reading in one place are one mask a slice, in the list as in the figures', () => {
  const withCup = (readingId: string, source: 'own' | 'peer', side: number): ComparableReading => {
    const disc = squareAt(readingId, 30, 40, side)
    const cup = squareAt(readingId, 32, 42, 5).structures.map((one) => ({ ...one, label: 'cup' }))
    return { ...disc, source, structures: [...disc.structures, ...cup] }
  }
  const readings = [withCup('A', 'own', 20), withCup('B', 'peer', 18)]
  const options = { lesionId: null, consensus: null }
  const compared = runThrough(compareReadings({ kind: 'image', imageId: 'eye' }, null, readings, options))
  if (!compared.ok) throw new Error(compared.refusal.reason)
  const areas = compared.value.readings.map(({ slices }) =>
    slices.map(({ mask }) => decodeBoxMask(mask).mask.pixels.reduce((sum, pixel) => sum + pixel, 0)),
  )
  expect(areas).toEqual([[400], [324]])
  expect(compared.value.pairs[0]?.dice.value).toBeCloseTo((2 * 324) / (400 + 324), 12)
  expect(compared.value.lesions.map(({ together }) => together)).toEqual([['disc', 'cup']])
})

test('a file that is not counted changes nothing of a consensus', () => {
  const counted = ['A', 'B'].map((name, at) => squareAt(name, 30 + at, 40, 12))
  const facts = { importId: 'i', isOwn: true, counts: false, inPanel: true }
  const guest = { ...squareAt('guest', 0, 0, 90), imported: facts }
  expect(consensusOf([...counted, guest], 'staple')).toEqual(consensusOf(counted, 'staple'))
})

test('STAPLE has an outside to judge by, also where all readers drew the same', () => {
  const same = ['A', 'B', 'C'].map((name) => squareAt(name, 30, 40, 6))
  const { performance, slices } = consensusOf(same, 'staple')
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

test('a reader who marks more than the others is held for less specific by the pixels outside', () => {
  const readings = [squareAt('A', 30, 40, 6), squareAt('B', 30, 40, 6), squareAt('C', 28, 38, 10)]
  const { performance } = consensusOf(readings, 'staple')
  // The box 10 x 10 and 8 px around it: 26 x 26 pixels, of which 36 are inside and 640 outside; C marks 64 of those.
  expect(performance?.[0]?.specificity).toBeCloseTo(1, 3)
  expect(performance?.[2]?.sensitivity).toBeCloseTo(1, 3)
  expect(performance?.[2]?.specificity).toBeCloseTo(1 - 64 / 640, 3)
})

test('a majority is more than half; a tie is not marked', () => {
  const apart = [squareAt('A', 10, 10, 4), squareAt('B', 12, 10, 4)]
  expect(consensusOf(apart, 'majority').slices.map(({ mask }) => decodeBoxMask(mask).mask.widthPx)).toEqual([
    2,
  ])
})

describe('laws', () => {
  const box = fc.record({ column: fc.integer({ min: 0, max: 12 }), row: fc.integer({ min: 0, max: 12 }) })
  const drawn = fc.array(fc.tuple(box, fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 4 })
  const readingsOf = (squares: readonly (readonly [{ column: number; row: number }, number])[]) =>
    squares.map(([at, side], index) => squareAt(`R${index}`, at.column, at.row, side))
  const compared = (readings: readonly ComparableReading[], consensus: 'majority' | null = null) => {
    const result = runThrough(
      compareReadings({ kind: 'image', imageId: 'eye' }, null, readings, { lesionId: null, consensus }),
    )
    if (!result.ok) throw new Error(result.refusal.reason)
    return result.value
  }

  test('figures of the whole do not depend on the order of peers', () => {
    fc.assert(
      fc.property(drawn, (squares) => {
        const [there, back] = [compared(readingsOf(squares)), compared(readingsOf(squares).reverse())]
        expect(back.counts).toEqual(there.counts)
        for (const name of ['meanDice', 'voxelKappa', 'positiveAgreement'] as const) {
          expect(back[name].n).toBe(there[name].n)
          expect(back[name].value ?? -9).toBeCloseTo(there[name].value ?? -9, 12)
        }
      }),
    )
  })

  test('copies of one drawing agree wholly: Dice 1, no difference, the drawing itself as consensus', () => {
    fc.assert(
      fc.property(box, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 4 }), (at, side, count) => {
        const copies = readingsOf(Array.from({ length: count }, () => [at, side] as const)).map(
          (reading, index): ComparableReading => (index === 0 ? { ...reading, source: 'own' } : reading),
        )
        const { pairs, differences, consensus, readings } = compared(copies, 'majority')
        expect(pairs.map(({ dice }) => dice.value)).toEqual(Array.from({ length: count - 1 }, () => 1))
        expect(differences).toEqual([])
        expect(consensus?.slices).toEqual(readings[0]?.slices)
      }),
    )
  })

  test('figures are those of the first own reading, whatever its reader drew once the others were shown', () => {
    fc.assert(
      fc.property(drawn, drawn, (squares, later) => {
        const peers = readingsOf(squares)
        const own = readingsOf(later).map((reading, index): ComparableReading => ({
          ...reading,
          readingId: `own ${index}`,
          source: 'own',
        }))
        const [once, again] = [compared([...own.slice(0, 1), ...peers]), compared([...own, ...peers])]
        expect(again.ownReadingId).toBe(once.ownReadingId)
        for (const name of ['counts', 'pairs', 'meanDice', 'voxelKappa', 'positiveAgreement'] as const)
          expect(again[name]).toEqual(once[name])
      }),
    )
  })

  test('what cannot be judged counts in no figure of what is there', () => {
    fc.assert(
      fc.property(drawn, (squares) => {
        const readings = readingsOf(squares)
        const unsure: ComparableReading = {
          ...squareAt('unsure', 3, 3, 5),
          answer: { verdict: 'cannot-judge', reason: 'blurred', confidence: null, comment: '' },
        }
        const [without, with_] = [compared(readings), compared([...readings, { ...unsure, structures: [] }])]
        expect(with_.meanDice).toEqual(without.meanDice)
        expect(with_.voxelKappa).toEqual(without.voxelKappa)
      }),
    )
  })
})
