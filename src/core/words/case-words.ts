import type { ImageSummary, SeriesDetail, SeriesSummary } from '../../contract'
import { EN_DASH, formatCount, formatDicomDate, formatPlain, formatPlural, NO_BREAK, TIMES } from './numbers'

/** `CT chest`, `CT`. */
export function kindOfSeries(summary: SeriesSummary): string {
  return [summary.modality, summary.bodyPart.toLowerCase()].filter((part) => part !== '').join(' ')
}

/** `133 × 2.5 mm`; without a step only the count. */
export function slicesTimesStep(summary: SeriesSummary): string {
  const step = summary.spacingMm?.slice ?? null
  if (step === null) return formatPlural(summary.slices, 'slice')
  return `${formatCount(summary.slices)} ${TIMES} ${formatPlain(step)}${NO_BREAK}mm`
}

/** `133 slices of 2.5 mm`. */
export function slicesOfStep(summary: SeriesSummary): string {
  const step = summary.spacingMm?.slice ?? null
  const count = formatPlural(summary.slices, 'slice')
  return step === null ? count : `${count} of ${formatPlain(step)}${NO_BREAK}mm`
}

/** `0.703 mm pixels`, `0.7 × 0.8 mm pixels`, or that the file states none. */
export function pixelSize(summary: SeriesSummary): string {
  const spacing = summary.spacingMm
  if (spacing === null) return 'no spacing in the file'
  const row = formatPlain(spacing.row)
  const column = formatPlain(spacing.column)
  const size = row === column ? row : `${column} ${TIMES} ${row}`
  return `${size}${NO_BREAK}mm pixels`
}

/** What to call a series in a list: its description, else its kernel, else its number. */
export function nameOfSeries(summary: SeriesSummary, detail: SeriesDetail | null): string {
  if (summary.description !== '') return summary.description
  const kernel = detail?.kernel ?? ''
  if (kernel !== '') return `${summary.modality} ${kernel}`
  return summary.seriesNumber === null ? summary.modality : `Series ${summary.seriesNumber}`
}

/** Whom a series is of: the patient's id as the file states it. */
export const subjectOfSeries = (summary: SeriesSummary): string =>
  summary.patientId === '' ? 'no patient id' : summary.patientId

/** `left eye`, `eye not stated`. */
export const eyeOf = (image: Pick<ImageSummary, 'eye'>): string =>
  image.eye === null ? 'eye not stated' : `${image.eye} eye`

/** `999 × 960 px`. */
export const imageSize = (image: ImageSummary): string =>
  `${formatCount(image.width)} ${TIMES} ${formatCount(image.height)}${NO_BREAK}px`

/** Two numbers of slices, whichever is lower: `slices 39–47`. */
export function sliceRange(one: number, other: number): string {
  return one === other ? `slice ${one}` : `slices ${Math.min(one, other)}${EN_DASH}${Math.max(one, other)}`
}

/** The last part of a path of either kind of slash. */
export const fileName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

/** `2023-02-01 Axial, 133 × 2.5 mm`: a series beside another one. `date`: of its study. */
export const datedSeries = (summary: SeriesSummary, date = summary.studyDate): string =>
  `${formatDicomDate(date)} ${nameOfSeries(summary, null)}, ${slicesTimesStep(summary)}`.trim()
