import { computed, shallowRef } from 'vue'
import type { ImageViewportProps, ProbeReading, ViewportWindow } from '../viewer/viewport-types'
import type { SubjectPicture } from './use-picture'
import type { ViewSettings } from './view-settings'

type OnScreen = Pick<
  ImageViewportProps,
  'picture' | 'edgeLetters' | 'window' | 'inverted' | 'channel' | 'turn' | 'tool' | 'hidden'
>

/** What every viewport of a picture is given and tells, whatever is laid over it there. */
export function useOnScreen(shown: SubjectPicture, view: ViewSettings) {
  const probe = shallowRef<ProbeReading | null>(null)
  const given = computed((): OnScreen => ({
    picture: shown.picture.value,
    edgeLetters: shown.letters.value,
    window: view.window.value,
    inverted: shown.isInverse.value !== view.inverted.value,
    channel: view.channel.value,
    turn: view.turn.value,
    tool: view.tool.value,
    hidden: view.hidden.value,
  }))
  const told = {
    onProbe: (reading: ProbeReading | null) => {
      probe.value = reading
    },
    onScroll: shown.scroll,
    onSlice: shown.goTo,
    onWindow: (window: ViewportWindow) => {
      view.window.value = window
    },
  }
  /** What lies under the pointer, in words. */
  const status = computed(() => (probe.value === null ? [] : shown.wordsAt(probe.value)))
  return { given, told, probe, status }
}
