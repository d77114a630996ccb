import type { AnnotationSummary, ReadingSet, Withheld } from '../../contract'
import { fileName } from '../../core/words/case-words'
import { formatPlural } from '../../core/words/numbers'
import type { SubjectKind } from '../../core/subject/subject-kinds'

/** Why samples stand without readers beside them: withheld, none brought in, none on this slice, or elsewhere on it. */
export function whyNoReaders(
  { word, hasSlices }: Pick<SubjectKind, 'word' | 'hasSlices'>,
  withheld: Withheld | null,
  set: ReadingSet | null,
  offers: readonly AnnotationSummary[],
  sliceIndex: number,
): string {
  if (withheld !== null) return `Readings of others are withheld. ${withheld.reason} ${withheld.until}`
  if (set === null || set.structures.length === 0) {
    const [first] = offers
    if (first === undefined) return 'No readings were brought in, so there is nothing to compare with.'
    const files =
      offers.length === 1
        ? `${fileName(first.path)} beside it holds`
        : `${formatPlural(offers.length, 'file')} beside it hold`
    return `No readings were brought in yet. ${files} some: bring them in to compare.`
  }
  const isOutlined = set.structures.some(({ readings }) =>
    readings.some(({ slices }) => slices.some((slice) => slice.sliceIndex === sliceIndex)),
  )
  return isOutlined && hasSlices
    ? 'What readers outlined on this slice lies elsewhere, so there is nothing to compare with here.'
    : `No reader outlined this ${word}, so there is nothing to compare with.`
}
