import { type Spread, spreadOf } from '../uncertainty/intervals'

/** One lesion at one date, as its samples drew it; null for a sample that draws none of it. */
export interface DatedLesion {
  readonly volumesMm3: readonly (number | null)[]
  readonly meanDiametersMm: readonly (number | null)[]
}

/** Days until the volume has doubled; `Infinity` where it does not change, below 0 where it halves in so many days. */
export interface DoublingDays {
  /** Of the median rate of growth. */
  readonly median: number
  /** Of the fastest and the slowest growth that the middle 95 % of pairs hold possible. */
  readonly fastest: number
  readonly slowest: number
}

export interface Growth {
  readonly days: number
  /** Pairs of samples that both draw the lesion. */
  readonly pairs: number
  /** Later volume less earlier one, as a share of the earlier one. */
  readonly volumeChange: Spread
  readonly meanDiameterChangeMm: Spread | null
  readonly doublingDays: DoublingDays
  /** Share of pairs whose later volume is larger, and larger by more than same-day scans differ. */
  readonly growingShare: number
  readonly beyondRescanShare: number
}

/**
 * Volume of the same nodule scanned twice on one day differs by up to a quarter (MacMahon et al. 2017; Eur Radiol 2021,
 * s00330-021-08302-0): less is no growth.
 */
export const RESCAN_SHARE = 0.25

/** The rate in doublings a day as days: ln 2 / rate, of a rate that is in doublings already. */
const daysOf = (doublingsADay: number): number => (doublingsADay === 0 ? Infinity : 1 / doublingsADay)

function pairsOf(
  earlier: readonly (number | null)[],
  later: readonly (number | null)[],
): readonly (readonly [number, number])[] {
  const drawn = (values: readonly (number | null)[]): number[] =>
    values.filter((value) => value !== null && value > 0).map(Number)
  const [first, second] = [drawn(earlier), drawn(later)]
  return first.flatMap((before) => second.map((after) => [before, after] as const))
}

/**
 * Growth between two dates, over every pair of a sample of one date and a sample of the other: what one reading of the
 * earlier scan and another reading of the later one would say. Volume doubling time is t ln 2 / ln (V2 / V1) (Schwartz,
 * Cancer 1961;14:1272), taken of rates, since time itself jumps from plus to minus infinity where nothing grows. null
 * where one date has no volume. `days` is more than 0.
 */
export function growthBetween(earlier: DatedLesion, later: DatedLesion, days: number): Growth | null {
  const volumes = pairsOf(earlier.volumesMm3, later.volumesMm3)
  const change = spreadOf(volumes.map(([before, after]) => after / before - 1))
  const rate = spreadOf(volumes.map(([before, after]) => Math.log2(after / before) / days))
  if (change === null || rate === null) return null
  const diameters = pairsOf(earlier.meanDiametersMm, later.meanDiametersMm)
  const share = (isSo: (ratio: number) => boolean): number =>
    volumes.filter(([before, after]) => isSo(after / before)).length / volumes.length
  return {
    days,
    pairs: volumes.length,
    volumeChange: change,
    meanDiameterChangeMm: spreadOf(diameters.map(([before, after]) => after - before)),
    doublingDays: {
      median: daysOf(rate.median),
      fastest: daysOf(rate.high95),
      slowest: daysOf(rate.low95),
    },
    growingShare: share((ratio) => ratio > 1),
    beyondRescanShare: share((ratio) => ratio > 1 + RESCAN_SHARE),
  }
}
