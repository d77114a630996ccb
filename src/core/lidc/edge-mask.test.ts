import { expect, test } from 'vitest'
import { maskOfEdgeMaps } from './edge-mask'
import type { EdgeMap, EdgePoint } from './lidc-file'

const map = (points: readonly (readonly [number, number])[], inclusion = true): EdgeMap => ({
  sopInstanceUid: '1',
  zMm: 0,
  inclusion,
  points: points.map(([column, row]): EdgePoint => ({ column, row })),
})

const square = (left: number, top: number, side: number): readonly (readonly [number, number])[] => [
  [left, top],
  [left + side, top],
  [left + side, top + side],
  [left, top + side],
]

test('edge points and the straight lines between them lie outside, on every side alike', () => {
  expect(maskOfEdgeMaps([map(square(10, 20, 4))])).toEqual({
    originColumn: 11,
    originRow: 21,
    mask: { widthPx: 3, heightPx: 3, pixels: new Uint8Array(9).fill(1) },
  })
})

test('an exclusion takes its inside and its edge', () => {
  const { mask } = maskOfEdgeMaps([map(square(0, 0, 8)), map(square(3, 3, 2), false)])
  const expected = Uint8Array.from({ length: 49 }, (_unused, at) => {
    const [column, row] = [(at % 7) + 1, Math.floor(at / 7) + 1]
    return column >= 3 && column <= 5 && row >= 3 && row <= 5 ? 0 : 1
  })
  expect(mask).toEqual({ widthPx: 7, heightPx: 7, pixels: expected })
})

test('the edge of one outline does not cut into another', () => {
  const { mask } = maskOfEdgeMaps([map(square(0, 0, 6)), map(square(2, 2, 2))])
  expect(mask.pixels.every((pixel) => pixel === 1)).toBe(true)
})

test('one point marks nothing', () => {
  expect(maskOfEdgeMaps([map([[5, 5]])]).mask.pixels).toHaveLength(0)
  expect(maskOfEdgeMaps([]).mask.pixels).toHaveLength(0)
})
