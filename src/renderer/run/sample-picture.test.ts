import { describe, expect, it } from 'vitest'
import { packMask } from '../../core/image/mask'
import type { ViewportPicture } from '../viewer/viewport-types'
import { boxAround, countBits, evenlyBySize, paintSample } from './sample-picture'

const maskOf = (pixels: readonly number[]): Uint8Array =>
  packMask({ widthPx: pixels.length, heightPx: 1, pixels: Uint8Array.from(pixels) })

describe('the strip of samples', () => {
  it('counts bits and orders samples from small to large, ends included', () => {
    const masks = [3, 1, 9, 5, 7, 0, 2, 8, 4, 6].map((count) =>
      maskOf(Array.from({ length: 12 }, (_, at) => (at < count ? 1 : 0))),
    )
    expect(masks.map(countBits)).toEqual([3, 1, 9, 5, 7, 0, 2, 8, 4, 6])
    const chosen = evenlyBySize(masks, 4).map((index) => countBits(masks[index] ?? new Uint8Array()))
    expect(chosen).toEqual([0, 3, 6, 9])
    expect(evenlyBySize(masks.slice(0, 2), 4)).toEqual([1, 0])
  })

  it('paints the crop where the grid lies in the image, neither mirrored nor turned', () => {
    // 4 x 3 picture whose value is 10 * row + column; the crop is its lower right 2 x 2.
    const picture: ViewportPicture = {
      key: 'k',
      subjectKey: 's',
      subjectKind: 'series',
      pixels: Int16Array.from([0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]),
      pixelSpacingMm: null,
      description: {
        widthPx: 4,
        heightPx: 3,
        type: 'int16',
        slope: 1,
        intercept: 0,
        unit: 'HU',
        minStored: 0,
        maxStored: 255,
        paddingStored: null,
        warnings: [],
      },
    }
    const grid = { widthPx: 2, heightPx: 2, originColumn: 2, originRow: 1, columnStep: 1, rowStep: 1 }
    const mask = packMask({ widthPx: 2, heightPx: 2, pixels: Uint8Array.from([0, 0, 0, 1]) })
    const box = { column: 0, row: 0, widthPx: 2, heightPx: 2 }
    const rgba = paintSample({ picture, window: null, grid, mask, box, widthPx: 2, heightPx: 2 })
    expect([rgba[0], rgba[4], rgba[8]]).toEqual([12, 13, 22])
    // 0.72 of the sample's 218 and 0.28 of 23: 163.4
    expect(rgba[12]).toBe(163)
    expect([rgba[3], rgba[15]]).toEqual([255, 255])
  })

  it('frames all samples in one square inside the grid', () => {
    const grid = { widthPx: 96, heightPx: 96, originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1 }
    const square = (column: number, row: number, sidePx: number): Uint8Array => {
      const pixels = new Uint8Array(96 * 96)
      for (let r = row; r < row + sidePx; r += 1) pixels.fill(1, r * 96 + column, r * 96 + column + sidePx)
      return packMask({ widthPx: 96, heightPx: 96, pixels })
    }
    // Columns 40 to 69 are filled: 30 wide, 39 with the margin, centred on 55.
    expect(boxAround([square(40, 40, 20), square(50, 50, 20)], grid)).toEqual({
      column: 36,
      row: 36,
      widthPx: 39,
      heightPx: 39,
    })
    expect(boxAround([square(0, 90, 6)], grid)).toEqual({ column: 0, row: 72, widthPx: 24, heightPx: 24 })
    expect(boxAround([square(0, 0, 0)], grid)).toEqual({ column: 0, row: 0, widthPx: 96, heightPx: 96 })
  })
})
