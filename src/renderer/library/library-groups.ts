import type { ScanResult, SeriesSummary } from '../../contract'
import {
  inOrder,
  type ListedPatient,
  type ListOrder,
  newestStudy,
  patientsOf,
} from '../../core/subject/study-list'
import { kindOfSeries, subjectOfSeries } from '../../core/words/case-words'
import { formatDicomDate, formatPlural } from '../../core/words/numbers'
import { priorWords } from '../../core/words/study-words'
import { imageCase, imagesInOrder, type LibraryCase, seriesCase, seriesInStudy } from './library-cases'

/** A study under its patient. */
interface StudyGroup {
  readonly key: string
  /** `2023-02-01`, `date not stated`. */
  readonly heading: string
  /** The heading, and what was taken. */
  readonly title: string
  /** How it stands to the newest study: `prior, 11 months before`. */
  readonly words: string
  readonly cases: readonly LibraryCase[]
}

/** Cards that stand alone, one after the other; or a patient with several series, by study. */
export type LibraryGroup =
  | { readonly kind: 'cards'; readonly key: string; readonly cases: readonly LibraryCase[] }
  | {
      readonly kind: 'patient'
      readonly key: string
      readonly title: string
      readonly note: string
      readonly studies: readonly StudyGroup[]
    }

/** Whether the words of a case hold every word that was typed; `also`: what stands over it. */
function matcher(wanted: string): (entry: LibraryCase, also: string) => boolean {
  const words = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return ({ title, kind, note }, also) => {
    const text = `${title} ${kind} ${note} ${also}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
}

const kindsOf = (series: readonly SeriesSummary[]): string =>
  [...new Set(series.map(kindOfSeries))].join(', ')

function patientGroup(
  result: ScanResult,
  patient: ListedPatient,
  isWanted: ReturnType<typeof matcher>,
): LibraryGroup {
  const { key, patientId, studies } = patient
  const newest = newestStudy(patient)
  const first = studies[0]?.series[0]
  const count = studies.reduce((sum, { series }) => sum + series.length, 0)
  return {
    ...{ kind: 'patient', key },
    title: first === undefined ? patientId : subjectOfSeries(first),
    note: `${formatPlural(studies.length, 'study', 'studies')}, ${formatPlural(count, 'series', 'series')}`,
    studies: studies
      .map((study): StudyGroup => {
        const heading = study.date === '' ? 'date not stated' : formatDicomDate(study.date)
        const title = `${heading}, ${kindsOf(study.series)}`
        const words = study.date === '' ? '' : priorWords(study.date, newest?.date ?? null, study === newest)
        const cases = study.series.map((one) => seriesInStudy(result, one))
        return {
          ...{ key: study.studyUid, heading, title, words },
          cases: cases.filter((entry) => isWanted(entry, `${patientId} ${title} ${words}`)),
        }
      })
      .filter(({ cases }) => cases.length > 0),
  }
}

const casesIn = (group: LibraryGroup): readonly LibraryCase[] =>
  group.kind === 'cards' ? group.cases : group.studies.flatMap(({ cases }) => cases)

/**
 * What was opened, by patient: one with a single series is one card, as a photograph is; cards that follow one another
 * stand in one group. Cases without the wanted words are left out, studies and patients without a case too.
 */
export function libraryGroups(result: ScanResult, order: ListOrder, wanted: string): readonly LibraryGroup[] {
  const isWanted = matcher(wanted)
  const alone = (entry: LibraryCase): LibraryGroup => ({
    ...{ kind: 'cards', key: entry.key },
    cases: isWanted(entry, '') ? [entry] : [],
  })
  const groups: LibraryGroup[] = []
  const all = [
    ...inOrder(patientsOf(result.series), order).map((patient) => {
      const [study, ...others] = patient.studies
      const [only, ...more] = study?.series ?? []
      return only === undefined || others.length > 0 || more.length > 0
        ? patientGroup(result, patient, isWanted)
        : alone(seriesCase(result, only))
    }),
    ...imagesInOrder(result).map((image) => alone(imageCase(result, image))),
  ]
  for (const group of all.filter((one) => casesIn(one).length > 0)) {
    const last = groups.at(-1)
    if (last?.kind === 'cards' && group.kind === 'cards')
      groups[groups.length - 1] = { ...last, cases: [...last.cases, ...group.cases] }
    else groups.push(group)
  }
  return groups
}

/** The cards in the order in which they stand. */
export const casesShown = (groups: readonly LibraryGroup[]): readonly LibraryCase[] => groups.flatMap(casesIn)
