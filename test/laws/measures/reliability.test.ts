import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Agreement, ShareBin } from '../../../src/contract'
import {
  outsideBand90,
  reliabilityCurve,
  shareBins as binsByShare,
} from '../../../src/core/measures/reliability'
import { runThrough } from '../../../src/core/measures/steps'
import { sampleDepths } from '../../../src/core/uncertainty/contour-depth'
import { seeded } from '../../seeded'

const PIXELS = 30
const mask = fc
  .array(fc.constantFrom(0, 0, 1), { minLength: PIXELS, maxLength: PIXELS })
  .map((bits) => Uint8Array.from(bits))
const samples = fc.array(mask, { minLength: 1, maxLength: 25 })
const readers = fc.array(mask, { minLength: 1, maxLength: 4 })

const binsOf = (drawn: readonly Uint8Array[], read: readonly Uint8Array[]): ShareBin[] =>
  runThrough(binsByShare(drawn, read))

const agreementOf = (bins: ShareBin[], ids: readonly string[]): Agreement => ({
  ...{ ged: 0, gedLow95: null, gedHigh95: null, sampleReader: 0, sampleSample: 0, readerReader: 0 },
  readers: ids.map((readingId) => ({
    ...{ readingId, letter: readingId, empty: false, dice: { median: 1, low95: null, high95: null } },
  })),
  shareBins: bins,
})

test('bins hold each pixel once, by its own share, with what each reader marks there', () => {
  fc.assert(
    fc.property(samples, readers, (drawn, read) => {
      const bins = binsOf(drawn, read)
      const shares = Array.from({ length: PIXELS }, (_, at) =>
        drawn.reduce((sum, sample) => sum + (sample[at] ?? 0), 0),
      )
      const lows = [0, 0, 0.2, 0.4, 0.6, 0.8, 1]
      bins.forEach((bin, place) => {
        const held = [...shares.keys()].filter((at) => {
          const count = shares[at] ?? 0
          if (count === 0) return place === 0 && read.some((reader) => reader[at] === 1)
          if (count === drawn.length) return place === 6
          // In whole numbers: 5 count / samples lies in [place - 1, place).
          return (
            place > 0 &&
            place < 6 &&
            5 * count >= (place - 1) * drawn.length &&
            5 * count < place * drawn.length
          )
        })
        expect(bin.pixelCount).toBe(held.length)
        expect(bin.markedPx).toEqual(
          read.map((reader) => held.reduce((sum, at) => sum + (reader[at] ?? 0), 0)),
        )
        if (bin.sampleShare !== null)
          expect(bin.sampleShare).toBeGreaterThanOrEqual((lows[place] ?? 0) - 1e-12)
      })
    }),
  )
})

test('readers who are drawn as the samples are lie on the line, those who mark twice as much above it', () => {
  const uniform = seeded(5)
  const pixels = 4000
  const shares = Array.from({ length: pixels }, () => uniform())
  const draw = (share: (at: number) => number): Uint8Array =>
    Uint8Array.from({ length: pixels }, (_, at) => (uniform() < share(at) ? 1 : 0))
  const drawn = Array.from({ length: 100 }, () => draw((at) => shares[at] ?? 0))
  const alike = Array.from({ length: 6 }, () => draw((at) => shares[at] ?? 0))
  const bold = Array.from({ length: 6 }, () => draw((at) => Math.sqrt(shares[at] ?? 0)))
  const ids = ['A', 'B', 'C', 'D', 'E', 'F']
  for (const { sampleShare, readerShare } of reliabilityCurve([agreementOf(binsOf(drawn, alike), ids)])
    ?.points ?? [])
    expect(Math.abs(sampleShare - readerShare)).toBeLessThan(0.03)
  const above = reliabilityCurve([agreementOf(binsOf(drawn, bold), ids)])?.points ?? []
  expect(above.length).toBeGreaterThanOrEqual(5)
  for (const { sampleShare, readerShare, interval } of above.filter((one) => one.sampleShare < 0.85)) {
    expect(readerShare).toBeGreaterThan(sampleShare + 0.05)
    expect(interval?.[0]).toBeLessThanOrEqual(readerShare)
    expect(interval?.[1]).toBeGreaterThanOrEqual(readerShare)
  }
})

test('several slices are put together pixel by pixel, each reader by name; two readers have no interval', () => {
  const bin = (pixelCount: number, sampleShare: number | null, markedPx: number[]): ShareBin => ({
    ...{ pixelCount, sampleShare, markedPx },
  })
  const none = bin(0, null, [0, 0])
  const first = [bin(3, 0, [3, 0]), none, none, bin(10, 0.5, [10, 0]), none, none, bin(4, 1, [4, 4])]
  const second = [bin(1, 0, [0, 1]), none, none, bin(30, 0.4, [0, 30]), none, none, none]
  const curve = reliabilityCurve([agreementOf(first, ['a', 'b']), agreementOf(second, ['b', 'a'])])
  // Reader a marks 10 of 10 on the first and, listed second there, 30 of 30 on the other slice.
  expect(curve).toEqual({
    points: [
      { pixelCount: 40, sampleShare: 0.425, readerShare: 0.5, interval: null },
      { pixelCount: 4, sampleShare: 1, readerShare: 1, interval: null },
    ],
    ...{ missedPx: 4, readerCount: 2, sliceCount: 2 },
  })
  const { shareBins, ...without } = agreementOf([], [])
  expect([shareBins, reliabilityCurve([without])]).toEqual([[], null])
})

test('a reader lies inside the band that is between what the deepest 90 % all draw and what any of them draws', () => {
  fc.assert(
    fc.property(samples, readers, (drawn, read) => {
      const { order, emptyCount } = sampleDepths(drawn)
      const filled = order.length - emptyCount
      const outside = outsideBand90(drawn, read)
      if (filled === 0) {
        expect(outside).toBeNull()
        return
      }
      const taken = order.slice(0, Math.ceil(0.9 * filled)).flatMap((index) => drawn[index] ?? [])
      read.forEach((reader, who) => {
        const at = [...reader.keys()]
        expect(outside?.[who]).toEqual({
          beyondPx: at.filter((pixel) => reader[pixel] === 1 && taken.every((one) => one[pixel] === 0))
            .length,
          shortPx: at.filter((pixel) => reader[pixel] === 0 && taken.every((one) => one[pixel] === 1)).length,
        })
      })
    }),
  )
  // A sample that is in the band is inside it.
  const disc = (radius: number): Uint8Array =>
    Uint8Array.from({ length: 400 }, (_, at) =>
      Math.hypot((at % 20) - 9, Math.floor(at / 20) - 9) < radius ? 1 : 0,
    )
  const discs = [4, 5, 6, 7, 8].map(disc)
  expect(outsideBand90(discs, [disc(6)])).toEqual([{ beyondPx: 0, shortPx: 0 }])
})
