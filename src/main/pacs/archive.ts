import type { ArchiveSeries, ArchiveStudies, ArchiveStudy, StudyQuery } from '../../contract'
import type { ListedObject } from '../../core/pacs/matches'
import type { Arrivals } from './arriving/arrivals'
import type { Outgoing } from './outgoing'

/**
 * An archive of images, by whatever way it is reached. Every call contacts it, and nothing else does. What goes wrong is
 * thrown: `PacsFailure`, or an error of the connection.
 */
export interface Archive {
  /** Whether it answers, and lets us in. */
  readonly echo: () => Promise<void>
  readonly findStudies: (query: StudyQuery) => Promise<ArchiveStudies>
  /** null: it does not have it, or no more. */
  readonly findStudy: (studyUid: string) => Promise<ArchiveStudy | null>
  readonly findSeries: (studyUid: string) => Promise<readonly ArchiveSeries[]>
  readonly findObjects: (studyUid: string, seriesUid: string) => Promise<readonly ListedObject[]>
  /** Everything that the arrivals miss of their series is sent to them, in any order. */
  readonly fetch: (arrivals: Arrivals) => Promise<void>
  /** Stores one object as it is, byte by byte. */
  readonly store: (object: Outgoing) => Promise<void>
}

/** So many studies are listed; who needs more says more of whom to look for. */
export const MOST_STUDIES = 200
export const MOST_SERIES = 2_000
/** Slices of one series. */
export const MOST_OBJECTS = 50_000
