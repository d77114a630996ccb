/** Connected pieces of a mask. Pixels hang together by their sides; those that touch only at a corner are parted, as outlines part them (trace.ts). */
import type { Mask } from '../image/mask'
import type { PlacedMask } from './box-mask'
import {
  boxOfPixels,
  cutOut,
  EMPTY_BOX,
  stampInto,
  uniteBoxes,
  type EditedMask,
  type PixelBox,
} from './slice-mask'

export interface Pieces {
  /** 0 where nothing is set, else the number of the piece, from 1 on in reading order of their first pixels. */
  readonly labels: Int32Array
  /** Pixels of piece n at n; entry 0 counts the pixels not set. */
  readonly sizesPx: readonly number[]
  /** The smallest box that holds piece n at n, in pixels of the mask; entry 0 is empty. */
  readonly boxes: readonly PixelBox[]
}

/** The connected pieces of the pixels that are `of` (1: what is drawn, 0: the background). */
export function labelPieces({ widthPx, heightPx, pixels }: Mask, of: 0 | 1 = 1): Pieces {
  const labels = new Int32Array(pixels.length)
  const sizesPx = [pixels.length]
  const boxes = [EMPTY_BOX]
  const waiting = new Int32Array(pixels.length)
  for (let start = 0; start < pixels.length; start += 1) {
    if (pixels[start] !== of || labels[start] !== 0) continue
    const label = sizesPx.length
    let [next, end] = [0, 0]
    let [left, right, bottom] = [widthPx, 0, 0]
    const visit = (at: number): void => {
      if (pixels[at] !== of || labels[at] !== 0) return
      labels[at] = label
      waiting[end] = at
      end += 1
    }
    visit(start)
    for (; next < end; next += 1) {
      const at = waiting[next] ?? 0
      const column = at % widthPx
      left = Math.min(left, column)
      right = Math.max(right, column)
      bottom = Math.max(bottom, at)
      if (column > 0) visit(at - 1)
      if (column < widthPx - 1) visit(at + 1)
      if (at >= widthPx) visit(at - widthPx)
      if (at < (heightPx - 1) * widthPx) visit(at + widthPx)
    }
    // Met in reading order, a piece begins in its first row.
    const row = Math.floor(start / widthPx)
    const rows = Math.floor(bottom / widthPx) - row + 1
    boxes.push({ column: left, row, widthPx: right - left + 1, heightPx: rows })
    sizesPx.push(end)
    sizesPx[0] = (sizesPx[0] ?? 0) - end
  }
  return { labels, sizesPx, boxes }
}

/**
 * "Keep in one piece": a stroke never leaves more pieces than there were. Of each piece that was there before, the
 * largest part stays and what the stroke cut off goes; new islands that touch nothing go. Where nothing was drawn
 * before, the largest island stays. The box holds what this took away from `after`.
 */
export function keepInOnePiece(before: Mask, after: Mask): EditedMask {
  const box = uniteBoxes(boxOfPixels(before), boxOfPixels(after))
  const was = labelPieces(cutOut(before, box).mask)
  const drawn = cutOut(after, box)
  const is = labelPieces(drawn.mask)
  const kept = was.sizesPx.length === 1 ? new Set([largest(is.sizesPx)]) : partsThatStay(was, is)
  const islands = is.labels.map((label) => (label !== 0 && !kept.has(label) ? 1 : 0))
  if (!islands.includes(1)) return { mask: after, box: EMPTY_BOX }
  const mask = { ...after, pixels: after.pixels.slice() }
  const taken: PlacedMask = { ...drawn, mask: { ...drawn.mask, pixels: Uint8Array.from(islands) } }
  return { mask, box: stampInto(mask, taken, 0) }
}

/** For each piece that was, the one it shares most pixels with now; of two that share as many, the larger. */
function partsThatStay(was: Pieces, is: Pieces): Set<number> {
  const count = is.sizesPx.length
  const shared = new Map<number, number>()
  was.labels.forEach((old, at) => {
    const now = is.labels[at] ?? 0
    if (old !== 0 && now !== 0) shared.set(old * count + now, (shared.get(old * count + now) ?? 0) + 1)
  })
  const best = new Map<number, { readonly now: number; readonly sharedPx: number }>()
  for (const [pair, sharedPx] of shared) {
    const [old, now] = [Math.floor(pair / count), pair % count]
    const other = best.get(old)
    const isBetter =
      other === undefined ||
      sharedPx > other.sharedPx ||
      (sharedPx === other.sharedPx && (is.sizesPx[now] ?? 0) > (is.sizesPx[other.now] ?? 0))
    if (isBetter) best.set(old, { now, sharedPx })
  }
  return new Set([...best.values()].map(({ now }) => now))
}

/** The number of the largest piece, the first of several; 0 where there is none. */
function largest(sizesPx: readonly number[]): number {
  let found = 0
  for (let label = 1; label < sizesPx.length; label += 1) {
    if (found === 0 || (sizesPx[label] ?? 0) > (sizesPx[found] ?? 0)) found = label
  }
  return found
}
