import { computed, type ComputedRef } from 'vue'
import type { ImageViewportProps } from '../viewer/viewport-types'
import type { SubjectPicture } from './use-picture'
import type { ViewSettings } from './view-settings'

/** What every viewport of a picture is given, whatever is laid over it there. */
type OnScreen = Pick<
  ImageViewportProps,
  'picture' | 'edgeLetters' | 'window' | 'inverted' | 'channel' | 'tool' | 'hidden'
>

export const onScreen = (shown: SubjectPicture, view: ViewSettings): ComputedRef<OnScreen> =>
  computed(() => ({
    picture: shown.picture.value,
    edgeLetters: shown.letters.value,
    window: view.window.value,
    inverted: view.inverted.value,
    channel: view.channel.value,
    tool: view.tool.value,
    hidden: view.hidden.value,
  }))
