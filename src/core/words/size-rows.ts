import type { IntervalCalibration, ReaderAgainstSamples, SizeDistribution, Sizes } from '../../contract'
import {
  formatCount,
  formatInterval,
  formatPlural,
  formatSize,
  formatSizeWithUnit,
  NO_BREAK,
  type Unit,
} from './numbers'
import type { SubjectKind } from '../subject/subject-kinds'

/** A reader's size on the axis of the samples. */
export interface SizeMark {
  readonly letter: string
  /** Place in the table of readers' colours: 0 is A. */
  readonly colourIndex: number
  readonly value: number
}

/** One measure of the samples, with the readers on the same axis. */
export interface SizeRow<Key extends string = string> {
  readonly key: Key
  readonly label: string
  readonly unit: Unit
  readonly distribution: SizeDistribution
  readonly marks: readonly SizeMark[]
  /** Of a lesion that was not followed to its end: what is given is the least, and no upper bound is known. */
  readonly isAtLeast?: boolean
}

interface SizeKind {
  readonly key: keyof Sizes
  readonly label: string
  readonly unit: Unit
}

/** Millimetre keys exist only where the spacing is known (contract), so no row can be in mm without it. */
const DIAMETERS: readonly SizeKind[] = [
  { key: 'equivalentDiameterMm', label: 'Equivalent diameter', unit: 'mm' },
  { key: 'equivalentDiameterPx', label: 'Equivalent diameter', unit: 'px' },
  { key: 'longestDiameterMm', label: 'Longest diameter', unit: 'mm' },
  { key: 'longestDiameterPx', label: 'Longest diameter', unit: 'px' },
  { key: 'areaMm2', label: 'Area on this slice', unit: 'mm²' },
  { key: 'areaPx', label: 'Area', unit: 'px²' },
]
/** Diameters of a tree of vessels mean nothing: a photograph shows its share of the field and its area. */
const SHARES: readonly SizeKind[] = [
  { key: 'shareOfField', label: 'Share of the field', unit: '%' },
  { key: 'areaPx', label: 'Area', unit: 'px²' },
  { key: 'areaMm2', label: 'Area', unit: 'mm²' },
]

const SIZE_KINDS: { readonly [by in SubjectKind['sizedBy']]: readonly SizeKind[] } = {
  diameter: DIAMETERS,
  share: SHARES,
}

/** The rows that a report has, in the order of reading. */
export function sizeRows(
  sizes: Sizes,
  readers: readonly ReaderAgainstSamples[],
  sizedBy: SubjectKind['sizedBy'],
): readonly SizeRow<keyof Sizes>[] {
  return SIZE_KINDS[sizedBy].flatMap(({ key, label, unit }) => {
    const distribution = sizes[key]
    if (distribution === undefined) return []
    const marks = readers.flatMap((reader): SizeMark[] => {
      const value = reader[key]
      return value === undefined
        ? []
        : [{ letter: reader.letter, colourIndex: colourIndexOf(reader.letter), value }]
    })
    return [{ key, label, unit, distribution, marks }]
  })
}

/** Readers are coloured by letter: A is 0. */
export const colourIndexOf = (letter: string): number => Math.max(0, letter.toUpperCase().charCodeAt(0) - 65)

/** `[23.7, 30.2]`, or the range where there are too few samples for an interval; `[23.7 or more]` of a least size. */
export function intervalWords(distribution: SizeDistribution, unit: Unit, isAtLeast = false): string {
  if (distribution.low95 === null || distribution.high95 === null) return ''
  const low = formatSize(distribution.low95, unit)
  const interval = isAtLeast
    ? `[${low}${NO_BREAK}or${NO_BREAK}more]`
    : formatInterval(low, formatSize(distribution.high95, unit))
  return distribution.interval === 'range' ? `range${NO_BREAK}${interval}` : interval
}

/**
 * Said where most of the readers who drew lie outside an interval, whatever it promises over many places; null where
 * they do not.
 */
export function readersOutside({
  label,
  marks,
  distribution: { low95, high95 },
  isAtLeast = false,
}: SizeRow): string | null {
  if (low95 === null || high95 === null) return null
  const outside = marks.filter(({ value }) => value < low95 || (value > high95 && !isAtLeast)).length
  return outside * 2 > marks.length
    ? `${label}: ${formatCount(outside)} of ${formatPlural(marks.length, 'reader')} lie outside the interval here.`
    : null
}

/** What the interval of these samples is: said once over all sizes. */
export const sizesNote = (interval: SizeDistribution['interval']): string =>
  interval === 'range'
    ? 'median [range]'
    : interval === 'calibrated-95'
      ? `median [95${NO_BREAK}% calibrated]`
      : `median [95${NO_BREAK}% of samples]`

