import { accept, refuse } from '../../contract'
import type { Rater, Result } from '../../contract'

/** Refused to anybody but the owner of the workspace. `what` begins the sentence: "The audit log". */
export const ownerOnly = (rater: Rater, what: string): Result<null> =>
  rater.role === 'owner'
    ? accept(null)
    : refuse('not-allowed', `${what} is for the owner of this workspace.`, { next: 'Ask the owner.' })
