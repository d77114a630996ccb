import type { WindowSetting } from '../../contract'
import type { ViewportWindow } from '../viewer/viewport-types'
import { formatPlain, NO_BREAK, THIN_SPACE } from '../../core/words/numbers'

/** Windows on the digit keys 1 to 9: width and level in HU (the values most viewers agree on; nodules are sized in the lung window, Lung-RADS v2022). */
export const WINDOW_PRESETS: readonly WindowSetting[] = [
  { label: 'soft tissue', width: 400, centre: 40 },
  { label: 'lung', width: 1500, centre: -600 },
  { label: 'liver', width: 150, centre: 60 },
  { label: 'bone', width: 2000, centre: 400 },
  { label: 'brain', width: 80, centre: 40 },
  { label: 'abdomen', width: 400, centre: 50 },
  { label: 'subdural', width: 200, centre: 75 },
  { label: 'stroke', width: 40, centre: 40 },
  { label: 'temporal bone', width: 2800, centre: 600 },
]

/** Windows are written without a thin space, as on every scanner: `1500`, `−600`. */
const level = (value: number): string => formatPlain(value, 1).replaceAll(THIN_SPACE, '')

/** `W 1500 L −600`; a curve is named, since the two numbers do not tell it. */
export function windowWords({ centre, width, curve }: ViewportWindow): string {
  if (curve?.kind === 'table') return 'lookup table'
  const words = `W${NO_BREAK}${level(width)}${NO_BREAK} L${NO_BREAK}${level(centre)}`
  return curve === undefined ? words : `${words}, sigmoid`
}

/** True for the window that is shown: the same numbers and the same curve. */
export const isSameWindow = (window: ViewportWindow, shown: ViewportWindow | null): boolean =>
  window.centre === shown?.centre && window.width === shown.width && window.curve === shown.curve
