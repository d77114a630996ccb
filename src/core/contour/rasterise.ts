/**
 * Polygons to pixels and back; vertices as x0, y0, x1, y1, … in pixel-centre coordinates (x along columns).
 *
 * What is lost. A pixel belongs to a polygon when its centre does. Each pixel that the polygon's line does not pass
 * is right; so the area in pixels differs from the polygon's by less than the number of pixels its line passes (in
 * practice by far less: errors of both signs cancel). The outline of a mask runs half way between pixel centres and
 * cuts each corner by 1/8 px²; filled again it gives back exactly the mask.
 */
import type { Mask } from '../image/mask'
import type { SizePx } from '../sampling/resample'
import type { PlacedMask } from './box-mask'
import { boxOfPixels, clipBox, cutOut, EMPTY_BOX, type PixelBox } from './slice-mask'
import { traceMask, type Ring } from './trace'

/**
 * The pixels of an image of this size whose centre lies within the rings by the even-odd rule, whatever their order and
 * direction. A centre on a left or upper side counts as inside, on a right or lower side as outside, so that two
 * polygons with a side in common share no pixel and leave none out. Rings with a vertex that is no number are left out.
 */
export function fillPolygon(rings: readonly ArrayLike<number>[], size: SizePx): PlacedMask {
  const sound = rings.filter((ring) => Array.from(ring).every((number) => Number.isFinite(number)))
  const box = clipBox(boxOfRings(sound), size)
  const mask: Mask = {
    widthPx: box.widthPx,
    heightPx: box.heightPx,
    pixels: new Uint8Array(box.widthPx * box.heightPx),
  }
  for (const ring of sound) {
    let lastX = ring[ring.length - 2] ?? 0
    let lastY = ring[ring.length - 1] ?? 0
    for (let at = 0; at + 1 < ring.length; at += 2) {
      const x = ring[at] ?? 0
      const y = ring[at + 1] ?? 0
      if (lastY < y) toggleRightOf(mask.pixels, box, [lastX, lastY, x, y])
      else toggleRightOf(mask.pixels, box, [x, y, lastX, lastY])
      lastX = x
      lastY = y
    }
  }
  for (let row = 0; row < box.heightPx; row += 1) {
    let inside = 0
    for (let at = row * box.widthPx; at < (row + 1) * box.widthPx; at += 1) {
      inside ^= mask.pixels[at] ?? 0
      mask.pixels[at] = inside
    }
  }
  return { originColumn: box.column, originRow: box.row, mask }
}

/** The outlines of a mask or of the part of it in `box`, in image coordinates: outer rings clockwise on the screen, holes the other way. */
export function outlineOf(mask: Mask, box: PixelBox = boxOfPixels(mask)): Ring[] {
  const held = cutOut(mask, box)
  return traceMask(held.mask).map((ring) =>
    ring.map((value, at) => value + (at % 2 === 0 ? held.originColumn : held.originRow)),
  )
}

/** Marks, in each row of the box that a side passes (its lower end left out), the first pixel at or right of it. */
function toggleRightOf(
  pixels: Uint8Array,
  box: PixelBox,
  [topX, topY, bottomX, bottomY]: readonly [number, number, number, number],
): void {
  const slope = (bottomX - topX) / (bottomY - topY)
  const end = box.row + box.heightPx
  for (let row = Math.max(box.row, Math.ceil(topY)); row < bottomY && row < end; row += 1) {
    const column = Math.max(0, Math.ceil(topX + (row - topY) * slope) - box.column)
    const at = (row - box.row) * box.widthPx + column
    if (column < box.widthPx) pixels[at] = (pixels[at] ?? 0) ^ 1
  }
}

function boxOfRings(rings: readonly ArrayLike<number>[]): PixelBox {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const ring of rings) {
    for (let at = 0; at + 1 < ring.length; at += 2) {
      left = Math.min(left, ring[at] ?? 0)
      right = Math.max(right, ring[at] ?? 0)
      top = Math.min(top, ring[at + 1] ?? 0)
      bottom = Math.max(bottom, ring[at + 1] ?? 0)
    }
  }
  if (left > right) return EMPTY_BOX
  const [column, row] = [Math.ceil(left), Math.ceil(top)]
  return { column, row, widthPx: Math.floor(right) - column + 1, heightPx: Math.floor(bottom) - row + 1 }
}
