import type { ScanResult } from '../../contract'
import { patientsOf } from '../../core/subject/study-list'
import { datedSeries } from '../../core/words/case-words'
import { priorWords } from '../../core/words/study-words'

/** Another series of the patient, as it is offered beside the one that is read. */
export interface OtherSeries {
  readonly seriesUid: string
  /** `2023-02-01 Axial, 133 × 2.5 mm`. */
  readonly title: string
  /** How its study stands to the one that is read: `prior, 11 months before`; empty for the same one. */
  readonly words: string
}

/** The other series that are open of the patient of a series, newest study first. */
export function otherSeries(result: ScanResult | null, seriesUid: string): readonly OtherSeries[] {
  const patient = patientsOf(result?.series ?? []).find(({ studies }) =>
    studies.some(({ series }) => series.some((one) => one.seriesUid === seriesUid)),
  )
  if (patient === undefined) return []
  const read = patient.studies.find(({ series }) => series.some((one) => one.seriesUid === seriesUid))
  return patient.studies.toReversed().flatMap((study) => {
    const words = priorWords(study.date, read?.date ?? null, study === read)
    return study.series
      .filter((one) => one.seriesUid !== seriesUid)
      .map((one) => ({ seriesUid: one.seriesUid, title: datedSeries(one, study.date), words }))
  })
}
