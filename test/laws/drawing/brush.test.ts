import fc from 'fast-check'
import { expect, test } from 'vitest'
import { followEdges, limitToValues, rangeAtStart, sweepDisc } from '../../../src/core/contour/brush'
import { applyPatch, invertPatch, makePatch } from '../../../src/core/contour/mask-patch'
import {
  combine,
  discOfMm,
  discOfPx,
  stampInto,
  uniteBoxes,
  EMPTY_BOX,
  type ImagePosition,
} from '../../../src/core/contour/slice-mask'
import type { SizePx } from '../../../src/core/sampling/resample'
import { countOf, differsOnlyWithin, masksOf, maskWhere, onImage, pictureOf, sizes, slicesOf } from './drawn'

/** Hundredths, so that small and large numbers are drawn alike. */
const hundredths = (least: number, most: number): fc.Arbitrary<number> =>
  fc.integer({ min: least * 100, max: most * 100 }).map((whole) => whole / 100)
const coordinate = hundredths(-6, 26)
const position = fc.record({ column: coordinate, row: coordinate })
const lines = fc.array(position, { minLength: 1, maxLength: 5 })
const radius = hundredths(0, 9)
const thick = hundredths(0.71, 9)

/** Distance of a pixel centre from a line, in radii of the disc, by a search. */
function distanceInRadii(
  column: number,
  row: number,
  line: readonly ImagePosition[],
  columns: number,
  rows: number,
): number {
  let least = Infinity
  line.forEach((to, index) => {
    const from = line[Math.max(0, index - 1)] ?? to
    const at = (share: number): number =>
      Math.hypot(
        (from.column + share * (to.column - from.column) - column) / columns,
        (from.row + share * (to.row - from.row) - row) / rows,
      )
    // The distance to a point that moves along a straight line falls, then rises: search by thirds.
    let [low, high] = [0, 1]
    for (let step = 0; step < 60; step += 1) {
      const third = (high - low) / 3
      if (at(low + third) < at(high - third)) high -= third
      else low += third
    }
    least = Math.min(least, at(low))
  })
  return least
}

test('a pixel is painted when its centre lies under the disc on its way, in discs and ellipses', () => {
  fc.assert(
    fc.property(sizes(20), lines, thick, thick, (size, line, columns, rows) => {
      const painted = onImage(sweepDisc({ columns, rows }, line, size), size)
      const wrong: number[] = []
      painted.pixels.forEach((pixel, at) => {
        const distance = distanceInRadii(
          at % size.widthPx,
          Math.floor(at / size.widthPx),
          line,
          columns,
          rows,
        )
        if (Math.abs(distance - 1) > 1e-6 && (pixel === 1) !== distance < 1) wrong.push(at)
      })
      expect(wrong).toEqual([])
    }),
    { numRuns: 30 },
  )
})

test('a stroke painted move by move is the stroke painted at once, and every change lies in the boxes told', () => {
  fc.assert(
    fc.property(
      sizes(20).chain((size) => fc.tuple(fc.constant(size), masksOf(size))),
      lines,
      radius,
      fc.constantFrom('add' as const, 'cut' as const),
      ([size, mask], line, px, mode) => {
        const working = { ...mask, pixels: mask.pixels.slice() }
        let box = EMPTY_BOX
        line.forEach((to, index) => {
          const move = index === 0 ? [to] : [line[index - 1] ?? to, to]
          box = uniteBoxes(
            box,
            stampInto(working, sweepDisc(discOfPx(px), move, size), mode === 'add' ? 1 : 0),
          )
        })
        const whole = combine(mask, sweepDisc(discOfPx(px), line, size), mode)
        expect(pictureOf(working)).toEqual(pictureOf(whole.mask))
        expect(differsOnlyWithin(mask, working, box)).toBe(true)
        expect(box).toEqual(whole.box)
        const patch = makePatch(mask, working, box)
        expect(applyPatch(mask, patch)).toEqual({ ok: true, value: working })
        expect(applyPatch(working, invertPatch(patch))).toEqual({ ok: true, value: mask })
      },
    ),
  )
})

