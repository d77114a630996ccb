/**
 * What is edited: the mask of one structure on one slice, as large as the image, one byte a pixel (0 or 1), row by
 * row. `Mask` is that layer; one byte a pixel so that a brush writes whole runs and a tool reads neighbours without
 * taking bits apart (256 KiB for a CT slice, 9 MB for a photograph). It is packed only where it leaves (`BoxMask`).
 *
 * A tool makes a `PlacedMask`: the pixels it means, in a small box. Adding or cutting is done here, in one place.
 */
import { refuse, type BoxMask, type PixelSpacing, type Result } from '../../contract'
import type { Mask } from '../image/mask'
import type { PixelArray } from '../image/pixel-layout'
import type { SizePx } from '../sampling/resample'
import { decodeBoxMask, type PlacedMask } from './box-mask'

/** A rectangle of whole pixels; (column, row) is the image index of its first pixel. Empty if a side is 0. */
export interface PixelBox {
  readonly column: number
  readonly row: number
  readonly widthPx: number
  readonly heightPx: number
}

/** A place on the image in pixel-centre coordinates: the centre of the first pixel is (0, 0). */
export interface ImagePosition {
  readonly column: number
  readonly row: number
}

/** One number a pixel, as large as the image: HU, or a channel of a photograph. */
export interface ValueSlice {
  readonly widthPx: number
  readonly heightPx: number
  readonly values: PixelArray
}

/** Half axes in pixels of the ellipse that looks like a disc on the patient: a brush, or how far a contour moves. */
export interface DiscPx {
  readonly columns: number
  readonly rows: number
}

export type EditMode = 'add' | 'cut'

/** An edit's outcome: a new mask, and a box that holds every pixel that changed (nothing outside it needs a redraw). */
export interface EditedMask {
  readonly mask: Mask
  readonly box: PixelBox
}

export const EMPTY_BOX: PixelBox = { column: 0, row: 0, widthPx: 0, heightPx: 0 }

export const isEmptyBox = (box: PixelBox): boolean => box.widthPx <= 0 || box.heightPx <= 0

/** The part of a box that lies on an image of this size; `EMPTY_BOX` where none does. */
export function clipBox(box: PixelBox, { widthPx, heightPx }: SizePx): PixelBox {
  const column = Math.max(0, box.column)
  const row = Math.max(0, box.row)
  const right = Math.min(widthPx, box.column + box.widthPx)
  const bottom = Math.min(heightPx, box.row + box.heightPx)
  if (!(right > column && bottom > row)) return EMPTY_BOX
  return { column, row, widthPx: right - column, heightPx: bottom - row }
}

/** The smallest box that holds both; an empty box adds nothing. */
export function uniteBoxes(a: PixelBox, b: PixelBox): PixelBox {
  if (isEmptyBox(a)) return b
  if (isEmptyBox(b)) return a
  const column = Math.min(a.column, b.column)
  const row = Math.min(a.row, b.row)
  return {
    column,
    row,
    widthPx: Math.max(a.column + a.widthPx, b.column + b.widthPx) - column,
    heightPx: Math.max(a.row + a.heightPx, b.row + b.heightPx) - row,
  }
}

/** The box with a margin of so many whole pixels on each side. */
export const widenBox = (box: PixelBox, columns: number, rows = columns): PixelBox => ({
  column: box.column - columns,
  row: box.row - rows,
  widthPx: box.widthPx + 2 * columns,
  heightPx: box.heightPx + 2 * rows,
})

export const wholeBox = ({ widthPx, heightPx }: SizePx): PixelBox => ({
  column: 0,
  row: 0,
  widthPx,
  heightPx,
})

export const boxOf = ({ originColumn, originRow, mask }: PlacedMask): PixelBox => ({
  column: originColumn,
  row: originRow,
  widthPx: mask.widthPx,
  heightPx: mask.heightPx,
})

/** The smallest box that holds every pixel set. */
export function boxOfPixels({ widthPx, heightPx, pixels }: Mask): PixelBox {
  let left = widthPx
  let right = -1
  let top = -1
  let bottom = -1
  for (let row = 0; row < heightPx; row += 1) {
    const line = pixels.subarray(row * widthPx, (row + 1) * widthPx)
    const first = line.indexOf(1)
    if (first < 0) continue
    left = Math.min(left, first)
    right = Math.max(right, line.lastIndexOf(1))
    if (top < 0) top = row
    bottom = row
  }
  if (bottom < 0) return EMPTY_BOX
  return { column: left, row: top, widthPx: right - left + 1, heightPx: bottom - top + 1 }
}

