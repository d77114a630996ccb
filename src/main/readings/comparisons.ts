import { accept, refuse } from '../../contract'
import type {
  ChangedImport,
  ChangeImport,
  Comparison,
  ConsensusMethod,
  Rater,
  Result,
  Subject,
} from '../../contract'
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
  /** A reading from a file is withdrawn by who brought it in or the owner; counted in a panel by the owner alone. */
  readonly changeImport: (
    rater: Rater,
    importId: string,
    change: ChangeImport['change'],
  ) => Promise<Result<ChangedImport>>
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
  changeImport: async (rater, importId, change) => {
    const found = await parts.store.importOf(importId)
    if (!found.ok) return found
    const isOwner = rater.role === 'owner'
    const isOwn = found.value.importedBy === rater.raterId
    // Of a reading that is none of theirs, others are not told that it is there.
    if (!isOwner && !isOwn) return refuse('not-found', 'There is no such reading from a file.')
    if (change !== 'withdraw' && !isOwner)
      return refuse('request-invalid', 'Only the owner of the workspace lets readings into the figures.')
    const changed = await parts.store.changeImport(importId, change, rater.raterId)
    if (!changed.ok) return changed
    const { withdrawn, counted } = changed.value
    return accept({ importId, withdrawn, counted })
  },
})
