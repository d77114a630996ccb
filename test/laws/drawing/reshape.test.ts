import fc from 'fast-check'
import { expect, test } from 'vitest'
import { interpolateSlices } from '../../../src/core/contour/interpolate-slices'
import { labelPieces } from '../../../src/core/contour/pieces'
import { grow, shrink, smooth } from '../../../src/core/contour/reshape'
import { discOfMm, discOfPx, nudge, type DiscPx } from '../../../src/core/contour/slice-mask'
import type { Mask } from '../../../src/core/image/mask'
import { uniforms } from '../../../src/core/sampling/counter-rng'
import { countOf, differsOnlyWithin, disc, drawn, masksOf, maskWhere, pictureOf, sizes } from './drawn'

const masks = sizes(12).chain(masksOf)
const tenth = fc.integer({ min: 1, max: 60 }).map((whole) => whole / 10)
const discs = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map(discOfPx),
  fc.record({ columns: tenth, rows: tenth }),
)

/** Pixels that have a pixel of this kind within the disc, by looking at every pair. */
function nearBySearch(mask: Mask, of: 0 | 1, { columns, rows }: DiscPx): Mask {
  const near = (column: number, row: number): boolean =>
    mask.pixels.some((pixel, at) => {
      const x = ((at % mask.widthPx) - column) / columns
      const y = (Math.floor(at / mask.widthPx) - row) / rows
      return pixel === of && x * x + y * y <= 1 + 1e-9
    })
  return maskWhere(mask, near)
}

const inverse = (mask: Mask): Mask => ({ ...mask, pixels: mask.pixels.map((pixel) => 1 - pixel) })

test('grown is all within the distance; shrunk is what is left when the background grows', () => {
  fc.assert(
    fc.property(masks, discs, (mask, radius) => {
      const grown = grow(mask, radius)
      expect(pictureOf(grown.mask)).toEqual(pictureOf(nearBySearch(mask, 1, radius)))
      expect(differsOnlyWithin(mask, grown.mask, grown.box)).toBe(true)
      const shrunk = shrink(mask, radius)
      expect(pictureOf(shrunk.mask)).toEqual(pictureOf(inverse(grow(inverse(mask), radius).mask)))
      expect(differsOnlyWithin(mask, shrunk.mask, shrunk.box)).toBe(true)
    }),
  )
})

test('millimetres count along rows and columns by their own spacing', () => {
  const dot = drawn('.........', '.........', '....#....', '.........', '.........')
  expect(pictureOf(grow(dot, discOfMm(1.5, { row: 1.5, column: 0.5 })).mask)).toEqual([
    '.........',
    '....#....',
    '.#######.',
    '....#....',
    '.........',
  ])
})

test('no distance, none drawn and nowhere to go: nothing changes, nothing hangs', () => {
  const blank = drawn('....', '....')
  const full = drawn('####', '####')
  for (const edit of [grow, shrink, smooth]) {
    expect(edit(blank, discOfPx(2)).mask).toEqual(blank)
    expect(edit(full, discOfPx(2)).mask).toEqual(full)
    for (const px of [0, -1, NaN, Infinity]) expect(edit(full, discOfPx(px)).mask).toEqual(full)
  }
})

/** A star-shaped blob with a rough rim. */
function blob(index: number): Mask {
  const draws = uniforms(31, index, 2, 40)
  return maskWhere({ widthPx: 64, heightPx: 64 }, (column, row) => {
    const turn = (Math.atan2(row - 31, column - 33) / (2 * Math.PI) + 1) * 40
    const share = turn - Math.floor(turn)
    const rim = (1 - share) * (draws[Math.floor(turn) % 40] ?? 0) + share * (draws[Math.ceil(turn) % 40] ?? 0)
    return Math.hypot(column - 33, row - 31) < 12 + 8 * rim
  })
}

const boundaryPx = (mask: Mask): number =>
  mask.pixels.filter((pixel, at) => pixel === 1 && (mask.pixels[at + 1] !== 1 || mask.pixels[at + 64] !== 1))
    .length

test('smoothing keeps the area within 1 % and shortens the rim', () => {
  for (let index = 0; index < 12; index += 1) {
    const mask = blob(index)
    const edited = smooth(mask, discOfPx(2))
    expect(Math.abs(countOf(edited.mask) - countOf(mask)) / countOf(mask)).toBeLessThan(0.01)
    expect(boundaryPx(edited.mask)).toBeLessThan(boundaryPx(mask))
    expect(differsOnlyWithin(mask, edited.mask, edited.box)).toBe(true)
  }
})

