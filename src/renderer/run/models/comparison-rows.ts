import { runAgainText } from '../run-again'
import type { SizeDistribution, Sizes, SliceReport } from '../../../contract'
import { unpackMask } from '../../../core/image/mask'
import { diceAcrossGrids, type MaskOnGrid } from '../../../core/measures/median-overlap'
import { kindOf, type SubjectKind } from '../../../core/subject/subject-kinds'
import type { RunSnapshot } from '../run-snapshot'
import { formatDice, formatGed, formatInterval, formatSize, type Unit } from '../../../core/words/numbers'
import { intervalWords, type SizeMark, sizeRows } from '../../../core/words/size-rows'

/** One measure of two compared runs, with the readers on the same axis. */
export interface ComparedSize {
  readonly key: keyof Sizes
  readonly label: string
  readonly unit: Unit
  readonly first: SizeDistribution
  readonly second: SizeDistribution
  readonly marks: readonly SizeMark[]
  /** Second median less first; null where one of them drew nothing. */
  readonly difference: number | null
}

/** Measures that both runs have. */
export function comparedSizes(
  first: SliceReport,
  second: SliceReport,
  sizedBy: SubjectKind['sizedBy'],
): readonly ComparedSize[] {
  return sizeRows(first.sizes, first.agreement?.readers ?? [], sizedBy).flatMap((row) => {
    const other = second.sizes[row.key]
    if (other === undefined) return []
    const { key, label, unit, marks, distribution } = row
    const difference =
      distribution.median === null || other.median === null ? null : other.median - distribution.median
    return [{ key, label, unit, marks, first: distribution, second: other, difference }]
  })
}

/** `22.0 [11.5, 25.7]`, or `nothing drawn`. */
export function sizeWords(size: SizeDistribution, unit: Unit): string {
  if (size.median === null) return 'nothing drawn'
  return `${formatSize(size.median, unit)} ${unit} ${intervalWords(size, unit)}`.trim()
}

/** A difference with its sign, always: `+1.2`, `−0.4`. */
export function formatDifference(value: number, format: (value: number) => string): string {
  const text = format(value)
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

/** A difference of two sizes in their unit; of two shares in percentage points. */
export const differenceWords = (difference: number, unit: Unit): string =>
  `${formatDifference(difference, (value) => formatSize(value, unit))} ${unit === '%' ? 'percentage points' : unit}`

/** Dice of the two median outlines; null where one run has none or their grids cannot be laid on each other. */
export function diceOfMedians(first: RunSnapshot, second: RunSnapshot): number | null {
  const [a, b] = [medianOf(first), medianOf(second)]
  return a === null || b === null ? null : diceAcrossGrids(a, b)
}

function medianOf({ report, grid, masks }: RunSnapshot): MaskOnGrid | null {
  const packed = masks[report?.depthOrder[0] ?? -1]
  if (report === null || grid === null || packed === undefined || report.emptyCount === report.sampleCount)
    return null
  return { grid, mask: unpackMask(packed, grid.widthPx, grid.heightPx) }
}

/** What a comparison on one lesion can say of which model is better. */
export const oneCaseWords = ({ oneCase }: SubjectKind): string =>
  `n = one ${oneCase}: no test of which is better.`

/** GED and its interval, apart: `0.159` and `[0.108, 0.217]`; empty where there is none. */
export function gedFigures({ agreement }: SliceReport): { readonly figure: string; readonly interval: string } {
  if (agreement === null) return { figure: '', interval: '' }
  const { ged, gedLow95, gedHigh95 } = agreement
  const hasInterval = gedLow95 !== null && gedHigh95 !== null
  return {
    figure: formatGed(ged),
    interval: hasInterval ? formatInterval(formatGed(gedLow95), formatGed(gedHigh95)) : '',
  }
}

function gedWords(report: SliceReport): string {
  const { figure, interval } = gedFigures(report)
  return `${figure} ${interval}`.trim()
}

/**
 * Both runs and what differs, as text with tabs: the two lines that draw them again, then one row a measure. null while
 * one of them is not done.
 */
export function comparisonText(first: RunSnapshot | null, second: RunSnapshot | null): string | null {
  if (first?.record == null || second?.record == null) return null
  if (first.report === null || second.report === null) return null
  const kind = kindOf(first.request.target)
  const nameOf = (run: RunSnapshot): string =>
    run.record === null ? '' : `${run.record.model} ${run.record.modelVersion}`
  const sizes = comparedSizes(first.report, second.report, kind.sizedBy).map((size) => [
    size.label,
    sizeWords(size.first, size.unit),
    sizeWords(size.second, size.unit),
    size.difference === null ? '' : differenceWords(size.difference, size.unit),
  ])
  const [a, b] = [first.report.agreement, second.report.agreement]
  const ged =
    a === null || b === null
      ? []
      : [
          [
            `GED to ${a.readers.length} readers`,
            gedWords(first.report),
            gedWords(second.report),
            formatDifference(b.ged - a.ged, formatGed),
          ],
        ]
  const overlap = diceOfMedians(first, second)
  return [
    `1\t${runAgainText(first)}`,
    `2\t${runAgainText(second)}`,
    ['', nameOf(first), nameOf(second), '2 − 1'].join('\t'),
    ...[...sizes, ...ged].map((row) => row.join('\t')),
    ...(overlap === null ? [] : [`Dice of the two medians\t${formatDice(overlap)}`]),
    oneCaseWords(kind),
  ].join('\n')
}
