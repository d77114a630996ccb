import type { Answer, Origin } from '../../contract'
import type { SliceOutline } from '../../core/measures/voxel-block'
import type { StoredAttempt } from '../workspace/store'

export interface ShownStructure {
  readonly label: string
  readonly origin: Origin | null
  readonly outlines: readonly SliceOutline[]
}

/** A reading of a subject as it may be shown to the rater who asks. */
export interface ShownReading {
  readonly readingId: string
  readonly source: 'own' | 'peer' | 'imported'
  readonly name: string
  readonly attempt: StoredAttempt | null
  readonly blind: boolean
  readonly answer: Answer
  readonly structures: readonly ShownStructure[]
}
