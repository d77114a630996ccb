import { greyLevels } from '../../../core/image/window'
import type { ViewportWindow } from '../viewport-types'
import type { PaintablePixels } from './picture-pixels'

/** Cornerstone's table of grey levels: one entry a stored value from `firstValueMapped` on, 16 bits. */
export interface VoiTable {
  readonly id: string
  readonly firstValueMapped: number
  readonly numBitsPerEntry: number
  readonly lut: readonly number[]
}

/**
 * A window that is no straight line, written out over the stored values of a picture. Cornerstone guesses the depth
 * from the largest entry, so that one more than it looks up stands at the end, with all sixteen bits.
 */
export function voiTable(window: ViewportWindow, paintable: PaintablePixels): VoiTable {
  const { minStored, maxStored, slope, intercept } = paintable
  const levelOf = greyLevels(window)
  const lut: number[] = []
  for (let stored = minStored; stored <= maxStored; stored += 1)
    lut.push(Math.round(levelOf(stored * slope + intercept)) << 8)
  lut.push(0xffff)
  const curve = window.curve?.kind === 'table' ? window.curve.levels : (window.curve?.kind ?? '')
  const id = [window.centre, window.width, minStored, maxStored, slope, intercept, curve].join(' ')
  return { id, firstValueMapped: minStored, numBitsPerEntry: 16, lut }
}