/** What the intervals promise, short: beside the brackets of a figure and on the command line. */
export const calibrationNote = (calibration: IntervalCalibration): string =>
  calibration.kind === 'calibrated'
    ? `calibrated on ${formatPlural(calibration.patients, 'patient')}`
    : `not calibrated here: ${calibration.reason}`

/** The same as a sentence of the page: of whom a calibrated interval speaks. */
export const calibrationSentence = (calibration: IntervalCalibration): string =>
  calibration.kind === 'calibrated'
    ? `Intervals are calibrated on ${formatPlural(calibration.patients, 'patient')}: about 95${NO_BREAK}% of further readers of further patients, where they mark anything, lie inside.`
    : `Intervals are of samples, not calibrated here: ${calibration.reason}.`

/** How many samples there are, and how many of them draw anything: sizes are of those. */
export interface DrawnCounts {
  readonly sampleCount: number
  readonly drawnCount: number
  readonly mostDrawNothing: boolean
  /** Samples that hold the clicked place; null: none was clicked. */
  readonly placeCount: number | null
}

/** `81 of 100 draw something`: a figure of its own, in the page, in figures and on the command line. */
export const drawnNote = ({ sampleCount, drawnCount }: DrawnCounts): string =>
  `${formatCount(drawnCount)} of ${formatCount(sampleCount)} draw something`

/** Said in place of a headline where fewer than half draw. */
export const MOST_DRAW_NOTHING = 'Most samples draw nothing here'

/** Said where most of what is drawn lies beside the place that was clicked; null where it does not. */
export function besideTheClick({ drawnCount, placeCount }: DrawnCounts): string | null {
  if (placeCount === null || placeCount * 2 >= drawnCount) return null
  return placeCount === 0
    ? 'No outline contains the place you clicked: what is drawn lies beside it.'
    : `Only ${formatCount(placeCount)} of ${formatCount(drawnCount)} outlines contain the place you clicked: most of what is drawn lies beside it.`
}

const SPOKEN: { readonly [unit in Unit]: string } = {
  mm: 'millimetres',
  'mm²': 'square millimetres',
  'mm³': 'cubic millimetres',
  px: 'pixels',
  'px²': 'square pixels',
  '%': 'percent',
  HU: 'Hounsfield units',
}

/** A size as a sentence, for a screen reader: it says of how many samples it speaks. */
export function sizeSentence(row: SizeRow, counts: DrawnCounts): string {
  const { median, low95, high95, interval } = row.distribution
  if (median === null || low95 === null || high95 === null) {
    return `${row.label}: none, because every sample is empty.`
  }
  const { sampleCount, drawnCount, mostDrawNothing } = counts
  const low = formatSize(low95, row.unit)
  const high = formatSize(high95, row.unit)
  const those =
    drawnCount === sampleCount
      ? `${formatCount(sampleCount)} samples`
      : `the ${formatCount(drawnCount)} of ${formatCount(sampleCount)} samples that draw something`
  const part =
    interval === 'range'
      ? `all ${those}`
      : interval === 'calibrated-95'
        ? `calibrated 95 percent interval from ${those},`
        : `95 percent of ${those}`
  const readers = row.marks.map((mark) => `reader ${mark.letter} ${formatSize(mark.value, row.unit)}`)
  const tail = readers.length === 0 ? '' : ` Readers: ${readers.join(', ')}.`
  const head = mostDrawNothing ? `${MOST_DRAW_NOTHING}. ` : ''
  const least = row.isAtLeast === true ? 'at least ' : ''
  const between =
    row.isAtLeast === true ? `${low} or more, with no upper bound` : `between ${low} and ${high}`
  return `${head}${row.label} ${least}${formatSize(median, row.unit)} ${SPOKEN[row.unit]}, ${part} ${between}.${tail}`
}

/** The size of a single outline as a sentence, for a screen reader. */
export function oneSizeSentence({ label, unit, distribution }: SizeRow): string {
  if (distribution.median === null) return `${label}: none, because the outline is empty.`
  return `${label} ${formatSize(distribution.median, unit)} ${SPOKEN[unit]}, one outline without an interval.`
}

/** A reader's own size for a list: the first measure that the row's kind has. */
export function readerSize(reader: ReaderAgainstSamples, sizedBy: SubjectKind['sizedBy']): string {
  for (const { key, unit } of SIZE_KINDS[sizedBy]) {
    const value = reader[key]
    if (value !== undefined) return formatSizeWithUnit(value, unit)
  }
  return 'drew nothing'
}
