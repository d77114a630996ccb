import type { Subject } from '../../contract'

/** How the programs' addresses name a subject: `seriesUid=…` or `imageId=…`. */
export const queryOfSubject = (subject: Subject): string =>
  subject.kind === 'series'
    ? `seriesUid=${encodeURIComponent(subject.seriesUid)}`
    : `imageId=${encodeURIComponent(subject.imageId)}`

/** One word for each subject, for maps and lists. */
export const keyOfSubject = (subject: Subject): string =>
  subject.kind === 'series' ? `series/${subject.seriesUid}` : `image/${subject.imageId}`
