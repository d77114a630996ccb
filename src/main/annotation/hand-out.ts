import { refuse } from '../../contract'
import type { ExportRequest, Rater, Result } from '../../contract'
import type { LibraryService, ReadingService } from '../services'
import type { HandedOut } from './annotation-service'
import type { AttemptParts } from './attempts'

export interface ExchangeParts extends AttemptParts {
  readonly library: LibraryService
  readonly readings: ReadingService
  /** Version of the program. */
  readonly version: string
}

/** Readings as files in a ZIP. */
export function handOut(
  _parts: ExchangeParts,
  _rater: Rater,
  request: ExportRequest,
): Promise<Result<HandedOut>> {
  return Promise.resolve(refuse('annotation-unsupported', `Export as ${request.format} is not offered yet.`))
}
