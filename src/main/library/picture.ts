import { createHash } from 'node:crypto'
import type { ImageSummary } from '../../contract'
import type { GreyPlanes } from '../pictures/grey-planes'
import { sourceKey } from './decode/job'
import type { Source } from './decode/job'
import { systemPath } from './raw-path'

/** A picture that could be described. */
export interface Picture {
  readonly source: Source
  readonly summary: ImageSummary
  /** Of what may be a stack, once it was looked at; null: it is none. */
  readonly planes?: GreyPlanes | null
}

/** Short, stable, and free of anything that the name of a file could smuggle into a URL. */
export const idOf = (kind: 'img' | 'ann', source: Source): string =>
  `${kind}-${createHash('sha256')
    .update(systemPath(sourceKey(source)))
    .digest('hex')
    .slice(0, 16)}`