test('a brush thinner than a pixel paints the pixels that its line passes, and never nothing', () => {
  const size = { widthPx: 20, heightPx: 20 }
  const within = hundredths(0, 19)
  fc.assert(
    fc.property(
      fc.array(fc.record({ column: within, row: within }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(0, 0.15, 0.3),
      (line, px) => {
        const painted = onImage(sweepDisc(discOfPx(px), line, size), size).pixels
        let missed = 0
        line.forEach((to, index) => {
          const from = line[Math.max(0, index - 1)] ?? to
          for (let share = 0; share <= 1; share += 1 / 64) {
            const column = Math.floor(from.column + share * (to.column - from.column) + 0.5)
            const row = Math.floor(from.row + share * (to.row - from.row) + 0.5)
            missed += 1 - (painted[row * 20 + column] ?? 0)
          }
        })
        expect(missed).toBe(0)
        const reach = maskWhere(
          size,
          (column, row) => distanceInRadii(column, row, line, 1, 1) <= Math.SQRT1_2 + 1e-6,
        )
        expect(painted.every((pixel, at) => pixel <= (reach.pixels[at] ?? 0))).toBe(true)
      },
    ),
    { numRuns: 30 },
  )
  expect(countOf(onImage(sweepDisc(discOfPx(0.3), [{ column: 4.4, row: 7 }], size), size))).toBe(1)
})

test('a disc in millimetres is as wide as it is high on the patient', () => {
  const size = { widthPx: 101, heightPx: 101 }
  const painted = sweepDisc(discOfMm(10, { row: 1, column: 0.5 }), [{ column: 50, row: 50 }], size)
  expect([painted.mask.pixels.lastIndexOf(1) > 0, countOf(painted.mask)]).toEqual([
    true,
    countOf(maskWhere(size, (x, y) => ((x - 50) * 0.5) ** 2 + (y - 50) ** 2 <= 100)),
  ])
})

test('outside the image, without a place or with a damaged one, nothing is painted and nothing hangs', () => {
  const size: SizePx = { widthPx: 8, heightPx: 6 }
  const nowhere: ImagePosition[][] = [
    [],
    [{ column: -50, row: 3 }],
    [{ column: NaN, row: 3 }],
    [{ column: 3, row: Infinity }],
  ]
  for (const line of nowhere) expect(countOf(sweepDisc(discOfPx(2), line, size).mask)).toBe(0)
  const across = [
    { column: -9e5, row: 2 },
    { column: 9e5, row: 2 },
  ]
  expect(countOf(onImage(sweepDisc(discOfPx(0.5), across, size), size))).toBe(8)
  expect(countOf(onImage(sweepDisc(discOfPx(1000), [{ column: 3, row: 3 }], size), size))).toBe(48)
})

test('the limited brush paints exactly the pixels under it whose value lies in the range', () => {
  fc.assert(
    fc.property(
      sizes(16).chain((size) => fc.tuple(fc.constant(size), slicesOf(size))),
      lines,
      radius,
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      ([size, slice], line, px, low, high) => {
        const plain = sweepDisc(discOfPx(px), line, size)
        const limited = onImage(limitToValues(plain, slice, { low, high }), size)
        const expected = onImage(plain, size).pixels.map((pixel, at) => {
          const value = slice.values[at] ?? NaN
          return pixel === 1 && value >= low && value <= high ? 1 : 0
        })
        expect(limited.pixels).toEqual(expected)
      },
    ),
  )
})

test('the brush that follows edges stays on its side of a thin wall, and takes the noise of where it began', () => {
  // Tissue left of column 12 and right of it, one column of air between; noise of up to 8 on both sides.
  const size = { widthPx: 24, heightPx: 24 }
  const values = Int16Array.from({ length: 24 * 24 }, (_, at) =>
    at % 24 === 12 ? -800 : 40 + ((at * 7) % 17) - 8,
  )
  const slice = { ...size, values }
  const start = { column: 6, row: 12 }
  const range = rangeAtStart(slice, discOfPx(8), start, 1)
  expect(range).not.toBeNull()
  const line = [start, { column: 9, row: 12 }]
  const painted = onImage(followEdges(slice, discOfPx(8), line, range ?? { low: 0, high: 0 }), size)
  const under = onImage(sweepDisc(discOfPx(8), line, size), size)
  expect(pictureOf(painted)).toEqual(
    pictureOf({ ...size, pixels: under.pixels.map((pixel, at) => (at % 24 < 12 ? pixel : 0)) }),
  )
  expect(rangeAtStart(slice, discOfPx(8), { column: -3, row: 2 }, 1)).toBeNull()
})

test('what follows edges is the part of the limited brush that hangs together with the line', () => {
  fc.assert(
    fc.property(
      sizes(14).chain((size) => fc.tuple(fc.constant(size), slicesOf(size, 3))),
      lines,
      radius,
      ([size, slice], line, px) => {
        const range = { low: 1, high: 3 }
        const reach = onImage(limitToValues(sweepDisc(discOfPx(px), line, size), slice, range), size).pixels
        const grown = onImage(sweepDisc(discOfPx(0), line, size), size).pixels.map(
          (pixel, at) => pixel & (reach[at] ?? 0),
        )
        // Slow spreading: until nothing changes, a pixel joins when a neighbour by side has.
        for (let changed = true; changed;) {
          changed = false
          grown.forEach((pixel, at) => {
            const column = at % size.widthPx
            const beside = [
              column > 0 ? grown[at - 1] : 0,
              column < size.widthPx - 1 ? grown[at + 1] : 0,
              grown[at - size.widthPx],
              grown[at + size.widthPx],
            ]
            if (pixel === 1 || reach[at] !== 1 || !beside.includes(1)) return
            grown[at] = 1
            changed = true
          })
        }
        expect(onImage(followEdges(slice, discOfPx(px), line, range), size).pixels).toEqual(grown)
      },
    ),
  )
})
