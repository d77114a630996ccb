import { labelPieces } from '../contour/pieces'
import type { PlacedMask } from '../contour/box-mask'
import { emptyMask, type Mask } from '../image/mask'

/** A sample parted into what belongs to the lesion and what lies apart from it. */
export interface OwnPieces {
  /** On the grid of the sample. */
  readonly own: Mask
  readonly ownPx: number
  /** Pieces that are no part of the lesion: another nodule, a vessel, a speck. */
  readonly otherPieces: number
}

/** Where a pixel of one grid lies on the grid of an anchor: whole pixels of one image, or of images shifted against each other. */
export interface Shift {
  readonly columns: number
  readonly rows: number
}

/** The pieces of a sample that share a pixel with the anchor, whose pixels are shifted against it. */
export function ownPieces(sample: Mask, anchor: Mask, shift: Shift): OwnPieces {
  const { labels, sizesPx } = labelPieces(sample)
  const touching = new Set<number>()
  eachShared(sample, anchor, shift, (at) => {
    if (labels[at] !== undefined && labels[at] !== 0) touching.add(labels[at])
  })
  const own = emptyMask(sample.widthPx, sample.heightPx)
  let ownPx = 0
  labels.forEach((label, at) => {
    if (!touching.has(label)) return
    own.pixels[at] = 1
    ownPx += 1
  })
  return { own, ownPx, otherPieces: sizesPx.length - 1 - touching.size }
}

/** Places of `sample` where the anchor is set. */
function eachShared(sample: Mask, anchor: Mask, shift: Shift, visit: (at: number) => void): void {
  for (let row = 0; row < anchor.heightPx; row += 1) {
    const there = row + shift.rows
    if (there < 0 || there >= sample.heightPx) continue
    for (let column = 0; column < anchor.widthPx; column += 1) {
      const beside = column + shift.columns
      if (beside < 0 || beside >= sample.widthPx) continue
      if (anchor.pixels[row * anchor.widthPx + column] === 1) visit(there * sample.widthPx + beside)
    }
  }
}

/**
 * The piece that holds a pixel of the grid, else the one nearest to it (of equally near ones the first in reading
 * order); null where nothing is set.
 */
export function pieceAt(sample: Mask, column: number, row: number): Mask | null {
  const { labels, sizesPx } = labelPieces(sample)
  if (sizesPx.length === 1) return null
  let [nearest, wanted] = [Infinity, 0]
  labels.forEach((label, at) => {
    if (label === 0) return
    const away = Math.hypot((at % sample.widthPx) - column, Math.floor(at / sample.widthPx) - row)
    if (away < nearest) [nearest, wanted] = [away, label]
  })
  return { ...sample, pixels: Uint8Array.from(labels, (label) => (label === wanted ? 1 : 0)) }
}

/** Mean column and row of the pixels set, on the image. */
export function centreOf({ mask, originColumn, originRow }: PlacedMask): {
  readonly column: number
  readonly row: number
} {
  let [columns, rows, count] = [0, 0, 0]
  mask.pixels.forEach((pixel, at) => {
    if (pixel === 0) return
    columns += at % mask.widthPx
    rows += Math.floor(at / mask.widthPx)
    count += 1
  })
  return { column: originColumn + columns / count, row: originRow + rows / count }
}
