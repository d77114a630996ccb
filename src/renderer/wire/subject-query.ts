import type { Subject } from '../../contract'
import { idOfSubject, namesOfSubject } from '../../core/subject/subject'

/** How the programs' addresses name a subject: `seriesUid=…` or `imageId=…`. */
export const queryOfSubject = (subject: Subject): string =>
  Object.entries(namesOfSubject(subject))
    .map(([name, id]) => `${name}=${encodeURIComponent(id)}`)
    .join('&')

const FOLDERS: { readonly [kind in Subject['kind']]: string } = { series: 'series', image: 'images' }

/** Where a subject's own resources lie: `series/UID`, `images/ID`. */
export const pathOfSubject = (subject: Subject): string =>
  `${FOLDERS[subject.kind]}/${encodeURIComponent(idOfSubject(subject))}`
