import { onUnmounted, ref, type Ref } from 'vue'
import { nowMs } from '../state/clock'

const TICK_MS = 1_000

/** Time on a case, in ms: the clock stops while the window is left. */
export function useReadingClock(): Ref<number> {
  const readingMs = ref(0)
  let last = nowMs()
  const tick = setInterval(() => {
    const now = nowMs()
    if (document.visibilityState === 'visible' && document.hasFocus()) readingMs.value += now - last
    last = now
  }, TICK_MS)
  onUnmounted(() => {
    clearInterval(tick)
  })
  return readingMs
}
