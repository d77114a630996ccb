import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { traceMask } from '../../../src/core/contour/trace'
import { axesOf } from '../../../src/core/lesion/axes'
import { findLesion, follow, FOLLOW, type Course, type LesionFinding } from '../../../src/core/lesion/follow'
import { lesionSamples } from '../../../src/core/lesion/lesion-samples'
import { slabsOf } from '../../../src/core/lesion/slabs'
import { runThrough } from '../../../src/core/measures/steps'
import type { Grid } from '../../../src/contract'
import type { Mask } from '../../../src/core/image/mask'

const SIZE = 48
const gridAt = (originColumn = 0, originRow = 0): Grid => ({
  widthPx: SIZE,
  heightPx: SIZE,
  originColumn,
  originRow,
  columnStep: 1,
  rowStep: 1,
})

/** Pixels of the image for which `inside` holds, on a crop. */
function maskOf(grid: Grid, inside: (column: number, row: number) => boolean): Mask {
  const pixels = Uint8Array.from({ length: SIZE * SIZE }, (_, at) =>
    inside(grid.originColumn + (at % SIZE), grid.originRow + Math.floor(at / SIZE)) ? 1 : 0,
  )
  return { widthPx: SIZE, heightPx: SIZE, pixels }
}

const disc = (grid: Grid, column: number, row: number, radius: number): Mask =>
  maskOf(grid, (x, y) => (x - column) ** 2 + (y - row) ** 2 <= radius ** 2)

describe('slabs', () => {
  it('fill the series: with even ends they add up to the way plus half a step at both ends', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 2, max: 3.4, noNaN: true }), { minLength: 2, maxLength: 9 }),
        (steps) => {
          let along = 0
          const slabs = slabsOf([0, ...steps.map((step) => (along += step))])
          const total = slabs?.thicknessMm.reduce((sum, mm) => sum + mm, 0) ?? 0
          expect(total).toBeCloseTo(along + ((steps[0] ?? 0) + (steps.at(-1) ?? 0)) / 2, 9)
        },
      ),
    )
  })

  it('are none where slices lie at the same place, at no place, or alone', () => {
    expect(slabsOf([0, 1, 1, 2])).toBeNull()
    expect(slabsOf([0, null, 2])).toBeNull()
    expect(slabsOf([0])).toBeNull()
  })

  it('know where slices are left out', () => {
    expect(slabsOf([0, 1, 2, 5, 6])?.gapAfter).toEqual([false, false, true, false])
  })

  it('stand for none of a gap', () => {
    expect(slabsOf([0, 1, 2, 36.5, 37.5])).toEqual({
      thicknessMm: [1, 1, 1, 1, 1],
      gapAfter: [false, false, true, false],
    })
  })
})

describe('axes', () => {
  it('of a turned ellipse are its axes, in millimetres of pixels that are not square', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: Math.PI, noNaN: true }),
        fc.double({ min: 12, max: 18, noNaN: true }),
        fc.double({ min: 5, max: 10, noNaN: true }),
        (turn, long, short) => {
          const unit = { x: 1, y: 0.8 }
          const mask = maskOf(gridAt(), (column, row) => {
            const x = (column - 24) * unit.x
            const y = (row - 24) * unit.y
            const along = (x * Math.cos(turn) + y * Math.sin(turn)) / long
            const across = (y * Math.cos(turn) - x * Math.sin(turn)) / short
            return along ** 2 + across ** 2 <= 1
          })
          const axes = axesOf(traceMask(mask), unit)
          // An outline runs half a pixel outside the centres of the pixels it holds.
          expect(Math.abs((axes?.long ?? 0) - 2 * long)).toBeLessThan(1.6)
          expect(Math.abs((axes?.short ?? 0) - 2 * short)).toBeLessThan(2)
        },
      ),
    )
  })

  it('measure the short axis inside the outline, not across a bay', () => {
    // An L of arms 3 pixels wide: a line across the whole would be far longer than either arm is wide.
    const mask = maskOf(
      gridAt(),
      (x, y) => (x >= 10 && x < 13 && y >= 10 && y < 30) || (y >= 27 && y < 30 && x >= 10 && x < 30),
    )
    const axes = axesOf(traceMask(mask), { x: 1, y: 1 })
    const hullWidth = 14
    expect(axes?.short).toBeLessThan(hullWidth)
    expect(axes?.short).toBeGreaterThan(3)
    expect(axes?.short).toBeLessThanOrEqual(axes?.long ?? 0)
  })
})

/** Follows a body from slice 0 to both sides as the program does: each crop around the last median. */
function followAll(
  masksAt: (slice: number, grid: Grid) => readonly Mask[],
  click: { column: number; row: number },
  slices: readonly [first: number, last: number],
): { readonly found: ReadonlyMap<number, LesionFinding>; readonly ends: readonly string[] } {
  const around = (centre: { column: number; row: number }): Grid =>
    gridAt(Math.round(centre.column) - SIZE / 2, Math.round(centre.row) - SIZE / 2)
  const found = new Map<number, LesionFinding>()
  const start = findLesion(masksAt(0, around(click)), around(click), click)
  if (start === null) return { found, ends: [] }
  found.set(0, start.last)
  const ends = [-1, 1].map((direction) => {
    let course: Course = start
    for (let slice = direction; slice >= slices[0] && slice <= slices[1]; slice += direction) {
      const grid = around(course.centre)
      const { finding, isInLesion, next } = follow(course, masksAt(slice, grid), grid)
      if (isInLesion) found.set(slice, finding)
      if (typeof next === 'string') return next
      course = next
    }
    return 'series-ends'
  })
  return { found, ends }
}

