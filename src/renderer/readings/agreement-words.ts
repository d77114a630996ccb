import type { AnswerCounts, ComparedReading, Difference, Figure } from '../../contract'
import {
  formatDice,
  formatInterval,
  formatNumber,
  formatPlural,
  formatSize,
  formatSizeWithUnit,
  MINUS,
  NO_BREAK,
} from '../../core/words/numbers'

const UNITS = { mm: 'mm', px: 'px', mm2: 'mm²', px2: 'px²', mm3: 'mm³' } as const

function numberWords(value: number, unit: Figure['unit']): string {
  switch (unit) {
    case 'share':
    case 'none':
      return formatDice(value)
    case 'percent':
      return formatNumber(value, 0)
    default:
      return formatSize(value, UNITS[unit])
  }
}

const unitWords = (unit: Figure['unit']): string => {
  if (unit === 'share' || unit === 'none') return ''
  return NO_BREAK + (unit === 'percent' ? '%' : UNITS[unit])
}

const signed = (text: string, value: number): string =>
  value > 0 && !text.startsWith(MINUS) && /[1-9]/.test(text) ? `+${text}` : text

const MISSING = '—'
/** Whether there is no number at all. */
export const isMissing = ({ value }: FigureWords): boolean => value === MISSING

/** A figure as it stands in a table: its number with unit, its interval, and why either is missing. */
export interface FigureWords {
  readonly value: string
  readonly interval: string
  readonly without: string
}

export function figureWords(figure: Figure, isDifference = false): FigureWords {
  const { value, low95, high95, unit, without } = figure
  if (value === null) return { value: MISSING, interval: '', without: without ?? 'not measured' }
  const write = (number: number): string => {
    const text = numberWords(number, unit)
    return isDifference ? signed(text, number) : text
  }
  return {
    value: write(value) + unitWords(unit),
    interval: low95 === null || high95 === null ? '' : formatInterval(write(low95), write(high95)),
    without: without ?? '',
  }
}

/** "5 outlined, 1 nothing here": who is counted by the figures, and who is not. */
export function countsWords({ outlined, nothing, cannotJudge, notRead }: AnswerCounts): string {
  const parts = [
    [outlined, 'outlined'],
    [nothing, 'nothing here'],
    [cannotJudge, 'cannot judge'],
    [notRead, 'not read'],
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`)
  const all = outlined + nothing + cannotJudge + notRead
  return said.length === 0 ? 'Nobody has read it.' : `${formatPlural(all, 'reading')}: ${said.join(', ')}.`
}

/** "+ 38 mm²" is marked by the own reading alone, "− 38 mm²" is left out by it. */
export const differenceWords = ({ kind }: Difference): string =>
  kind === 'only-own' ? 'only you mark it' : 'the others mark it'

export const areaWords = ({ area }: Difference): string =>
  formatSizeWithUnit(area.value, area.unit === 'mm2' ? 'mm²' : 'px²')

/** Before or after anything was shown, and what an outline was started from. */
export function exposureWords({ source, blind, origins, imported }: ComparedReading): string {
  if (source === 'imported') {
    const whose = imported?.isOwn === true ? ', brought in by you' : ''
    return `from a file${whose}${imported?.counts === false ? ', not in the figures' : ''}`
  }
  const read = blind ? 'read blind' : 'read after something was shown'
  const starts = [...new Set(origins.map(({ kind }) => ORIGINS[kind]))]
  return starts.length === 0 ? read : `${read}, started from ${starts.join(' and ')}`
}

const ORIGINS = {
  sample: 'a sample of the model',
  median: 'the model’s median',
  band: 'a band edge of the model',
  peer: 'a peer’s outline',
  consensus: 'a consensus',
} as const
