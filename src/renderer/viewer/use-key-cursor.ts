import { onBeforeUnmount, onMounted, type Ref, ref, type ShallowRef, shallowRef, watch } from 'vue'
import type { ImagePoint } from '../../core/geometry/image-point'
import { cursorMoved, cursorStart, isCursorKey, panToSee } from './key-cursor'
import { readingSentence } from './pixels/pixel-spread'
import type { Viewport, ViewportLayout } from './viewport'
import type { ProbeReading } from './viewport-types'

export interface KeyCursor {
  /** Null: it is put away. */
  readonly at: Readonly<ShallowRef<ImagePoint | null>>
  /** Shows it, or puts it away. */
  readonly toggle: () => void
  /** For a screen reader, once the cursor rests: what it is, then what lies under it. */
  readonly told: Readonly<Ref<string>>
}

export interface CursorTarget {
  /** The element that has the focus while the cursor is moved. */
  readonly field: Readonly<Ref<HTMLElement | null>>
  readonly viewport: Readonly<ShallowRef<Viewport | null>>
  readonly layout: Readonly<ShallowRef<ViewportLayout | null>>
  /** Pictures of one subject share the cursor's place; null: there is no picture to point at. */
  readonly subjectKey: () => string | null
  /** What lies under it. */
  readonly reading: () => ProbeReading | null
  /** It was shown or moved: what the pointer pointed at is no longer what is asked about. */
  readonly moved: () => void
  readonly pick: (point: ImagePoint) => void
}

/** A held arrow moves many times a second: what lies under the cursor is told when it has rested so long. */
const TOLD_AFTER_MS = 350

export const CURSOR_WORDS = 'Arrows move the cursor, Shift further. Enter picks, Esc puts it away.'

/** A cursor that arrow keys move over the picture: it picks a place without a pointer. */
export function useKeyCursor(target: CursorTarget): KeyCursor {
  const at = shallowRef<ImagePoint | null>(null)
  const told = ref('')
  let last: ImagePoint | null = null

  function set(point: ImagePoint | null): void {
    at.value = point
    last = point ?? last
    target.moved()
  }
  function toggle(): void {
    const layout = target.layout.value
    if (at.value !== null) set(null)
    else if (layout !== null && target.subjectKey() !== null) {
      set(cursorStart(last, layout))
      target.field.value?.focus({ preventScroll: true })
    }
  }
  watch(target.subjectKey, () => {
    last = null
    at.value = null
  })
  tellAtRest({ at, told }, target.reading)
  listen(target, (event) => {
    const layout = target.layout.value
    if (at.value === null || layout === null) return false
    if (event.key === 'Escape') set(null)
    else if (event.key === 'Enter' && !event.shiftKey) target.pick(at.value)
    else if (isCursorKey(event.key)) {
      set(cursorMoved(at.value, event.key, event.shiftKey, layout))
      const { dx, dy } = panToSee(at.value, layout)
      if (dx !== 0 || dy !== 0) target.viewport.value?.panBy(dx, dy)
    } else return false
    return true
  })
  return { at, toggle, told }
}

/** Keys go to the cursor where nothing else that takes keys has the focus; what it does not use is heard as ever. */
function listen({ field }: CursorTarget, takes: (event: KeyboardEvent) => boolean): void {
  const onKey = (event: KeyboardEvent): void => {
    const isFree = event.target === document.body || event.target === field.value
    if (!isFree || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('[role=dialog][data-modal]') !== null || !takes(event)) return
    event.preventDefault()
    event.stopPropagation()
  }
  onMounted(() => {
    window.addEventListener('keydown', onKey, { capture: true })
  })
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onKey, { capture: true })
  })
}

function tellAtRest(
  { at, told }: { at: KeyCursor['at']; told: Ref<string> },
  reading: CursorTarget['reading'],
): void {
  let timer: ReturnType<typeof setTimeout> | null = null
  const stop = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }
  watch([at, reading], ([now], [before]) => {
    stop()
    if (now === null) {
      told.value = before === null ? '' : 'The cursor is put away.'
      return
    }
    timer = setTimeout(() => {
      const under = reading()
      const words = under === null ? '' : readingSentence(under)
      told.value = before === null ? `${CURSOR_WORDS} ${words}` : words
    }, TOLD_AFTER_MS)
  })
  onBeforeUnmount(stop)
}
