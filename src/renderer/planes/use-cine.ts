import { onUnmounted, ref, type Ref, watch } from 'vue'
import type { SubjectPicture } from '../picture/use-picture'

/** As fast as a wheel that is turned steadily: slower is the wheel itself, faster is not seen. */
const STEP_MS = 100

/** Slices that turn by themselves, down the track and from its start again, until anybody does anything else. */
export interface Cine {
  readonly isPlaying: Ref<boolean>
  readonly toggle: () => void
  /** False: it did not play. */
  readonly stop: () => boolean
}

/** A slice is shown before the next one is asked for: what comes slowly plays slowly, and none is left out. */
export function useCine(
  shown: Pick<SubjectPicture, 'wanted' | 'isSettled' | 'count' | 'below' | 'goTo'>,
): Cine {
  const { wanted, isSettled, count, below, goTo } = shown
  const isPlaying = ref(false)
  let timer: ReturnType<typeof setTimeout> | null = null
  /** Where the last step led; whoever goes elsewhere ends it. */
  let own = -1

  function stop(): boolean {
    const was = isPlaying.value
    isPlaying.value = false
    if (timer !== null) clearTimeout(timer)
    timer = null
    return was
  }
  function step(): void {
    timer = setTimeout(step, STEP_MS)
    if (!isSettled.value || count.value < 2) return
    const next = below(wanted.value, 1)
    const isPast = next < 0 || next >= count.value
    own = isPast ? below(wanted.value, 1 - count.value) : next
    goTo(own)
  }
  watch(
    wanted,
    (index) => {
      if (index !== own) stop()
    },
    { flush: 'sync' },
  )
  onUnmounted(stop)
  return {
    ...{ isPlaying, stop },
    toggle: () => {
      if (stop()) return
      isPlaying.value = true
      step()
    },
  }
}