/** What a mask holds within a box (clipped to the mask): a copy. */
export function cutOut(mask: Mask, box: PixelBox): PlacedMask {
  const { column, row, widthPx, heightPx } = clipBox(box, mask)
  const pixels = new Uint8Array(widthPx * heightPx)
  for (let line = 0; line < heightPx; line += 1) {
    const start = (row + line) * mask.widthPx + column
    pixels.set(mask.pixels.subarray(start, start + widthPx), line * widthPx)
  }
  return { originColumn: column, originRow: row, mask: { widthPx, heightPx, pixels } }
}

/**
 * Writes a value into the pixels of `target` that `placed` holds: for the working copy while a pointer moves, and
 * for scribbles. What lies outside the image is dropped. Gives the box that holds every pixel that changed.
 */
export function stampInto(target: Mask, placed: PlacedMask, value: number): PixelBox {
  const { column, row, widthPx, heightPx } = clipBox(boxOf(placed), target)
  let [left, right, top, bottom] = [Infinity, -1, -1, -1]
  for (let line = 0; line < heightPx; line += 1) {
    const to = (row + line) * target.widthPx + column
    const from = (row + line - placed.originRow) * placed.mask.widthPx + column - placed.originColumn
    let changed = false
    for (let at = 0; at < widthPx; at += 1) {
      if (placed.mask.pixels[from + at] !== 1 || target.pixels[to + at] === value) continue
      target.pixels[to + at] = value
      left = Math.min(left, at)
      right = Math.max(right, at)
      changed = true
    }
    if (!changed) continue
    if (top < 0) top = line
    bottom = line
  }
  if (top < 0) return EMPTY_BOX
  return { column: column + left, row: row + top, widthPx: right - left + 1, heightPx: bottom - top + 1 }
}

/** A mask with the pixels of `placed` added or cut; the given mask stays. */
export function combine(mask: Mask, placed: PlacedMask, mode: EditMode): EditedMask {
  const edited = { ...mask, pixels: mask.pixels.slice() }
  return { mask: edited, box: stampInto(edited, placed, mode === 'add' ? 1 : 0) }
}

/** What another slice holds, put onto this one: beside what is there (add) or in its place (replace). */
export function copySlice(from: Mask, onto: Mask, mode: 'add' | 'replace'): EditedMask {
  if (mode === 'add') return combine(onto, cutOut(from, boxOfPixels(from)), 'add')
  return {
    mask: { ...onto, pixels: from.pixels.slice() },
    box: uniteBoxes(boxOfPixels(from), boxOfPixels(onto)),
  }
}

/** The mask moved by whole pixels to the right and down; what leaves the image is gone (its patch gives it back). */
export function nudge(mask: Mask, columns: number, rows: number): EditedMask {
  const held = cutOut(mask, boxOfPixels(mask))
  const moved = { ...held, originColumn: held.originColumn + columns, originRow: held.originRow + rows }
  const blank: Mask = { ...mask, pixels: new Uint8Array(mask.pixels.length) }
  return { mask: blank, box: uniteBoxes(boxOf(held), stampInto(blank, moved, 1)) }
}

/** A disc of this radius in millimetres on an image of this spacing; without spacing there is no such disc. */
export const discOfMm = (radiusMm: number, spacingMm: PixelSpacing): DiscPx => ({
  columns: radiusMm / spacingMm.column,
  rows: radiusMm / spacingMm.row,
})

export const discOfPx = (radiusPx: number): DiscPx => ({ columns: radiusPx, rows: radiusPx })

/** A layer of this size that holds exactly the pixels of `box`. Refuses bits of the wrong length and pixels outside the image. */
export function fromBoxMask(box: BoxMask, widthPx: number, heightPx: number): Result<Mask> {
  let placed: PlacedMask
  try {
    placed = decodeBoxMask(box)
  } catch (error) {
    return refuse('annotation-damaged', `The mask cannot be read: ${(error as Error).message}.`, {
      next: 'Restore the annotation from its history or a backup.',
    })
  }
  const layer: Mask = { widthPx, heightPx, pixels: new Uint8Array(widthPx * heightPx) }
  const inside = clipBox(boxOf(placed), layer)
  if (inside.widthPx * inside.heightPx !== box.widthPx * box.heightPx) {
    return refuse(
      'annotation-mismatch',
      `The mask reaches outside the image: ${box.widthPx} × ${box.heightPx} px from (${box.originColumn}, ` +
        `${box.originRow}) on an image of ${widthPx} × ${heightPx} px.`,
      { next: 'Open it with the image that it was drawn on.' },
    )
  }
  stampInto(layer, placed, 1)
  return { ok: true, value: layer }
}
