import type { Answer, ComparedReading, Origin } from '../../contract'
import type { SliceOutline } from '../measures/voxel-block'

/** One structure of a reading, decoded. */
export interface ComparableStructure {
  readonly label: string
  readonly origin: Origin | null
  readonly outlines: readonly SliceOutline[]
}

/** A reading of a subject as it may be shown to the rater who asks. */
export interface ComparableReading {
  readonly readingId: string
  readonly source: ComparedReading['source']
  readonly name: string
  /** Null: it came in from a file. */
  readonly attempt: { readonly number: number; readonly committedAt: string | null } | null
  readonly blind: boolean
  readonly answer: Answer
  readonly structures: readonly ComparableStructure[]
}
