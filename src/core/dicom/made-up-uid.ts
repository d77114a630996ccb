/** FNV-1a over the code units of a text, as 8 hexadecimal digits; `seed` makes a second, independent one. */
function fnv1a(text: string, seed: number): string {
  let hash = seed >>> 0
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}

/** 16 hexadecimal digits of a text: enough to tell texts apart that stand for people, and nothing to read them by at a glance. */
export const textMark = (text: string): string => `${fnv1a(text, 0x811c9dc5)}${fnv1a(text, 0x9dc5811c)}`

const UID = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/

/** A UID that the program made up for a file without one: the same for the same path, and never taken for a real one. */
export const madeUpUid = (kind: 'study' | 'series' | 'instance', path: string): string =>
  `margin.${kind}.${textMark(path)}`

/** What the program calls a part of a series. */
export const partUid = (seriesUid: string, part: number): string => `margin.${seriesUid}.${part}`

/** What the program calls a series whose UID another study has too: the same whatever else is open, in whatever order. */
export const sharedUid = (seriesUid: string, studyUid: string): string =>
  sharedAs(seriesUid, textMark(studyUid))
export const sharedAs = (seriesUid: string, studyMark: string): string =>
  `margin.${seriesUid}.same-uid.${studyMark}`

/** The UID that the series would have if no other study had it too. */
export const unsharedUid = (uid: string): string =>
  /^margin\.(.+)\.same-uid\.(?:\d+|[0-9a-f]{16})$/.exec(uid)?.[1] ?? uid

/** What the program calls the images of one of the patients that the files of a series name. */
export const patientUid = (seriesUid: string, patientMark: string): string =>
  `margin.${seriesUid}.patient.${patientMark}`

/** The UID that stands in the files behind one that the program uses; null where the files have none. */
export function uidInFiles(uid: string): string | null {
  if (!uid.startsWith('margin.')) return uid
  if (/^margin\.(?:study|series|instance)\.[0-9a-f]{16}$/.test(uid)) return null
  const ofPatient = /^margin\.(.+)\.patient\.[0-9a-f]{16}$/.exec(uid)?.[1]
  if (ofPatient !== undefined) return uidInFiles(ofPatient)
  const named = /^margin\.(.+?)(?:\.\d+|\.same-uid\.(?:\d+|[0-9a-f]{16}))$/.exec(uid)?.[1]
  return named === undefined ? null : uidInFiles(named)
}

/** A UID of the file where it can be one; null for what is missing or could be mistaken for a path or markup. */
export const usableUid = (uid: string): string | null => (UID.test(uid) ? uid : null)
