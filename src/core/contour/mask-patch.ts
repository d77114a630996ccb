/**
 * One edit of the mask of one slice, as a value: what the box held before and what it holds after. Applying and
 * inverting are pure; an edit is only applied where the mask holds exactly what was there when it was made.
 *
 * Both sides are run lengths, row by row through the box: pixels clear, pixels set, clear, …, each length 7 bits a
 * byte, least significant first, the high bit set where more follow (LEB128); base64. Only the first length may be
 * 0, so each content has one text. A disc of 20 px drawn on nothing takes 1 + 41 bytes; its bits would take 2 × 60.
 */
import { accept, refuse, type MaskPatch, type Result } from '../../contract'
import { fromBase64, toBase64 } from '../image/base64'
import type { Mask } from '../image/mask'
import { clipBox, cutOut, EMPTY_BOX, isEmptyBox, type PixelBox } from './slice-mask'

export type { MaskPatch } from '../../contract'

export const EMPTY_PATCH: MaskPatch = { box: EMPTY_BOX, before: '', after: '' }

/** True where applying changes nothing: such a gesture makes no step in the history. */
export const isEmptyPatch = ({ box, before, after }: MaskPatch): boolean =>
  isEmptyBox(box) || before === after

/**
 * The edit that leads from one mask to another of the same size, looking only within `box` (what the tool says it
 * touched). The patch's own box is the smallest that holds every changed pixel.
 */
export function makePatch(before: Mask, after: Mask, box: PixelBox): MaskPatch {
  if (before.widthPx !== after.widthPx || before.heightPx !== after.heightPx) {
    throw new Error('a patch leads between masks of one size')
  }
  const tight = boxOfChanges(before, after, clipBox(box, before))
  if (isEmptyBox(tight)) return EMPTY_PATCH
  return {
    box: tight,
    before: encodeRuns(cutOut(before, tight).mask.pixels),
    after: encodeRuns(cutOut(after, tight).mask.pixels),
  }
}

/** The edit that takes this one back. */
export const invertPatch = ({ box, before, after }: MaskPatch): MaskPatch => ({
  box,
  before: after,
  after: before,
})

/**
 * The mask after the edit; the given mask stays. Refuses a box that reaches outside the mask, run lengths that do not
 * fill the box, and a mask that does not hold in the box what the edit was made on.
 */
export function applyPatch(mask: Mask, patch: MaskPatch): Result<Mask> {
  if (isEmptyBox(patch.box)) return accept(mask)
  const { box } = patch
  const place = `${box.widthPx} × ${box.heightPx} px from (${box.column}, ${box.row})`
  if (!liesWithin(box, mask)) {
    return refuse(
      'annotation-mismatch',
      `The edit of ${place} reaches outside the mask of ${mask.widthPx} × ${mask.heightPx} px.`,
      { next: 'Apply it to the image that it was drawn on.' },
    )
  }
  const before = decodeRuns(patch.before, box.widthPx * box.heightPx)
  const after = decodeRuns(patch.after, box.widthPx * box.heightPx)
  if (before === null || after === null) {
    return refuse('annotation-damaged', `The run lengths of the edit of ${place} do not fill its box.`, {
      next: 'Restore the annotation from its history or a backup.',
    })
  }
  if (!holds(cutOut(mask, box).mask.pixels, before)) {
    return refuse('annotation-mismatch', `The mask differs from what the edit of ${place} was made on.`, {
      next: 'Load the annotation again and repeat the edit.',
    })
  }
  const pixels = mask.pixels.slice()
  for (let row = 0; row < box.heightPx; row += 1) {
    const line = after.subarray(row * box.widthPx, (row + 1) * box.widthPx)
    pixels.set(line, (box.row + row) * mask.widthPx + box.column)
  }
  return accept({ ...mask, pixels })
}

/** A loop, not a closure a pixel: masks have millions. */
function holds(pixels: Uint8Array, expected: Uint8Array): boolean {
  for (let at = 0; at < pixels.length; at += 1) if (pixels[at] !== expected[at]) return false
  return true
}

const liesWithin = ({ column, row, widthPx, heightPx }: PixelBox, mask: Mask): boolean =>
  [column, row, widthPx, heightPx].every((number) => Number.isInteger(number) && number >= 0) &&
  column + widthPx <= mask.widthPx &&
  row + heightPx <= mask.heightPx

function boxOfChanges(before: Mask, after: Mask, box: PixelBox): PixelBox {
  let [left, right, top, bottom] = [Infinity, -1, -1, -1]
  for (let row = box.row; row < box.row + box.heightPx; row += 1) {
    const start = row * before.widthPx
    let first = box.column
    let last = box.column + box.widthPx - 1
    while (first <= last && before.pixels[start + first] === after.pixels[start + first]) first += 1
    if (first > last) continue
    while (before.pixels[start + last] === after.pixels[start + last]) last -= 1
    left = Math.min(left, first)
    right = Math.max(right, last)
    if (top < 0) top = row
    bottom = row
  }
  if (top < 0) return EMPTY_BOX
  return { column: left, row: top, widthPx: right - left + 1, heightPx: bottom - top + 1 }
}

function encodeRuns(pixels: Uint8Array): string {
  const bytes: number[] = []
  let value = 0
  let start = 0
  while (start < pixels.length) {
    const next = pixels.indexOf(1 - value, start)
    const end = next < 0 ? pixels.length : next
    let length = end - start
    for (; length > 127; length >>>= 7) bytes.push((length & 127) | 128)
    bytes.push(length)
    start = end
    value = 1 - value
  }
  return toBase64(Uint8Array.from(bytes))
}

/** The pixels of a box, or null where the text is not the one that `encodeRuns` writes for so many pixels. */
function decodeRuns(text: string, pixelCount: number): Uint8Array | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null
  const bytes = fromBase64(text)
  const pixels = new Uint8Array(pixelCount)
  let value = 0
  let filled = 0
  let at = 0
  while (at < bytes.length) {
    let length = 0
    let scale = 1
    let byte = 128
    for (; byte >= 128 && at < bytes.length; at += 1, scale *= 128) {
      byte = bytes[at] ?? 0
      length += (byte & 127) * scale
    }
    const padded = byte === 0 && scale > 128
    if (byte >= 128 || padded || length > pixelCount - filled) return null
    if (length === 0 && (filled > 0 || value === 1)) return null
    pixels.fill(value, filled, filled + length)
    filled += length
    value = 1 - value
  }
  return filled === pixelCount ? pixels : null
}
