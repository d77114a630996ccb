import type { ArchiveSeries, ArchiveStudies, Result, StudyQuery } from '../../contract'
import type { ListedObject } from '../../core/pacs/matches'

/** An archive of images, by whatever way it is reached. Every call contacts it, and nothing else does. */
export interface Archive {
  /** Whether it answers, and lets us in. */
  readonly echo: () => Promise<Result<null>>
  readonly findStudies: (query: StudyQuery) => Promise<Result<ArchiveStudies>>
  readonly findSeries: (studyUid: string) => Promise<Result<readonly ArchiveSeries[]>>
  readonly findObjects: (studyUid: string, seriesUid: string) => Promise<Result<readonly ListedObject[]>>
}

/** So many studies are listed; who needs more says more of whom to look for. */
export const MOST_STUDIES = 200
export const MOST_SERIES = 2_000
/** Slices of one series. */
export const MOST_OBJECTS = 50_000
