import type { Result } from '../../contract'
import { inOwnThread } from '../library/own-thread'
import { exportZip, type ExportJob } from './export-zip'

/** A label map of a whole series takes seconds, the evidence of hundreds of readings a minute. */
const LIMITS = { limitMs: 600_000, heapMb: 2048 }

/**
 * Writes an export and reads it back in a thread of its own: nobody else would be answered meanwhile. Without the built
 * worker (tests, the command line) it is done here.
 */
export const writeExport = (workerPath: string | null, job: ExportJob): Promise<Result<Uint8Array>> =>
  workerPath === null
    ? Promise.resolve(exportZip(job))
    : inOwnThread<Uint8Array>(workerPath, job, new Uint8Array(0), LIMITS)
