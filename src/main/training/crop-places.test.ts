import { expect, test } from 'vitest'
import type { SliceOutline } from '../../core/measures/voxel-block'
import { cropPlaces } from './crop-places'

/** A square of `side` pixels on some slices. */
const square = (slices: readonly number[], column: number, row: number, side = 10): readonly SliceOutline[] =>
  slices.map((sliceIndex) => ({
    sliceIndex,
    placed: {
      originColumn: column,
      originRow: row,
      mask: { widthPx: side, heightPx: side, pixels: new Uint8Array(side * side).fill(1) },
    },
  }))

test('outlines of two readers that meet are one lesion, with a slice beyond either end', () => {
  const places = cropPlaces([square([3, 4, 5], 50, 60), square([4, 5, 6], 54, 62)], 20, () => 0.5)
  expect(places.map(({ sliceIndex }) => sliceIndex)).toEqual([3, 4, 5, 6, 2, 7])
  // On slice 4 both: columns 50 to 63, rows 60 to 71.
  expect(places[1]).toMatchObject({ column: 57, row: 66 })
})

test('lesions apart keep places of their own, and a series ends where it ends', () => {
  const places = cropPlaces([square([0, 1], 10, 10), square([0], 100, 100)], 2, () => 0.5)
  expect(places.map(({ sliceIndex, column }) => [sliceIndex, column])).toEqual([
    [0, 15],
    [1, 15],
    [0, 105],
    [1, 105],
  ])
})

test('of a long lesion six slices are taken, its ends among them', () => {
  const slices = Array.from({ length: 41 }, (_unused, index) => index + 5)
  const marked = cropPlaces([square(slices, 10, 10)], 100, () => 0.5).slice(0, 6)
  expect(marked.map(({ sliceIndex }) => sliceIndex)).toEqual([5, 13, 21, 29, 37, 45])
})

test('a place is never farther off than a click may be', () => {
  const shares = [0, 0.999]
  for (const share of shares) {
    const [place] = cropPlaces([square([1], 50, 60)], 3, () => share)
    expect(Math.abs((place?.column ?? 0) - 55)).toBeLessThanOrEqual(8)
    expect(Math.abs((place?.row ?? 0) - 65)).toBeLessThanOrEqual(8)
  }
})
