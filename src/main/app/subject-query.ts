import { z } from 'zod'
import { Uid } from '../../contract'
import type { Subject } from '../../contract'

/** `?seriesUid=` or `?imageId=`. */
export const SubjectQuery = z.union([
  z.strictObject({ seriesUid: Uid }),
  z.strictObject({ imageId: z.string().min(1).max(1024) }),
])
export type SubjectQuery = z.infer<typeof SubjectQuery>

export const subjectOf = (query: SubjectQuery): Subject =>
  'seriesUid' in query
    ? { kind: 'series', seriesUid: query.seriesUid }
    : { kind: 'image', imageId: query.imageId }
