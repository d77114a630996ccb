import { accept, type Result } from '../../contract'
import { parseLidcFile } from '../../core/lidc/lidc-file'
import { type AnnotatedSeries, lidcReadings, type LidcReadings } from '../../core/lidc/lidc-readings'
import { inOwnThread } from './own-thread'

/** A reading file that lies beside a series, read where it cannot hold anybody up. */
export interface LidcJob {
  readonly bytes: Uint8Array
  /** The series that the file is said to belong to; null: only whose it is is asked. */
  readonly series: AnnotatedSeries | null
}
export interface ReadLidc {
  readonly seriesUid: string
  readonly readings: LidcReadings | null
}

/** The largest file of the collection takes a fifth of a second. */
const LIMITS = { limitMs: 10_000, heapMb: 512 }

export function readLidcHere({ bytes, series }: LidcJob): Result<ReadLidc> {
  const file = parseLidcFile(bytes)
  if (!file.ok) return file
  const { seriesUid } = file.value
  if (series === null) return accept({ seriesUid, readings: null })
  const readings = lidcReadings(file.value, series)
  return readings.ok ? accept({ seriesUid, readings: readings.value }) : readings
}

/** `workerPath` null: in the calling thread (tests, the command line). */
export const readLidc = (workerPath: string | null, job: LidcJob): Promise<Result<ReadLidc>> =>
  workerPath === null
    ? Promise.resolve(readLidcHere(job))
    : inOwnThread<ReadLidc>(workerPath, job, job.bytes, LIMITS)
