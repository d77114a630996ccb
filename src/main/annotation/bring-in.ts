import { refuse } from '../../contract'
import type { ImportOutcome, ImportQuery, Rater, Result } from '../../contract'
import type { ExchangeParts } from './hand-out'

/** A file of another program as a reading of a named reader. */
export function bringIn(
  _parts: ExchangeParts,
  _rater: Rater,
  query: ImportQuery,
  _bytes: Uint8Array,
): Promise<Result<ImportOutcome>> {
  return Promise.resolve(refuse('annotation-unsupported', `Import of ${query.format} is not offered yet.`))
}
