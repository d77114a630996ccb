import { accept, refuse, type Result, type Warning } from '../../contract'
import type { ExchangeReading } from './exchange-reading'

/** Readings laid onto an image, and what is to be said of them. */
export interface PlacedReadings {
  readonly readings: readonly ExchangeReading[]
  readonly warnings: readonly Warning[]
}

/** Of a format in which a file holds one reading. */
export interface PlacedReading {
  readonly reading: ExchangeReading
  readonly warnings: readonly Warning[]
}

/** Labels are named up to here. */
const MOST_NAMED = 3

const quoted = (labels: readonly string[]): string => {
  const more = labels.length - MOST_NAMED
  const named = labels.slice(0, MOST_NAMED).map((label) => `“${label}”`)
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/**
 * The readings without those that mark no pixel though their reader outlined something (`outlined`: labels by reader):
 * who drew beside the image did not say that there is nothing. Each is named in a warning; refused where all of them go.
 */
export function withoutUnmarked(
  { readings, warnings }: PlacedReadings,
  outlined: ReadonlyMap<string, readonly string[]>,
): Result<PlacedReadings> {
  const labelsOf = ({ reader }: ExchangeReading): readonly string[] => outlined.get(reader) ?? []
  const isUnmarked = (one: ExchangeReading): boolean =>
    labelsOf(one).length > 0 && one.structures.every(({ slices }) => slices.length === 0)
  const left = readings.filter(isUnmarked)
  if (left.length === 0) return accept({ readings, warnings })
  if (left.length === readings.length) {
    const labels = quoted([...new Set(left.flatMap(labelsOf))])
    const reason = `The outlines of ${labels} enclose no pixel of the image: they lie outside of it, or no pixel’s centre lies in them.`
    return refuse('annotation-mismatch', reason, { next: 'Open the image that they were drawn on.' })
  }
  const said = left.map((one): Warning => {
    const text = `The reading of “${one.reader}” was left out: its outlines (${quoted(labelsOf(one))}) enclose no pixel of the image.`
    return { code: 'reading-left-out', text }
  })
  return accept({ readings: readings.filter((one) => !isUnmarked(one)), warnings: [...warnings, ...said] })
}
