import { expect, test } from 'vitest'
import { computed } from 'vue'
import type { SubjectPicture } from './use-picture'
import { useOnScreen } from './on-screen'
import { createViewSettings } from './view-settings'

const pictureOf = (isInverse: boolean): SubjectPicture =>
  ({
    ...{ picture: computed(() => null), letters: computed(() => null), isInverse: computed(() => isInverse) },
    wordsAt: () => [],
  }) as unknown as SubjectPicture

test.each([
  { file: 'MONOCHROME2', isInverse: false, byHand: false, shown: false },
  { file: 'MONOCHROME2', isInverse: false, byHand: true, shown: true },
  { file: 'MONOCHROME1', isInverse: true, byHand: false, shown: true },
  { file: 'MONOCHROME1', isInverse: true, byHand: true, shown: false },
])(
  'a $file picture is painted inverted: $shown, where the hand says $byHand',
  ({ isInverse, byHand, shown }) => {
    const view = createViewSettings('contours')
    view.inverted.value = byHand
    expect(useOnScreen(pictureOf(isInverse), view).given.value.inverted).toBe(shown)
  },
)
