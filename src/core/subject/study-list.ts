/** The series that are open as a reader looks for them: by patient, then by study, prior studies beside one another. */
import type { SeriesSummary } from '../../contract'

/** One study of a patient with its series that are open. */
export interface ListedStudy {
  readonly studyUid: string
  /** As the files state it (YYYYMMDD); empty where they do not. */
  readonly date: string
  readonly series: readonly SeriesSummary[]
}

export interface ListedPatient {
  /** Stable while the same series are open. */
  readonly key: string
  /** Empty: the files state none, and the study stands alone. */
  readonly patientId: string
  /** Oldest first; those without a date last. */
  readonly studies: readonly ListedStudy[]
}

/** What the list of patients is ordered by. */
export const LIST_ORDERS = ['patient', 'date', 'modality', 'slices'] as const
export type ListOrder = (typeof LIST_ORDERS)[number]

const NUMBERED = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
/** Names as people order them: P2 before P10. */
export const byName = (a: string, b: string): number => NUMBERED.compare(a, b)
/** Dates as text, oldest first, none last. */
const byDate = (a: string, b: string): number => (a === b ? 0 : a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1)

function grouped<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}

/**
 * Without a patient's id nothing says that two studies are of one person, so that each stands alone. An id alone does not
 * either where the files state another issuer, birth date or sex: "0" and "12345" are given by many.
 */
const patientKey = ({
  patientId,
  patientMark = '',
  studyUid,
}: Pick<SeriesSummary, 'patientId' | 'patientMark' | 'studyUid'>): string =>
  patientId === '' ? `study ${studyUid}` : `patient ${patientId} ${patientMark}`.trimEnd()

/** Whether the files say that two series are of one person. */
export const isOnePatient = (
  a: Pick<SeriesSummary, 'patientId' | 'patientMark' | 'studyUid'>,
  b: Pick<SeriesSummary, 'patientId' | 'patientMark' | 'studyUid'>,
): boolean => a.patientId !== '' && patientKey(a) === patientKey(b)

/** Series in the order of their numbers, as the scanner counts them. */
const byNumber = (a: SeriesSummary, b: SeriesSummary): number =>
  (a.seriesNumber ?? Infinity) - (b.seriesNumber ?? Infinity) || byName(a.seriesUid, b.seriesUid)

/** All series that are open, by patient and study, in the order of the patients' ids. */
export function patientsOf(series: readonly SeriesSummary[]): readonly ListedPatient[] {
  const patients = [...grouped(series, patientKey)].map(([key, own]): ListedPatient => {
    const studies = [...grouped(own, ({ studyUid }) => studyUid)].map(([studyUid, of]): ListedStudy => ({
      studyUid,
      date: of.map(({ studyDate }) => studyDate).sort(byDate)[0] ?? '',
      series: [...of].sort(byNumber),
    }))
    return {
      key,
      patientId: own[0]?.patientId ?? '',
      studies: studies.sort((a, b) => byDate(a.date, b.date) || byName(a.studyUid, b.studyUid)),
    }
  })
  return patients.sort(byPatient)
}

/** Patients without an id last. */
const byPatient = (a: ListedPatient, b: ListedPatient): number =>
  Number(a.patientId === '') - Number(b.patientId === '') ||
  byName(a.patientId, b.patientId) ||
  byName(a.key, b.key)

/** The study that the others of a patient are prior to; null: no study has a date. */
export const newestStudy = ({ studies }: ListedPatient): ListedStudy | null =>
  studies.findLast(({ date }) => date !== '') ?? null

const seriesOf = ({ studies }: ListedPatient): readonly SeriesSummary[] =>
  studies.flatMap(({ series }) => series)

const COMPARE: Readonly<Record<ListOrder, (a: ListedPatient, b: ListedPatient) => number>> = {
  patient: byPatient,
  // The newest first: what came today is read today.
  date: (a, b) => {
    const [one, other] = [newestStudy(a)?.date ?? '', newestStudy(b)?.date ?? '']
    return one === '' || other === '' ? byDate(one, other) : byDate(other, one)
  },
  modality: (a, b) => byName(modalitiesOf(a).join(' '), modalitiesOf(b).join(' ')),
  // The largest first.
  slices: (a, b) => mostSlices(b) - mostSlices(a),
}

const modalitiesOf = (patient: ListedPatient): readonly string[] =>
  [...new Set(seriesOf(patient).map(({ modality }) => modality))].sort(byName)
const mostSlices = (patient: ListedPatient): number =>
  Math.max(0, ...seriesOf(patient).map(({ slices }) => slices))

/** The patients in another order; a patient's studies stay together, oldest first. */
export const inOrder = (patients: readonly ListedPatient[], order: ListOrder): readonly ListedPatient[] =>
  [...patients].sort((a, b) => COMPARE[order](a, b) || byPatient(a, b))
