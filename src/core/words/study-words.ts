import { formatDicomDate, formatPlural } from './numbers'

const DAY_MS = 86_400_000
/** Mean lengths of the calendar of today. */
const MONTH_DAYS = 30.436875
const YEAR_MONTHS = 12
/** Up to here days are counted, then weeks, then months, then years. */
const MOST_DAYS = 13
const MOST_WEEKS_DAYS = 60
const MOST_MONTHS = 24

/** Days since the epoch of a DICOM date (YYYYMMDD); null: it is none. */
export function dayOf(date: string): number | null {
  const iso = formatDicomDate(date)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso)) return null
  const at = Date.parse(`${iso}T00:00:00Z`)
  return Number.isNaN(at) ? null : at / DAY_MS
}

/** `5 days`, `6 weeks`, `11 months`, `3 years`: as coarse as one would say it. */
function spanWords(days: number): string {
  if (days <= MOST_DAYS) return formatPlural(days, 'day')
  if (days < MOST_WEEKS_DAYS) return formatPlural(Math.round(days / 7), 'week')
  const months = Math.round(days / MONTH_DAYS)
  return months <= MOST_MONTHS
    ? formatPlural(months, 'month')
    : formatPlural(Math.round(months / YEAR_MONTHS), 'year')
}

/**
 * How a study stands to the one that is read of the same patient (in a list: to the newest), both by their DICOM dates:
 * `prior, 11 months before`, `later, 2 years after`, `the same day`, `date not stated`. Empty for that study itself, or
 * where there is nothing to compare with.
 */
export function priorWords(date: string, readDate: string | null, isRead: boolean): string {
  const [own, read] = [dayOf(date), readDate === null ? null : dayOf(readDate)]
  if (own === null) return 'date not stated'
  if (isRead || read === null) return ''
  if (own === read) return 'the same day'
  return own < read ? `prior, ${spanWords(read - own)} before` : `later, ${spanWords(own - read)} after`
}
