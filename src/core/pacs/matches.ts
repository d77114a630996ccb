import { DicomUid } from '../../contract'
import type { ArchiveSeries, ArchiveStudy, StudyQuery } from '../../contract'
import type { Keyword } from '../dicom/elements'
import type { Attributes } from './attributes'

/** Questions to an archive and its answers: PS3.4 C.6.2, the study root information model. */

/** An object as an archive lists it: enough to ask for it, and to know it when it comes. */
export interface ListedObject {
  readonly sopInstanceUid: string
  /** '': the archive does not say. */
  readonly sopClassUid: string
}

/** What is asked, by keyword; only what is asked for. */
export type Asked = Partial<Readonly<Record<Keyword, string>>>

export function askedOfStudies(query: StudyQuery): Asked {
  const { patientId, patientName, accessionNumber, studyFrom, studyTo, modality } = query
  const isPattern = /[*?]/.test(patientName)
  const asked: Partial<Record<Keyword, string>> = {
    PatientID: patientId,
    PatientName: patientName === '' || isPattern ? patientName : `${patientName}*`,
    AccessionNumber: accessionNumber,
    StudyDate: studyFrom === '' && studyTo === '' ? '' : `${studyFrom}-${studyTo}`,
    ModalitiesInStudy: modality,
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''))
}

/** What an archive is asked to say of each study. */
export const TOLD_OF_STUDIES = [
  'StudyInstanceUID',
  'PatientID',
  'PatientName',
  'AccessionNumber',
  'StudyDate',
  'StudyDescription',
  'ModalitiesInStudy',
  'NumberOfStudyRelatedSeries',
  'NumberOfStudyRelatedInstances',
] as const satisfies readonly Keyword[]

export const TOLD_OF_SERIES = [
  'SeriesInstanceUID',
  'Modality',
  'SeriesDescription',
  'SeriesNumber',
  'NumberOfSeriesRelatedInstances',
] as const satisfies readonly Keyword[]

export const TOLD_OF_OBJECTS = ['SOPInstanceUID', 'SOPClassUID'] as const satisfies readonly Keyword[]

const first = (of: Attributes, keyword: Keyword): string => of(keyword)[0] ?? ''

function whole(text: string): number | null {
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(number) ? number : null
}

/** A count; what is none is not said. */
function counted(text: string): number | null {
  const number = whole(text)
  return number === null || number < 0 ? null : number
}

const uidOf = (of: Attributes, keyword: Keyword): string | null =>
  DicomUid.safeParse(first(of, keyword)).data ?? null

/** null: what came has no UID to ask for it by. */
export function studyOf(of: Attributes): ArchiveStudy | null {
  const studyUid = uidOf(of, 'StudyInstanceUID')
  if (studyUid === null) return null
  return {
    studyUid,
    patientId: first(of, 'PatientID'),
    patientName: first(of, 'PatientName'),
    accessionNumber: first(of, 'AccessionNumber'),
    studyDate: first(of, 'StudyDate'),
    description: first(of, 'StudyDescription'),
    modalities: of('ModalitiesInStudy').filter((modality) => modality !== ''),
    series: counted(first(of, 'NumberOfStudyRelatedSeries')),
    objects: counted(first(of, 'NumberOfStudyRelatedInstances')),
  }
}

export function seriesOf(of: Attributes): ArchiveSeries | null {
  const seriesUid = uidOf(of, 'SeriesInstanceUID')
  if (seriesUid === null) return null
  return {
    seriesUid,
    modality: first(of, 'Modality'),
    description: first(of, 'SeriesDescription'),
    seriesNumber: whole(first(of, 'SeriesNumber')),
    objects: counted(first(of, 'NumberOfSeriesRelatedInstances')),
  }
}

export function objectOf(of: Attributes): ListedObject | null {
  const sopInstanceUid = uidOf(of, 'SOPInstanceUID')
  return sopInstanceUid === null ? null : { sopInstanceUid, sopClassUid: uidOf(of, 'SOPClassUID') ?? '' }
}

/** Newest first; without a date last. */
export const byDate = (studies: readonly ArchiveStudy[]): ArchiveStudy[] =>
  [...studies].sort((a, b) => b.studyDate.localeCompare(a.studyDate) || a.studyUid.localeCompare(b.studyUid))
