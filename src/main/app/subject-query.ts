import { z } from 'zod'
import type { Subject } from '../../contract'
import { Uid } from '../../contract'
import { type SubjectNames, subjectsNamed } from '../../core/subject/subject'

/** `?seriesUid=` or `?imageId=`: how a query names its subject, beside what else it asks. */
export const SUBJECT_NAMES = { seriesUid: Uid.optional(), imageId: z.string().min(1).max(1024).optional() }

/** The subject of a query; none or two are refused. */
export function subjectOfQuery(names: SubjectNames, context: z.RefinementCtx): Subject {
  const [subject, second] = subjectsNamed(names)
  if (subject !== undefined && second === undefined) return subject
  context.addIssue('Name a series by seriesUid or a photograph by imageId, one of the two.')
  return z.NEVER
}

export const SubjectQuery = z.strictObject(SUBJECT_NAMES).transform(subjectOfQuery)
