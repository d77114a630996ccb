import { onBeforeUnmount, onMounted } from 'vue'
import type { Subject } from '../../contract'
import { leftOff } from '../library/left-off'
import { useRecent } from '../library/recent'
import type { SubjectPicture } from './use-picture'
import type { ViewSettings } from './view-settings'

/** How often it is looked whether the case stands otherwise than it was noted. */
const LOOK_EVERY_MS = 1_500

/**
 * Notes in the workspace how a case stands, so that a later visit goes on there. `keep` brings what is kept for this visit
 * up to date. Never for a case of a panel.
 */
export function useLeftOff(
  subject: Subject,
  view: Pick<ViewSettings, 'window' | 'inverted'>,
  { kind, picture, wanted, numberOf }: Pick<SubjectPicture, 'kind' | 'picture' | 'wanted' | 'numberOf'>,
  keep: () => void,
): void {
  const recent = useRecent()
  let noted = ''
  let timer = 0
  function look(): void {
    if (picture.value === null) return
    keep()
    const left = leftOff(subject)
    const text = JSON.stringify(left)
    if (left.look === null || text === noted) return
    noted = text
    const isSlice = kind.hasSlices
    void recent.note({
      ...{ subject, sliceNumber: isSlice ? numberOf(wanted.value) : null, left },
      shown: isSlice
        ? { sliceIndex: wanted.value, window: view.window.value, inverted: view.inverted.value }
        : null,
    })
  }
  onMounted(() => {
    timer = window.setInterval(look, LOOK_EVERY_MS)
  })
  onBeforeUnmount(() => {
    window.clearInterval(timer)
    look()
  })
}
