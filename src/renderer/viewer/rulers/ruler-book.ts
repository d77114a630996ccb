import type { PixelSpacing } from '../../../contract'
import type { RulerEnds } from '../tools/gesture'
import { lineLength, toCanvas } from '../camera'
import type { CanvasMap, CanvasPoint } from '../camera'
import type { Ruler } from '../viewport-types'
import type { ImagePoint } from '../../../core/geometry/image-point'

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

/** The ruler of a picture whose end lies nearest to a canvas point, and its other end; null where none is near. */
export function rulerAt(
  book: RulerBook,
  pictureKey: string,
  map: CanvasMap,
  at: CanvasPoint,
): { readonly ruler: Ruler; readonly fixed: ImagePoint } | null {
  const ends = rulersOf(book, pictureKey).flatMap((ruler) => [
    { ruler, end: ruler.from, fixed: ruler.to },
    { ruler, end: ruler.to, fixed: ruler.from },
  ])
  let nearest: (typeof ends)[number] | null = null
  let nearestPx = END_PX
  for (const each of ends) {
    const place = toCanvas(map, each.end)
    const apartPx = Math.hypot(place.x - at.x, place.y - at.y)
    if (apartPx <= nearestPx) [nearest, nearestPx] = [each, apartPx]
  }
  return nearest === null ? null : { ruler: nearest.ruler, fixed: nearest.fixed }
}
