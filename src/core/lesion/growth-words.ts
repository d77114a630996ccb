import type { DoublingDays, Growth } from './growth'
import type { GrowthFigures } from '../../contract'
import { formatCount, formatInterval, formatNumber } from '../words/numbers'

/** More days than a person follows a nodule are no figure. */
const MOST_DAYS = 10_000

/** `doubles in 120 days`, `halves in 90 days`, `does not change`. */
function timeWords(days: number): string {
  if (!Number.isFinite(days) || Math.abs(days) > MOST_DAYS) return 'does not change'
  return days > 0
    ? `doubles in ${formatCount(Math.round(days))} days`
    : `halves in ${formatCount(Math.round(-days))} days`
}

/** Doubling time with its ends in words: they may lie on both sides of no change, where a bracket would mislead. */
function doublingWords({ median, fastest, slowest }: DoublingDays, change: Growth['volumeChange']): string {
  const of = change.interval === 'range' ? 'all pairs' : '95 % of pairs'
  const told = `he volume ${timeWords(median)} (${of}: between ${timeWords(fastest)} and ${timeWords(slowest)}).`
  // The median first, or alone, would read as a finding.
  return change.low95 < 0 && change.high95 > 0
    ? `The samples hold both growth and shrinking possible. By the median pair t${told}`
    : `T${told}`
}

const diameterWords = ({ median, low95, high95 }: NonNullable<Growth['meanDiameterChangeMm']>): string => {
  const [middle, low, high] = [median, low95, high95].map((mm) => formatNumber(mm, 1))
  return `The mean diameter changed by ${middle} mm ${formatInterval(low ?? '', high ?? '')}.`
}

/** A growth as it is printed and sent: a time that is not finite is null, and said in words. */
export function growthFigures(growth: Growth): GrowthFigures {
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const { median, fastest, slowest } = growth.doublingDays
  return {
    ...growth,
    doublingDays: { median: finite(median), fastest: finite(fastest), slowest: finite(slowest) },
    words: [...growthWords(growth)],
  }
}

/** A growth as sentences. */
export function growthWords({
  days,
  pairs,
  volumeChange,
  meanDiameterChangeMm,
  beyondRescanShare,
  doublingDays,
}: Growth): readonly string[] {
  const percent = (share: number): string => formatNumber(share * 100, 0)
  const { median, low95, high95 } = volumeChange
  return [
    `In ${formatCount(days)} days the volume changed by ${percent(median)} % ${formatInterval(percent(low95), percent(high95))}, over ${formatCount(pairs)} pairs of samples.`,
    ...(meanDiameterChangeMm === null ? [] : [diameterWords(meanDiameterChangeMm)]),
    doublingWords(doublingDays, volumeChange),
    `${percent(beyondRescanShare)} % of pairs grow by more than the 25 % that scans of one day differ by.`,
  ]
}
