/** What may be compared between two dates. Nothing here is guessed: what the files do not state is refused in words. */
import { accept, type LesionReport, refuse, type Result, type SeriesSummary } from '../../contract'
import { isOnePatient } from '../subject/study-list'
import { isOpenEnded } from '../words/lesion-words'
import { dayOf } from '../words/study-words'

export interface DatesApart {
  /** More than 0. */
  readonly days: number
  /** The first of both is the earlier one. */
  readonly isFirstEarlier: boolean
}

type Dated = Pick<SeriesSummary, 'patientId' | 'patientMark' | 'studyUid' | 'studyDate'>

const no = (reason: string): Result<never> =>
  refuse('request-invalid', `${reason} There is no growth to tell.`)

/** The days between two scans of one patient, by their headers. Refused: two patients, no date, the same day. */
export function datesApart(first: Dated, second: Dated): Result<DatesApart> {
  if (!isOnePatient(first, second))
    return no(
      first.patientId === '' || second.patientId === ''
        ? 'The files do not say whose scans they are.'
        : 'They are scans of two patients: their ID, or its issuer, birth date or sex differ.',
    )
  const [one, other] = [dayOf(first.studyDate), dayOf(second.studyDate)]
  if (one === null || other === null) return no('One of both scans states no date.')
  if (one === other) return no('Both scans are of the same day.')
  return accept({ days: Math.abs(one - other), isFirstEarlier: one < other })
}

/** Said of a lesion that is not compared because of where its following ended. */
export const NOT_TO_ITS_END =
  'It was not followed to its end: its volume is the least that it measures, and is not compared.'

/** Said of a lesion that fewer than half of the samples draw. */
export const FEW_DRAW = 'Most samples draw none of it: a change of the few that do is no finding.'

/** Why a lesion is not compared with itself at another date; null: it is. */
export function whyNotCompared({
  ends,
  sizes,
  mostDrawNothing,
}: Pick<LesionReport, 'ends' | 'sizes' | 'mostDrawNothing'>): string | null {
  if (isOpenEnded({ ends })) return NOT_TO_ITS_END
  if (sizes.volumeMm3 === undefined)
    return 'It has no volume: the files state no distances, or slices are missing within it.'
  return mostDrawNothing || sizes.volumeMm3.median === null ? FEW_DRAW : null
}
