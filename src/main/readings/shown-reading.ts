import type { ComparableReading } from '../../core/comparison/comparable-reading'
import type { StoredAttempt } from '../workspace/store'

/** A reading of a subject as it may be shown to the rater who asks, with its attempt as it is kept. */
export interface ShownReading extends ComparableReading {
  readonly attempt: StoredAttempt | null
}
