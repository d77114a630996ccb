import type { LesionReport, RunUncertainty, SliceReport } from '../../contract'
import { formatInterval, formatSize, formatSizeWithUnit } from '../../core/words/numbers'
import type { SubjectKind } from '../../core/subject/subject-kinds'
import { lesionRows } from '../../core/words/lesion-words'
import { drawnNote, intervalWords, type SizeRow, sizeRows } from '../../core/words/size-rows'

/** What a figure says beside its picture; sizes and numbers are written as the page writes them. */

export interface FigureRow {
  readonly label: string
  readonly value: string
  readonly interval: string
}

/** The sizes that a report has, each with its interval. */
export const figureRows = (
  sizes: SliceReport['sizes'],
  sizedBy: SubjectKind['sizedBy'],
): readonly FigureRow[] => sizeRows(sizes, [], sizedBy).map(figureRow)

/** The sizes of a whole lesion that are drawn on an axis on the page. */
export const lesionFigureRows = (report: LesionReport): readonly FigureRow[] =>
  lesionRows(report).plotted.map(figureRow)

export function figureRow({
  label,
  unit,
  distribution,
  isAtLeast = false,
}: Pick<SizeRow, 'label' | 'unit' | 'distribution' | 'isAtLeast'>): FigureRow {
  const { median, low95, high95 } = distribution
  if (median === null) return { label, value: 'none', interval: 'all samples empty' }
  const interval =
    low95 === null || high95 === null
      ? ''
      : isAtLeast
        ? intervalWords(distribution, unit, true)
        : formatInterval(formatSize(low95, unit), formatSize(high95, unit))
  const value = formatSizeWithUnit(median, unit)
  return { label, value: isAtLeast ? `at least ${value}` : value, interval }
}

/** What the brackets mean. */
export function bracketWords(report: SliceReport, uncertainty: RunUncertainty): string {
  if (uncertainty === 'none') return 'one outline, no interval'
  const kinds = Object.values(report.sizes).map((size) => size?.interval)
  if (kinds.includes('calibrated-95')) return 'median [95 % calibrated]'
  return kinds.includes('range') ? 'median [range of samples]' : 'median [95 % of samples]'
}

/** How many samples draw anything: sizes, median and bands are of those. */
export function drawnWords(report: SliceReport, uncertainty: RunUncertainty): string {
  if (uncertainty === 'none') return report.drawnCount === 0 ? 'nothing drawn' : 'outline drawn'
  return drawnNote(report)
}

/** Said of every run of a model without a latent, where spread would stand. */
export const NO_UNCERTAINTY = 'This model draws one outline: it has no uncertainty.'
