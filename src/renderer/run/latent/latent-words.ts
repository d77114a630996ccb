import type { LatentDirection } from '../../../contract'
import { formatCount, formatNumber, formatSizeWithUnit, MINUS, NO_BREAK } from '../../../core/words/numbers'

/** Below this change of the outline from one standard deviation to the other a direction is called idle. */
const IDLE_BELOW = 0.02

/** How the area of an outline is told: in what the run's sizes are told in. */
export interface AreaScale {
  /** Of one grid pixel; null: the file states no spacing. */
  readonly pixelMm2: number | null
  /** Grid pixels in the field of view of a photograph; null of a slice. */
  readonly fieldPx: number | null
}

/** "312 mm²", "8.1 % of the field", "420 px²"; nothing where nothing is drawn. */
export function areaWords(areaPx: number, { pixelMm2, fieldPx }: AreaScale): string {
  if (areaPx === 0) return 'no outline'
  if (fieldPx !== null) return `${formatNumber((100 * areaPx) / fieldPx, 1)}${NO_BREAK}% of the field`
  return pixelMm2 === null ? formatSizeWithUnit(areaPx, 'px²') : formatSizeWithUnit(areaPx * pixelMm2, 'mm²')
}

export const isIdle = ({ outlineChange }: LatentDirection): boolean => outlineChange < IDLE_BELOW

/** What a direction does: "moves 34 % of the outline: 210 mm² to 420 mm²". */
export function directionWords(one: LatentDirection, scale: AreaScale): string {
  if (isIdle(one)) return 'moves next to nothing here'
  const share = `${formatNumber(100 * one.outlineChange, 0)}${NO_BREAK}%`
  return `moves ${share} of the outline: ${areaWords(one.areaBelowPx, scale)} to ${areaWords(one.areaAbovePx, scale)}`
}

/** A coordinate in standard deviations: "−1.2". */
export const sdWords = (value: number): string =>
  value === 0 ? '0' : `${value < 0 ? MINUS : '+'}${formatNumber(Math.abs(value), 1)}`

/**
 * How far out a place of two directions lies, by draws: the share of a normal in the plane that lies farther out is
 * exp(-r² / 2) (Rayleigh's distribution).
 */
export function fartherOutWords(x: number, y: number): string {
  const inHundred = Math.round(100 * Math.exp(-(x * x + y * y) / 2))
  if (inHundred >= 100) return 'The middle of the latent'
  const count = inHundred < 1 ? 'fewer than 1' : formatCount(inHundred)
  return `Of 100 draws ${count} lie farther out`
}