describe('following', () => {
  const radii = [9, 9.5, 10, 10.5, 11]
  const ball = (slice: number, grid: Grid): Mask[] =>
    radii.map((radius) => {
      const left = radius ** 2 - (slice * 2) ** 2
      // It leans: its middle moves by three pixels a slice, so that without following it would leave the crop.
      return left > 0 ? disc(grid, 100 + 3 * slice, 80, Math.sqrt(left)) : disc(grid, -99, -99, 0)
    })

  it('finds every slice of a leaning ball and no other, and the ends are its own', () => {
    const { found, ends } = followAll(ball, { column: 101, row: 80 }, [-20, 20])
    expect([...found.keys()].sort((a, b) => a - b)).toEqual([-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5])
    expect(ends).toEqual(['few-draw', 'few-draw'])
  })

  it('measures what each sample drew: pixels times slabs, as counted by hand', () => {
    const { found } = followAll(ball, { column: 101, row: 80 }, [-20, 20])
    const slices = [...found].sort(([a], [b]) => a - b)
    const samples = runThrough(
      lesionSamples(
        slices.map(([slice, finding]) => ({
          finding,
          thicknessMm: 2 * 0.5,
          alongMm: slice * 2 * 0.5,
          shiftMm: { x: 0, y: 0 },
          values: new Float32Array(SIZE * SIZE).fill(-100),
        })),
        { row: 0.5, column: 0.5 },
      ),
    )
    radii.forEach((radius, at) => {
      const sample = samples[at] ?? null
      const sphereMm3 = (4 / 3) * Math.PI * (radius * 0.5) ** 3
      expect(sample?.volumeMm3).toBeGreaterThan(sphereMm3 * 0.93)
      expect(sample?.volumeMm3).toBeLessThan(sphereMm3 * 1.07)
      expect(Math.abs((sample?.axesMm.mean ?? 0) - radius)).toBeLessThan(0.6)
      expect(sample?.meanValue).toBeCloseTo(-100, 10)
      // The longest line of a leaning stack is longer than that of any one slice.
      expect(sample?.longestMm).toBeGreaterThan(sample?.axesMm.long ?? Infinity)
    })
  })

  it('bridges one thin slice and ends at two', () => {
    const without = (gone: readonly number[]) => (slice: number, grid: Grid) =>
      gone.includes(slice) || Math.abs(slice) > 4
        ? radii.map(() => disc(grid, -99, -99, 0))
        : radii.map((r) => disc(grid, 50, 50, r / 2))
    const click = { column: 50, row: 50 }
    expect(followAll(without([2]), click, [-9, 9]).found.has(3)).toBe(true)
    expect(followAll(without([2, 3]), click, [-9, 9]).found.has(4)).toBe(false)
  })

  it('says so where it runs into something else, and leaves that out', () => {
    const wall = (slice: number, grid: Grid): Mask[] =>
      radii.map(() => (slice < 2 ? disc(grid, 50, 50, 4) : disc(grid, 58, 50, 14)))
    const { found, ends } = followAll(wall, { column: 50, row: 50 }, [-3, 9])
    expect([...found.keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1])
    expect(ends).toEqual(['series-ends', 'ran-into-something'])
    const beside = (slice: number, grid: Grid): Mask[] =>
      radii.map(() => (slice < 2 ? disc(grid, 50, 50, 4) : disc(grid, 62, 50, 4)))
    expect(followAll(beside, { column: 50, row: 50 }, [-3, 9]).ends).toEqual([
      'series-ends',
      'ran-into-something',
    ])
  })

  it('measures the piece that was clicked and counts what lies apart from it', () => {
    const two = (grid: Grid): Mask[] =>
      radii.map((radius) =>
        maskOf(
          grid,
          (x, y) =>
            (x - 40) ** 2 + (y - 50) ** 2 <= (radius / 2) ** 2 || (x - 56) ** 2 + (y - 50) ** 2 <= radius,
        ),
      )
    const grid = gridAt(26, 26)
    const lesion = findLesion(two(grid), grid, { column: 56, row: 50 })
    expect(lesion?.last.pieces.every(({ otherPieces }) => otherPieces === 1)).toBe(true)
    expect(lesion?.centre.column).toBeCloseTo(56, 0)
    expect(findLesion(two(grid), grid, { column: 40, row: 49 })?.centre.column).toBeCloseTo(40, 0)
  })

  it('finds nothing where nobody draws, and ends where fewer draw than the stated share', () => {
    const grid = gridAt()
    expect(findLesion([disc(grid, -9, -9, 0)], grid, { column: 24, row: 24 })).toBeNull()
    const few = (drawn: number) => (slice: number, at: Grid) =>
      Array.from({ length: 8 }, (_, k) =>
        slice === 0 || k < drawn ? disc(at, 24, 24, 5) : disc(at, -99, -99, 0),
      )
    const click = { column: 24, row: 24 }
    expect(followAll(few(8 * FOLLOW.leastShare), click, [0, 5]).found.size).toBe(6)
    expect(followAll(few(8 * FOLLOW.leastShare - 1), click, [0, 5]).found.size).toBe(1)
  })
})
