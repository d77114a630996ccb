/**
 * The name under which work on a series is kept: its UID, and whose it is. UIDs are given once (PS3.5 9), but what
 * breaks that rule must not bring one patient's readings onto another's images.
 */
import type { SeriesSummary } from '../../contract'
import { sharedAs, textMark, unsharedUid } from './made-up-uid'

const SERIES = 'series:'

/** Whose a series is: marks of its study's UID and of its patient's ID. */
export interface SeriesIdentity {
  readonly uid: string
  readonly studyMark: string
  readonly patientMark: string
}

export const identityOf = ({
  seriesUid,
  studyUid,
  patientId,
}: Pick<SeriesSummary, 'seriesUid' | 'studyUid' | 'patientId'>): SeriesIdentity => ({
  uid: unsharedUid(seriesUid),
  studyMark: textMark(studyUid),
  patientMark: textMark(patientId),
})

/** `series:UID@STUDY.PATIENT`: the same whatever else is open beside it. */
export const seriesKey = ({ uid, studyMark, patientMark }: SeriesIdentity): string =>
  `${plainKey(uid)}@${studyMark}.${patientMark}`

/** The name that earlier versions kept work under: the UID alone. */
export const plainKey = (uid: string): string => `${SERIES}${uid}`

/** What a key names; marks are null in one of an earlier version. Null: it names no series. */
export function readSeriesKey(
  key: string,
): (Pick<SeriesIdentity, 'uid'> & { readonly marks: Omit<SeriesIdentity, 'uid'> | null }) | null {
  const [, uid, studyMark, patientMark] = /^series:([^@]*)(?:@([^.]*)\.(.*))?$/.exec(key) ?? []
  if (uid === undefined) return null
  const marks = studyMark === undefined || patientMark === undefined ? null : { studyMark, patientMark }
  return { uid, marks }
}

/** The UID that a series of this key has in the library where another study has its UID too. */
export const sharedUidOfKey = (key: string): string => {
  const read = readSeriesKey(key)
  return sharedAs(unsharedUid(read?.uid ?? ''), read?.marks?.studyMark ?? '')
}
