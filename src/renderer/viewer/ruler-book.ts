import type { PixelSpacing } from '../../contract'
import type { RulerEnds } from '../tools/gesture'
import { lineLength, toCanvas } from './camera'
import type { CanvasMap, CanvasPoint } from './camera'
import type { ImagePoint, Ruler } from './viewport-types'

/** Rulers of all pictures of a viewport, in the order in which they were drawn. */
export type RulerBook = readonly Ruler[]

/** A ruler measured: in pixels, and in millimetres where the spacing is known. */
export function measuredRuler(pictureKey: string, ends: RulerEnds, spacing: PixelSpacing | null): Ruler {
  return { pictureKey, ...ends, ...lineLength(ends.from, ends.to, spacing) }
}

/** Rulers of one picture. */
export const rulersOf = (book: RulerBook, pictureKey: string): Ruler[] =>
  book.filter((ruler) => ruler.pictureKey === pictureKey)

/** The book without the ruler that was drawn last on a picture. */
export function withoutLast(book: RulerBook, pictureKey: string): RulerBook {
  const last = rulersOf(book, pictureKey).at(-1)
  return last === undefined ? book : book.filter((ruler) => ruler !== last)
}

/** A press within this distance of an end takes it. */
const END_PX = 9

/** The ruler of a picture whose end lies under a canvas point, and its other end. */
export function rulerAt(
  book: RulerBook,
  pictureKey: string,
  map: CanvasMap,
  at: CanvasPoint,
): { readonly ruler: Ruler; readonly fixed: ImagePoint } | null {
  for (const ruler of rulersOf(book, pictureKey).reverse()) {
    for (const [end, fixed] of [
      [ruler.from, ruler.to],
      [ruler.to, ruler.from],
    ] as const) {
      const place = toCanvas(map, end)
      if (Math.hypot(place.x - at.x, place.y - at.y) <= END_PX) return { ruler, fixed }
    }
  }
  return null
}
