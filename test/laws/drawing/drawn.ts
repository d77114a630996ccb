/** What the laws of drawing share: masks and slices from noise, and pixels by their place. */
import fc from 'fast-check'
import type { PlacedMask } from '../../../src/core/contour/box-mask'
import type { PixelBox, ValueSlice } from '../../../src/core/contour/slice-mask'
import type { Mask } from '../../../src/core/image/mask'
import type { SizePx } from '../../../src/core/sampling/resample'

export const sizes = (most: number): fc.Arbitrary<SizePx> =>
  fc.record({ widthPx: fc.integer({ min: 1, max: most }), heightPx: fc.integer({ min: 1, max: most }) })

/** Masks of every density, empty and full ones among them. */
export const masksOf = ({ widthPx, heightPx }: SizePx): fc.Arbitrary<Mask> => {
  const count = widthPx * heightPx
  return fc
    .tuple(
      fc.integer({ min: 0, max: 10 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count }),
    )
    .map(([tenths, draws]) => ({
      widthPx,
      heightPx,
      pixels: Uint8Array.from(draws, (draw) => (draw < tenths ? 1 : 0)),
    }))
}

export const slicesOf = ({ widthPx, heightPx }: SizePx, most = 9): fc.Arbitrary<ValueSlice> => {
  const count = widthPx * heightPx
  return fc
    .array(fc.integer({ min: 0, max: most }), { minLength: count, maxLength: count })
    .map((values) => ({ widthPx, heightPx, values: Int16Array.from(values) }))
}

/** A mask as large as the image: what a tool meant. */
export function onImage(placed: PlacedMask, { widthPx, heightPx }: SizePx): Mask {
  const pixels = new Uint8Array(widthPx * heightPx)
  placed.mask.pixels.forEach((pixel, at) => {
    const column = placed.originColumn + (at % placed.mask.widthPx)
    const row = placed.originRow + Math.floor(at / placed.mask.widthPx)
    const isOutside = column < 0 || row < 0 || column >= widthPx || row >= heightPx
    if (isOutside) throw new Error(`(${column}, ${row}) lies outside the image`)
    if (pixel === 1) pixels[row * widthPx + column] = 1
  })
  return { widthPx, heightPx, pixels }
}

/** A mask by a rule for the pixel at (column, row). */
export function maskWhere(size: SizePx, belongs: (column: number, row: number) => boolean): Mask {
  const pixels = Uint8Array.from({ length: size.widthPx * size.heightPx }, (_, at) =>
    belongs(at % size.widthPx, Math.floor(at / size.widthPx)) ? 1 : 0,
  )
  return { ...size, pixels }
}

export const disc = (size: SizePx, column: number, row: number, radius: number): Mask =>
  maskWhere(size, (x, y) => Math.hypot(x - column, y - row) <= radius)

export const countOf = ({ pixels }: Mask): number => pixels.reduce((sum, pixel) => sum + pixel, 0)

/** True where every pixel in which two masks differ lies in the box. */
export function differsOnlyWithin(a: Mask, b: Mask, box: PixelBox): boolean {
  return a.pixels.every((pixel, at) => {
    const column = at % a.widthPx
    const row = Math.floor(at / a.widthPx)
    const isWithin =
      column >= box.column &&
      column < box.column + box.widthPx &&
      row >= box.row &&
      row < box.row + box.heightPx
    return isWithin || pixel === b.pixels[at]
  })
}

/** A picture in characters as a mask: '#' is set. */
export function drawn(...rows: readonly string[]): Mask {
  const widthPx = rows[0]?.length ?? 0
  return {
    widthPx,
    heightPx: rows.length,
    pixels: Uint8Array.from(rows.join(''), (letter) => (letter === '#' ? 1 : 0)),
  }
}

/** And back, for messages that can be read. */
export const pictureOf = ({ widthPx, heightPx, pixels }: Mask): string[] =>
  Array.from({ length: heightPx }, (_, row) =>
    [...pixels.subarray(row * widthPx, (row + 1) * widthPx)]
      .map((pixel) => (pixel === 1 ? '#' : '.'))
      .join(''),
  )
