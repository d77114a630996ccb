import { computed, type ComputedRef } from 'vue'
import type { ImageSummary, Subject } from '../../contract'
import { fellowEye } from '../../core/subject/eyes'
import { imageSubject } from '../../core/subject/subject'
import { useLocation } from '../browser/location'
import type { CommandAnswers } from '../keys/dispatch'
import { useLibrary } from '../library/library'
import { closeLens, moveLens, type ViewSettings } from '../picture/view-settings'

export interface OtherEye {
  /** Null: it is not open, or no name says which it is. */
  readonly image: ComputedRef<ImageSummary | null>
  readonly go: () => void
}

/** The photograph of the other eye of the patient. */
export function useOtherEye(subject: Subject): OtherEye {
  const library = useLibrary()
  const location = useLocation()
  const image = computed(() =>
    subject.kind === 'image' ? fellowEye(library.result?.images ?? [], subject.imageId) : null,
  )
  return {
    image,
    go: () => {
      if (image.value !== null) location.go({ view: 'read', subject: imageSubject(image.value.imageId) })
    },
  }
}

/** What photographs alone have: the lens over the map, and a fellow eye. */
export const otherEyeCommands = (view: ViewSettings, fellow: OtherEye): CommandAnswers => ({
  lens: {
    run: () => {
      moveLens(view)
    },
  },
  'lens-close': {
    run: () => {
      closeLens(view)
    },
  },
  'other-eye': {
    run: fellow.go,
    lockedBecause: () => (fellow.image.value === null ? 'no photograph of the other eye is open here' : null),
  },
})
