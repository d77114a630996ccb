import { refuse } from '../../contract'
import type { Rater, Result, Subject } from '../../contract'
import type { SubjectKey } from '../workspace/store'
import type { Disclosure } from './disclosure'
import type { Subjects } from './subjects'

export interface OwnStepParts {
  readonly subjects: Pick<Subjects, 'keyOf'>
  readonly disclosure: Pick<Disclosure, 'ownWithheld'>
}

/**
 * The key under which a rater's own work on a subject is kept. The rule of readings holds: what they laid before is no
 * part of a blind reading of the same image, so that it is neither given nor added to until that is committed.
 */
export async function keyOfOwn(
  { subjects, disclosure }: OwnStepParts,
  rater: Rater,
  subject: Subject,
  what: 'Measurements' | 'Places',
): Promise<Result<SubjectKey>> {
  const key = await subjects.keyOf(subject)
  if (!key.ok) return key
  const isWithheld = await disclosure.ownWithheld(rater, key.value)
  if (!isWithheld.ok) return isWithheld
  if (!isWithheld.value) return key
  return refuse('blind', `${what} of this image are kept back while it is read blind.`, {
    next: 'Commit the reading first; they are kept.',
  })
}