test('smoothing leaves a disc where it is, keeps what is symmetrical so, and no piece vanishes', () => {
  const round = disc({ widthPx: 50, heightPx: 50 }, 24, 25, 15)
  const smoothed = smooth(round, discOfPx(2)).mask
  const moved = smoothed.pixels.filter((pixel, at) => pixel !== round.pixels[at]).length
  expect(moved).toBeLessThan(countOf(round) * 0.02)
  expect(pictureOf(smoothed).map((row) => Array.from(row.slice(0, 49)).reverse().join('') + '.')).toEqual(
    pictureOf(smoothed),
  )
  fc.assert(
    fc.property(masks, (mask) => {
      const after = smooth(mask, discOfPx(1)).mask
      expect(countOf(after) === 0).toBe(countOf(mask) === 0)
    }),
  )
})

test('between two identical slices lies the same', () => {
  fc.assert(
    fc.property(masks, fc.integer({ min: 0, max: 10 }), (mask, tenths) => {
      const [between] = interpolateSlices(mask, mask, [tenths / 10], { row: 0.7, column: 1.3 })
      expect(between).toEqual(mask)
    }),
  )
})

test('at either end lies the drawn slice, and the way back is the way there', () => {
  fc.assert(
    fc.property(
      sizes(12).chain((size) => fc.tuple(masksOf(size), masksOf(size))),
      ([first, last]) => {
        const there = interpolateSlices(first, last, [0.25, 0.625], null)
        const back = interpolateSlices(last, first, [0.75, 0.375], null)
        // Blends near zero may round either way.
        const apart = there.map(
          (mask, at) => mask.pixels.filter((pixel, px) => pixel !== back[at]?.pixels[px]).length,
        )
        expect(Math.max(...apart)).toBeLessThanOrEqual(2)
      },
    ),
  )
  const [start, end] = interpolateSlices(blob(1), blob(2), [0, 1], null)
  expect(pictureOf(start ?? blob(3))).toEqual(pictureOf(blob(1)))
  expect(pictureOf(end ?? blob(3))).toEqual(pictureOf(blob(2)))
})

test('between two discs lies the disc of the radius and the place between', () => {
  const size = { widthPx: 90, heightPx: 90 }
  for (const [r1, r2, dx] of [
    [8, 20, 0],
    [25, 6, 10],
    [7, 9, 30],
  ] as const) {
    const fractions = [0.25, 0.5, 0.8]
    const first = disc(size, 30, 44, r1)
    const between = interpolateSlices(first, disc(size, 30 + dx, 44, r2), fractions, null)
    between.forEach((mask, index) => {
      const fraction = fractions[index] ?? 0
      const radius = r1 + fraction * (r2 - r1)
      const centre = 30 + fraction * dx
      const [most, least] = [1, -1].map((by) => disc(size, centre, 44, radius + by).pixels)
      expect(mask.pixels.every((pixel, at) => pixel <= (most?.[at] ?? 0))).toBe(true)
      expect(mask.pixels.every((pixel, at) => pixel >= (least?.[at] ?? 0))).toBe(true)
    })
  }
})

test('a shape that moves is met half way, unchanged', () => {
  const moved = nudge(blob(4), -8, 6).mask
  const [between] = interpolateSlices(blob(4), moved, [0.5], null)
  expect(pictureOf(between ?? moved)).toEqual(pictureOf(nudge(blob(4), -4, 3).mask))
})

test('pieces find their counterparts: one splits in two, one beside them ends', () => {
  const size = { widthPx: 90, heightPx: 60 }
  const either = (a: Mask, b: Mask): Mask => ({
    ...a,
    pixels: a.pixels.map((pixel, at) => pixel | (b.pixels[at] ?? 0)),
  })
  const first = either(
    maskWhere(size, (x, y) => Math.abs(x - 30) < 18 && Math.abs(y - 30) < 6),
    disc(size, 75, 30, 8),
  )
  const last = either(disc(size, 18, 30, 7), disc(size, 42, 30, 7))
  const [near, middle, far] = interpolateSlices(first, last, [0.1, 0.5, 0.9], null)
  const pieces = (mask: Mask | undefined): number => labelPieces(mask ?? first).sizesPx.length - 1
  expect([pieces(near), pieces(far)]).toEqual([2, 3])
  expect(countOf(middle ?? first)).toBeGreaterThan(countOf(last) / 2)
  // The piece that ends: half the radius half way.
  const ending = (middle ?? first).pixels.filter((pixel, at) => pixel === 1 && at % 90 > 60).length
  expect(Math.sqrt(ending / Math.PI)).toBeCloseTo(4, 0)
  expect(interpolateSlices(drawn('....'), drawn('....'), [0.5], null)).toEqual([drawn('....')])
})
