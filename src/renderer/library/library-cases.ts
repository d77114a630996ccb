import { byName } from '../../core/subject/study-list'
import { imageSubject, keyOfSubject, seriesSubject } from '../../core/subject/subject'
import { pathOfSubject } from '../wire/subject-query'
import type { ImageSummary, ScanResult, SeriesSummary, Subject, Warning } from '../../contract'
import type { Place } from '../browser/location'
import {
  eyeOf,
  imageSize,
  kindOfSeries,
  nameOfSeries,
  slicesTimesStep,
  subjectOfSeries,
} from '../../core/words/case-words'
import { formatDicomDate, formatPlural } from '../../core/words/numbers'

/** One card of the library. */
export interface LibraryCase {
  readonly key: string
  readonly place: Place
  /** Path below /api/ of the picture. */
  readonly thumbnail: string
  readonly title: string
  readonly kind: string
  readonly note: string
  readonly warnings: readonly Warning[]
}

const cardOf = (subject: Subject): Pick<LibraryCase, 'key' | 'place' | 'thumbnail'> => ({
  key: keyOfSubject(subject),
  place: { view: 'read', subject },
  thumbnail: `${pathOfSubject(subject)}/thumbnail`,
})

/** What is said under the picture: parts that are empty are left out. */
const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ')

function readingsBeside({ annotations }: ScanResult, { seriesUid }: SeriesSummary): string {
  const files = annotations.filter((other) => other.seriesUid === seriesUid && other.kind === 'lidc-xml')
  return files.length > 0 ? `${formatPlural(files.length, 'file')} of readings beside it` : ''
}

/** The card of a series that stands alone: by its patient. */
export function seriesCase(result: ScanResult, summary: SeriesSummary): LibraryCase {
  const beside = readingsBeside(result, summary)
  const description = summary.description === '' ? formatPlural(summary.slices, 'slice') : summary.description
  return {
    ...cardOf(seriesSubject(summary.seriesUid)),
    title: subjectOfSeries(summary),
    kind: `${kindOfSeries(summary)}, ${slicesTimesStep(summary)}`,
    note: joined(formatDicomDate(summary.studyDate), beside === '' ? description : beside),
    warnings: summary.warnings,
  }
}

/** The card of a series that stands under its patient and study: by its own name. */
export const seriesInStudy = (result: ScanResult, summary: SeriesSummary): LibraryCase => ({
  ...seriesCase(result, summary),
  title: nameOfSeries(summary, null),
  note: readingsBeside(result, summary),
})

export function imageCase({ annotations }: ScanResult, image: ImageSummary): LibraryCase {
  const masks = annotations.filter((other) => other.imageId === image.imageId && other.kind === 'mask').length
  return {
    ...cardOf(imageSubject(image.imageId)),
    title: image.name,
    kind: `Photograph, ${eyeOf(image)}`,
    note: joined(
      image.patientId ?? '',
      masks > 0 ? `${formatPlural(masks, 'reading')} beside it` : imageSize(image),
    ),
    warnings: image.warnings,
  }
}

/** Photographs in the order of their names. */
export const imagesInOrder = ({ images }: ScanResult): readonly ImageSummary[] =>
  [...images].sort((a, b) => byName(a.name, b.name))

/** What was opened, as cards: series first, then photographs, each with what lies beside it. */
export const casesOf = (result: ScanResult): readonly LibraryCase[] => [
  ...result.series.map((summary) => seriesCase(result, summary)),
  ...result.images.map((image) => imageCase(result, image)),
]
