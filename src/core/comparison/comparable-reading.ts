import type { Answer, ComparedReading, Origin } from '../../contract'
import type { SliceOutline } from '../measures/voxel-block'

/** One structure of a reading, decoded. */
export interface ComparableStructure {
  readonly label: string
  readonly origin: Origin | null
  readonly outlines: readonly SliceOutline[]
}

/** Whose a reading from a file is, and whether figures count it. */
export interface ImportedFacts {
  readonly importId: string
  /** Brought in by the rater who asks. */
  readonly isOwn: boolean
  /** Enters figures and consensus. */
  readonly counts: boolean
  /** The subject is a case of a panel: only its owner lets readings from files into the figures. */
  readonly inPanel: boolean
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
  /** Of a reading that was brought in from a file. */
  readonly imported?: ImportedFacts
}
