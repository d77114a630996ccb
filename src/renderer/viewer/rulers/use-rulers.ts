import { computed, shallowRef } from 'vue'
import type { ComputedRef } from 'vue'
import type { RulerEnds, TakenRuler } from '../tools/gesture'
import type { CanvasMap, CanvasPoint } from '../camera'
import { measuredRuler, rulerAt, rulersOf, withoutLast } from './ruler-book'
import type { RulerBook } from './ruler-book'
import type { Ruler, ViewportPicture } from '../viewport-types'

/** The rulers of a viewport: those of the picture in view, and the one being drawn. */
export interface Rulers {
  /** Finished ones and the draft, to be painted. */
  readonly painted: ComputedRef<readonly Ruler[]>
  /** Of all pictures. */
  readonly all: () => RulerBook
  /** Adds rulers of any picture, as they were measured. */
  readonly lay: (rulers: RulerBook) => void
  readonly draft: (ends: RulerEnds | null) => void
  readonly finish: (ends: RulerEnds) => void
  readonly take: (at: CanvasPoint, map: CanvasMap) => TakenRuler | null
  readonly removeLast: () => void
  /** Removes all of the picture in view. */
  readonly clear: () => void
}

export function useRulers(picture: () => ViewportPicture | null): Rulers {
  const book = shallowRef<RulerBook>([])
  const draftEnds = shallowRef<RulerEnds | null>(null)
  /** The picture on which the newest ruler was begun: on another one it is none. */
  let begunOn = ''
  const key = (): string => picture()?.key ?? ''
  const measured = (ends: RulerEnds): Ruler => measuredRuler(key(), ends, picture()?.pixelSpacingMm ?? null)
  const finished = computed(() => rulersOf(book.value, key()))
  return {
    all: () => book.value,
    lay: (rulers) => {
      book.value = [...book.value, ...rulers]
    },
    painted: computed(() =>
      draftEnds.value === null || begunOn !== key()
        ? finished.value
        : [...finished.value, measured(draftEnds.value)],
    ),
    draft: (ends) => {
      if (draftEnds.value === null && ends !== null) begunOn = key()
      draftEnds.value = ends
    },
    finish: (ends) => {
      if (begunOn !== key()) return
      book.value = [...book.value, measured(ends)]
    },
    take: (at, map) => {
      const before = book.value
      const hit = rulerAt(before, key(), map, at)
      if (hit === null) return null
      book.value = before.filter((ruler) => ruler !== hit.ruler)
      return {
        fixed: hit.fixed,
        putBack: () => {
          book.value = before
        },
      }
    },
    removeLast: () => {
      book.value = withoutLast(book.value, key())
    },
    clear: () => {
      book.value = book.value.filter((ruler) => ruler.pictureKey !== key())
    },
  }
}
