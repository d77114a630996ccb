import type { DoublingDays, Growth } from './growth'
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
const doublingWords = ({ median, fastest, slowest }: DoublingDays): string =>
  `The volume ${timeWords(median)} (95 % of pairs: between ${timeWords(fastest)} and ${timeWords(slowest)}).`

/** A growth as sentences. */
export function growthWords({
  days,
  pairs,
  volumeChange,
  beyondRescanShare,
  doublingDays,
}: Growth): readonly string[] {
  const percent = (share: number): string => formatNumber(share * 100, 0)
  const { median, low95, high95 } = volumeChange
  return [
    `In ${formatCount(days)} days the volume changed by ${percent(median)} % ${formatInterval(percent(low95), percent(high95))}, over ${formatCount(pairs)} pairs of samples.`,
    doublingWords(doublingDays),
    `${percent(beyondRescanShare)} % of pairs grow by more than the 25 % that scans of one day differ by.`,
  ]
}
