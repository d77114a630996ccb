/**
 * How figures are written: thin space for thousands, true minus, a space that does not
 * break before a unit. Rounding is for show only; arithmetic never sees these texts.
 */
export const THIN_SPACE = '\u2009'
export const NO_BREAK = '\u00a0'
export const MINUS = '\u2212'
export const EN_DASH = '\u2013'
export const TIMES = '\u00d7'

export type Unit = 'mm' | 'mm²' | 'mm³' | 'px' | 'px²' | '%' | 'HU'

/** A number with a fixed count of decimals; whole part in groups of three from 1 000 up (no group break below). */
export function formatNumber(value: number, decimals: number): string {
  const [whole = '0', fraction] = Math.abs(value).toFixed(decimals).split('.')
  const grouped = whole.length > 3 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE) : whole
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`
  const isZero = !/[1-9]/.test(text)
  return value < 0 && !isZero ? MINUS + text : text
}

/** A count of things. */
export const formatCount = (count: number): string => formatNumber(count, 0)

/** Three significant figures for what spans orders of magnitude: volumes and areas (6 080, 243, 66 800, 41.2). */
export function formatThreeFigures(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.floor(Math.log10(Math.abs(value)))
  const step = 10 ** (magnitude - 2)
  const rounded = Math.round(value / step) * step
  return formatNumber(rounded, Math.max(0, Math.min(2, 2 - magnitude)))
}

/** A size in its unit, without the unit's name: mm and px one decimal, areas and volumes three figures, shares one decimal of a percent, HU whole. */
export function formatSize(value: number, unit: Unit): string {
  switch (unit) {
    case 'mm':
    case 'px':
      return formatNumber(value, 1)
    case '%':
      return formatNumber(value * 100, 1)
    case 'HU':
      return formatNumber(value, 0)
    case 'mm²':
    case 'mm³':
    case 'px²':
      return formatThreeFigures(value)
  }
}

/** A size and its unit: `27.5 mm`, `10.6 %`. */
export const formatSizeWithUnit = (value: number, unit: Unit): string =>
  `${formatSize(value, unit)}${NO_BREAK}${unit}`

/** `[23.7, 30.2]`; a comma stands between figures because a dash beside a minus misleads. */
export const formatInterval = (low: string, high: string): string => `[${low}, ${high}]`

/** Dice and kappa: two decimals; 0.996 must not be read as a full 1. */
export function formatDice(value: number): string {
  const text = formatNumber(value, 2)
  return text === '1.00' && value < 1 ? '> 0.99'.replace(' ', NO_BREAK) : text
}

/** Generalised energy distance: three decimals. */
export const formatGed = (value: number): string => formatNumber(value, 3)

/** Seconds of a run: hundredths below ten seconds, tenths below a minute, then minutes. */
export function formatElapsed(elapsedMs: number): string {
  const seconds = elapsedMs / 1000
  if (seconds < 10) return `${formatNumber(seconds, 2)}${NO_BREAK}s`
  if (seconds < 60) return `${formatNumber(seconds, 1)}${NO_BREAK}s`
  return `${formatNumber(Math.floor(seconds / 60), 0)}${NO_BREAK}min ${formatNumber(Math.round(seconds % 60), 0)}${NO_BREAK}s`
}

/** A length that files state with up to four digits: 2.5, 0.703, 1. */
export function formatPlain(value: number, mostDecimals = 3): string {
  const text = formatNumber(value, mostDecimals)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** `1 slice`, `133 slices`. */
export const formatPlural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)}${NO_BREAK}${count === 1 ? one : many}`

/** A DICOM date (YYYYMMDD) as 2000-01-01; anything else as it stands. */
export const formatDicomDate = (date: string): string =>
  /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date
