import { nextTick, onBeforeUnmount, onMounted, watch } from 'vue'
import { z } from 'zod'
import { type Subject, WindowCurve } from '../../contract'
import { keepForVisit, keptForVisit } from '../browser/kept'
import { AS_ACQUIRED } from '../viewer/turn'
import type { ImageViewportMethods } from '../viewer/viewport-types'
import { keyOfSubject } from '../../core/subject/subject'
import type { SubjectPicture } from './use-picture'
import type { ViewSettings } from './view-settings'

/** How a case was looked at last: whoever comes back to it, or reloads, finds it as it was left. */
const Point = z.object({ column: z.number(), row: z.number() })
const Look = z.object({
  slice: z.number().int().nonnegative(),
  window: z.object({ centre: z.number(), width: z.number(), curve: WindowCurve.optional() }).nullable(),
  inverted: z.boolean(),
  channel: z.enum(['colour', 'green', 'contrast', 'red']),
  turn: z.object({ isMirrored: z.boolean(), quarters: z.literal([0, 1, 2, 3]) }).default(AS_ACQUIRED),
  camera: z.object({ zoom: z.number().positive(), centre: Point }).nullable(),
  /** By the key of their picture, which names the instance: on a slice that is not there now none is shown. */
  rulers: z.array(
    z.object({
      pictureKey: z.string(),
      ...{ from: Point, to: Point },
      ...{ lengthPx: z.number(), lengthMm: z.number().nullable() },
    }),
  ),
})
type Look = z.infer<typeof Look>

const nameOf = (subject: Subject): string => `look.${keyOfSubject(subject)}`

function lookOf(subject: Subject): Look | null {
  try {
    return Look.safeParse(JSON.parse(keptForVisit(nameOf(subject)) ?? 'null')).data ?? null
  } catch {
    return null
  }
}

/**
 * Keeps slice, window, zoom, turn and rulers of a subject, and takes up what was kept. Never for a case of a panel: a
 * repeat that opened where it was left would be known again. What comes back keeps how it stands now.
 */
export function useKeptLook(
  subject: Subject,
  view: ViewSettings,
  { detail, picture, wanted, goTo }: Pick<SubjectPicture, 'detail' | 'picture' | 'wanted' | 'goTo'>,
  viewport: () => ImageViewportMethods | null,
): () => void {
  const before = lookOf(subject)
  /** Not laid yet: the picture is on its way. */
  let waiting = before?.rulers ?? []
  const keep = (): void => {
    if (picture.value === null) return
    const look: Look = {
      slice: wanted.value,
      window: view.window.value,
      inverted: view.inverted.value,
      channel: view.channel.value,
      turn: view.turn.value,
      // Shown whole it is so again, however large the window is by then.
      camera: viewport()?.isWhole() === true ? null : (viewport()?.camera() ?? null),
      rulers: [...waiting, ...(viewport()?.rulers() ?? [])],
    }
    keepForVisit(nameOf(subject), JSON.stringify(look))
  }
  if (before !== null) {
    goTo(before.slice)
    view.inverted.value = before.inverted
    view.channel.value = before.channel
    view.turn.value = before.turn
    // After the window that the series opens with.
    watch(detail, (series) => {
      if (series !== null) view.window.value = before.window
    })
    const stop = watch(picture, async (first) => {
      if (first === null) return
      stop()
      await nextTick()
      requestAnimationFrame(() => {
        if (before.camera !== null) viewport()?.follow(before.camera)
        viewport()?.layRulers(waiting)
        waiting = []
      })
    })
  }
  watch([wanted, view.window, view.inverted, view.channel, view.turn], keep)
  onMounted(() => {
    window.addEventListener('pagehide', keep)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('pagehide', keep)
    keep()
  })
  return keep
}
