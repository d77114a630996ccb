import type { Comparison, ConsensusMethod, Rater, Result, Subject } from '../../contract'
import type { ReadingService } from '../library/library-service'
import type { AttemptParts } from './attempts'
import { compareAway } from './away'
import { shownReadings } from './shown-readings'

export interface Comparisons {
  /** Readings of a subject side by side, after the reveal; an exposure to peers and to figures. */
  readonly compare: (
    rater: Rater,
    subject: Subject,
    options: { readonly lesionId: string | null; readonly consensus: ConsensusMethod | null },
  ) => Promise<Result<Comparison>>
}

export const createComparisons = (
  parts: AttemptParts & { readonly readings: ReadingService },
): Comparisons => ({
  compare: async (rater, subject, options) => {
    const key = await parts.subjects.keyOf(subject)
    if (!key.ok) return key
    const found = await parts.subjects.find(subject)
    if (!found.ok) return found
    for (const kind of ['peers', 'agreement'] as const) {
      const released = await parts.disclosure.release(rater, key.value, kind, 'comparison')
      if (!released.ok) return released
    }
    const shown = await shownReadings(parts, rater, subject, key.value)
    if (!shown.ok) return shown
    return compareAway(parts.readingsWorkerPath, subject, found.value.detail, shown.value, options)
  },
})
