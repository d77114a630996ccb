import type { Warning } from '../../contract'
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
