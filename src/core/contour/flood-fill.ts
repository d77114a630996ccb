/** Filling from a place: by values, or a hole of a mask. Regions grow by sides, so a line drawn corner to corner holds. */
import type { Mask } from '../image/mask'
import type { SizePx } from '../sampling/resample'
import type { PlacedMask } from './box-mask'
import type { ValueRange } from './brush'
import { labelPieces } from './pieces'
import {
  boxOfPixels,
  clipBox,
  combine,
  cutOut,
  EMPTY_BOX,
  widenBox,
  type EditedMask,
  type ImagePosition,
  type PixelBox,
  type ValueSlice,
} from './slice-mask'

/**
 * The region around a place whose values lie in `range`, within `limit` (the crop, or the whole image); nothing where
 * the place lies outside or its own value is not in the range.
 */
export function floodFill(
  slice: ValueSlice,
  at: ImagePosition,
  range: ValueRange,
  limit: PixelBox,
): PlacedMask {
  const box = clipBox(limit, slice)
  const { pixels } = growRegion(box, at, (column, row) => {
    const value = slice.values[row * slice.widthPx + column] ?? NaN
    return value >= range.low && value <= range.high
  })
  return { originColumn: box.column, originRow: box.row, mask: { ...sizeOf(box), pixels } }
}

/** The hole of a mask that a place lies in: what adding fills. Null where the place is drawn on or open to the image's edge. */
export function holeAt(mask: Mask, at: ImagePosition): PlacedMask | null {
  const inner = boxOfPixels(mask)
  const region = growRegion(inner, at, (column, row) => mask.pixels[row * mask.widthPx + column] === 0)
  // A region that reaches the border of the smallest box around all that is drawn is not closed in.
  if (region.count === 0 || region.touchesBorder) return null
  return {
    originColumn: inner.column,
    originRow: inner.row,
    mask: { ...sizeOf(inner), pixels: region.pixels },
  }
}

/** The mask with every hole filled: background from which no way by sides leads to the image's edge. */
export function fillHoles(mask: Mask): EditedMask {
  const box = clipBox(widenBox(boxOfPixels(mask), 1), mask)
  const held = cutOut(mask, box)
  const { widthPx, heightPx } = held.mask
  const { labels } = labelPieces(held.mask, 0)
  const open = new Set<number>()
  labels.forEach((label, at) => {
    const column = at % widthPx
    const isBorder = column === 0 || column === widthPx - 1 || at < widthPx || at >= (heightPx - 1) * widthPx
    if (isBorder) open.add(label)
  })
  const holes = Uint8Array.from(labels, (label) => (label !== 0 && !open.has(label) ? 1 : 0))
  if (!holes.includes(1)) return { mask, box: EMPTY_BOX }
  return combine(mask, { ...held, mask: { ...held.mask, pixels: holes } }, 'add')
}

const sizeOf = ({ widthPx, heightPx }: PixelBox): SizePx => ({ widthPx, heightPx })

interface Region {
  readonly pixels: Uint8Array
  readonly count: number
  readonly touchesBorder: boolean
}

/** Pixels of the box that hang together by sides with the pixel at a place and pass the test. */
function growRegion(
  box: PixelBox,
  place: ImagePosition,
  belongs: (column: number, row: number) => boolean,
): Region {
  const { widthPx, heightPx } = box
  const pixels = new Uint8Array(widthPx * heightPx)
  const waiting: number[] = []
  let count = 0
  let touchesBorder = false
  const visit = (column: number, row: number): void => {
    if (column < 0 || row < 0 || column >= widthPx || row >= heightPx) {
      touchesBorder = true
      return
    }
    const at = row * widthPx + column
    if (pixels[at] === 1 || !belongs(column + box.column, row + box.row)) return
    pixels[at] = 1
    count += 1
    waiting.push(at)
  }
  visit(Math.round(place.column) - box.column, Math.round(place.row) - box.row)
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const column = at % widthPx
    const row = (at - column) / widthPx
    visit(column - 1, row)
    visit(column + 1, row)
    visit(column, row - 1)
    visit(column, row + 1)
  }
  return { pixels, count, touchesBorder }
}
