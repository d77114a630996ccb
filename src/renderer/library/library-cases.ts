import { imageSubject, keyOfSubject, seriesSubject } from '../../core/subject/subject'
import { pathOfSubject } from '../wire/subject-query'
import type { ScanResult, Subject, Warning } from '../../contract'
import type { Place } from '../browser/location'
import { eyeOf, imageSize, kindOfSeries, slicesTimesStep, subjectOfSeries } from '../../core/words/case-words'
import { formatPlural } from '../../core/words/numbers'

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

/** What was opened, as cards: series first, then photographs, each with what lies beside it. */
export function casesOf(result: ScanResult): readonly LibraryCase[] {
  const series = result.series.map((summary): LibraryCase => {
    const annotations = result.annotations.filter(
      (other) => other.seriesUid === summary.seriesUid && other.kind === 'lidc-xml',
    ).length
    const description =
      summary.description === '' ? formatPlural(summary.slices, 'slice') : summary.description
    return {
      ...cardOf(seriesSubject(summary.seriesUid)),
      title: subjectOfSeries(summary),
      kind: `${kindOfSeries(summary)}, ${slicesTimesStep(summary)}`,
      note: annotations > 0 ? `${formatPlural(annotations, 'file')} of readings beside it` : description,
      warnings: summary.warnings,
    }
  })
  const images = result.images.map((image): LibraryCase => {
    const masks = result.annotations.filter(
      (other) => other.imageId === image.imageId && other.kind === 'mask',
    ).length
    return {
      ...cardOf(imageSubject(image.imageId)),
      title: image.name,
      kind: `Photograph, ${eyeOf(image)}`,
      note: masks > 0 ? `${formatPlural(masks, 'reading')} beside it` : imageSize(image),
      warnings: image.warnings,
    }
  })
  return [...series, ...images]
}

/** Cases whose words hold every word that was typed. */
export function filterCases(cases: readonly LibraryCase[], wanted: string): readonly LibraryCase[] {
  const words = wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return cases.filter((entry) => {
    const text = `${entry.title} ${entry.kind} ${entry.note}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
