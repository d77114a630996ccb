/** Numbers and words of figures: rounded for show only, spread in brackets, the unit always there. */
import type { RunUncertainty, SliceReport } from '../../contract'

const THIN_SPACE = '\u2009'
const MINUS = '\u2212'

/** Fixed decimals, true minus sign, thin space between thousands. */
export function number(value: number, decimals: number): string {
  const [whole = '', part] = Math.abs(value).toFixed(decimals).split('.')
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE) : whole
  const sign = value < 0 && Number(Math.abs(value).toFixed(decimals)) !== 0 ? MINUS : ''
  return `${sign}${grouped}${part === undefined ? '' : `.${part}`}`
}

export interface SizeRow {
  readonly label: string
  readonly value: string
  readonly interval: string
}

type Sizes = SliceReport['sizes']
type SizeName = keyof Sizes

const SIZE_ROWS: readonly { readonly name: SizeName; readonly label: string; readonly unit: string }[] = [
  { name: 'equivalentDiameterMm', label: 'Equivalent diameter', unit: 'mm' },
  { name: 'equivalentDiameterPx', label: 'Equivalent diameter', unit: 'px' },
  { name: 'longestDiameterMm', label: 'Longest diameter', unit: 'mm' },
  { name: 'longestDiameterPx', label: 'Longest diameter', unit: 'px' },
  { name: 'areaMm2', label: 'Area', unit: 'mm²' },
  { name: 'areaPx', label: 'Area', unit: 'px²' },
]

/** Areas to three figures, lengths to one decimal. */
function rounded(unit: string, value: number): string {
  if (!unit.endsWith('²') || value < 10) return number(value, 1)
  return number(Number(value.toPrecision(3)), value < 100 ? 1 : 0)
}

/** The sizes that a report has, each with its interval. */
export function sizeRows(sizes: Sizes): readonly SizeRow[] {
  const rows = SIZE_ROWS.flatMap(({ name, label, unit }) => {
    const size = sizes[name]
    if (size === undefined) return []
    const { median, low95, high95 } = size
    if (median === null) return [{ label, value: 'none', interval: 'all samples empty' }]
    const interval =
      low95 === null || high95 === null ? '' : `[${rounded(unit, low95)}, ${rounded(unit, high95)}]`
    return [{ label, value: `${rounded(unit, median)} ${unit}`, interval }]
  })
  const share = sizes.shareOfField
  if (share?.median == null) return rows
  const percent = (value: number): string => number(value * 100, 1)
  return [
    {
      label: 'Share of the field',
      value: `${percent(share.median)} %`,
      interval:
        share.low95 === null || share.high95 === null
          ? ''
          : `[${percent(share.low95)}, ${percent(share.high95)}]`,
    },
    ...rows.filter((row) => !row.label.includes('diameter')),
  ]
}

/** What the brackets mean. */
export function intervalWords(report: SliceReport, uncertainty: RunUncertainty): string {
  if (uncertainty === 'none') return 'one outline, no interval'
  const kinds = Object.values(report.sizes).map((size) => size?.interval)
  return kinds.includes('range') ? 'median [range of samples]' : 'median [95 % of samples]'
}

/** How many samples are empty. */
export function emptyWords({ emptyCount, sampleCount }: SliceReport, uncertainty: RunUncertainty): string {
  if (uncertainty === 'samples') return `${emptyCount} of ${sampleCount} samples empty`
  return emptyCount === 0 ? 'outline drawn' : 'nothing drawn'
}

/** Said of every run of a model without a latent, where spread would stand. */
export const NO_UNCERTAINTY = 'This model draws one outline: it has no uncertainty.'
