import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Grid } from '../../contract'
import type { Mask } from '../image/mask'
import { diceAcrossGrids } from './median-overlap'

const gridOf = (sizePx: number, originColumn: number, originRow: number, step = 1): Grid => ({
  widthPx: sizePx,
  heightPx: sizePx,
  originColumn,
  originRow,
  columnStep: step,
  rowStep: step,
})

const maskOf = (sizePx: number, bits: readonly boolean[]): Mask => ({
  widthPx: sizePx,
  heightPx: sizePx,
  pixels: Uint8Array.from({ length: sizePx ** 2 }, (_, at) => (bits[at] === true ? 1 : 0)),
})

/** The pixels of a mask as places of the image. */
function placesOf(mask: Mask, grid: Grid): Set<string> {
  const places = new Set<string>()
  mask.pixels.forEach((pixel, at) => {
    const column = grid.originColumn + (at % grid.widthPx)
    if (pixel === 1) places.add(`${column} ${grid.originRow + Math.floor(at / grid.widthPx)}`)
  })
  return places
}

const bits = (sizePx: number) => fc.array(fc.boolean(), { minLength: sizePx ** 2, maxLength: sizePx ** 2 })
const origin = fc.integer({ min: -4, max: 8 })

describe('Dice of two crops of one image', () => {
  it('is that of their pixels as places of the image, whatever the crops', () => {
    fc.assert(
      fc.property(bits(4), bits(7), origin, origin, (small, large, column, row) => {
        const a = { mask: maskOf(4, small), grid: gridOf(4, column, row) }
        const b = { mask: maskOf(7, large), grid: gridOf(7, 1, 2) }
        const [inA, inB] = [placesOf(a.mask, a.grid), placesOf(b.mask, b.grid)]
        const shared = [...inA].filter((place) => inB.has(place)).length
        const expected = inA.size + inB.size === 0 ? 1 : (2 * shared) / (inA.size + inB.size)
        expect(diceAcrossGrids(a, b)).toBe(expected)
        expect(diceAcrossGrids(b, a)).toBe(expected)
      }),
      { seed: 7, numRuns: 200 },
    )
  })

  it('is not given where pixels do not fall on each other', () => {
    const mask = maskOf(
      4,
      Array.from({ length: 16 }, () => true),
    )
    const here = { mask, grid: gridOf(4, 0, 0) }
    expect(diceAcrossGrids(here, { mask, grid: gridOf(4, 0.5, 0) })).toBeNull()
    expect(diceAcrossGrids(here, { mask, grid: gridOf(4, 0, 0, 2) })).toBeNull()
  })
})
