import { onUnmounted, ref, watch, type Ref } from 'vue'
import { nowMs } from '../../browser/clock'
import { keepText, keptText } from '../../browser/kept'

const TICK_MS = 1_000
/** Longer than a reader looks at a slice without a hand on anything: then nobody is there. */
const IDLE_MS = 60_000
const ACTS = ['pointermove', 'pointerdown', 'wheel', 'keydown'] as const

/** What the page counts of a case: time, in ms, while the window is looked at, and slices shown. */
export interface ReadingCount {
  readonly readingMs: Ref<number>
  readonly slicesSeen: Ref<number>
  readonly see: (sliceIndex: number) => void
}

/** Counts go on after a reload. The clock stops while the window is left, a minute after the last act of mouse or key, and when `isOpen` says that the reading is fixed. */
export function useReadingCount(attemptId: () => string | null, isOpen: () => boolean): ReadingCount {
  const readingMs = ref(0)
  const slicesSeen = ref(0)
  const seen = new Set<number>()
  let last = nowMs()

  const name = (id: string): string => `reading.${id}`
  watch(attemptId, (id) => {
    const kept = id === null ? null : parse(keptText(name(id)))
    readingMs.value = kept?.ms ?? 0
    seen.clear()
    for (const slice of kept?.slices ?? []) seen.add(slice)
    slicesSeen.value = seen.size
  })
  const isThere = watchReader()
  const tick = setInterval(() => {
    const now = nowMs()
    if (isThere.at(now) && isOpen()) {
      readingMs.value += now - last
      const id = attemptId()
      if (id !== null) keepText(name(id), JSON.stringify({ ms: readingMs.value, slices: [...seen] }))
    }
    last = now
  }, TICK_MS)
  onUnmounted(() => {
    clearInterval(tick)
    isThere.end()
  })
  return {
    readingMs,
    slicesSeen,
    see: (sliceIndex) => {
      if (!isOpen()) return
      seen.add(sliceIndex)
      slicesSeen.value = seen.size
    },
  }
}

/** Whether the window is looked at and somebody is before it. Coming back to it is an act. */
function watchReader(): { readonly at: (now: number) => boolean; readonly end: () => void } {
  let lastActMs = nowMs()
  let wasLookedAt = true
  const act = (): void => {
    lastActMs = nowMs()
  }
  for (const name of ACTS) window.addEventListener(name, act, { capture: true, passive: true })
  return {
    at: (now) => {
      const isLookedAt = document.visibilityState === 'visible' && document.hasFocus()
      if (isLookedAt && !wasLookedAt) lastActMs = now
      wasLookedAt = isLookedAt
      return isLookedAt && now - lastActMs <= IDLE_MS
    },
    end: () => {
      for (const name of ACTS) window.removeEventListener(name, act, { capture: true })
    },
  }
}

function parse(text: string | null): { readonly ms: number; readonly slices: readonly number[] } | null {
  try {
    const value = JSON.parse(text ?? 'null') as unknown
    if (value === null || typeof value !== 'object' || !('ms' in value) || !('slices' in value)) return null
    const { ms, slices } = value
    if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0 || !Array.isArray(slices)) return null
    return { ms, slices: slices.filter((slice): slice is number => Number.isInteger(slice)) }
  } catch {
    return null
  }
}
