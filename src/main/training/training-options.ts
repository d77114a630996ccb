import type { Result } from '../../contract'
import type { Versions } from '../registry/versions'
import type { SetParts } from './make-set'
import type { TrainingFolder } from './training-folder'
import type { StartWorker } from './worker'

/** What training stands on. */
export interface TrainingOptions extends SetParts {
  readonly folder: TrainingFolder
  readonly versions: Versions
  /** What trains here, and what it is called. */
  readonly findWorker: () => Promise<Result<{ readonly start: StartWorker; readonly words: string }>>
  readonly memory: () => { readonly freeBytes: number; readonly threads: number }
  readonly pid: number
  readonly clock: () => number
  readonly nowMs: () => number
}
