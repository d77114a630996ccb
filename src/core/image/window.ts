/** Windows: from values after rescale to grey levels. PS3.3 C.11.2. */
import type { WindowCurve, WindowSetting } from '../../contract'
import { fromBase64 } from './base64'

export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID'

/** The window in which a chest CT is read when its header gives none; the page sets it by key 2. */
export const LUNG_WINDOW: WindowSetting = { centre: -600, width: 1500, label: 'lung' }
/** The window of soft tissue. */
export const SOFT_TISSUE_WINDOW: WindowSetting = { centre: 40, width: 400, label: 'soft tissue' }
const BRAIN_WINDOW: WindowSetting = { centre: 40, width: 80, label: 'brain' }

/** Grey level 0..1 of a value through a window; the three functions of C.11.2.1.2.1 and C.11.2.1.3. */
export function windowLevel(
  value: number,
  centre: number,
  width: number,
  how: VoiFunction = 'LINEAR',
): number {
  if (how === 'SIGMOID') return 1 / (1 + Math.exp((-4 * (value - centre)) / width))
  const [c, w] = how === 'LINEAR' ? [centre - 0.5, width - 1] : [centre, width]
  if (value <= c - w / 2) return 0
  return value > c + w / 2 ? 1 : (value - c) / w + 0.5
}

interface GreyWindow {
  readonly centre: number
  readonly width: number
  readonly curve?: WindowCurve | undefined
}

/** The grey level 0..255, not rounded, of each value through a window; black for what is no number. */
export function greyLevels({ centre, width, curve }: GreyWindow): (value: number) => number {
  if (curve?.kind === 'table') {
    const levels = fromBase64(curve.levels)
    const last = levels.length - 1
    return (value) => {
      const at = Math.round(value) - curve.first
      return levels[at < 0 ? 0 : at > last ? last : at] ?? 0
    }
  }
  const how = curve === undefined ? 'LINEAR' : 'SIGMOID'
  return (value) => {
    const level = windowLevel(value, centre, width, how)
    return Number.isNaN(level) ? 0 : 255 * level
  }
}

/** The function that a file names; LINEAR where it names none. */
export const voiFunction = (name: string): VoiFunction =>
  name === 'SIGMOID' || name === 'LINEAR_EXACT' ? name : 'LINEAR'

/** The window of a CT by body part, where the header gives none that can be used. */
export function windowForCt(bodyPart: string): WindowSetting {
  const part = bodyPart.toUpperCase()
  if (/CHEST|LUNG|THORAX/.test(part)) return LUNG_WINDOW
  return /HEAD|BRAIN|SKULL/.test(part) ? BRAIN_WINDOW : SOFT_TISSUE_WINDOW
}

/** A window that spans the values from `least` to `most`. */
export function windowOver(least: number, most: number): WindowSetting {
  return { centre: (least + most + 1) / 2, width: Math.max(1, most - least + 1), label: 'all values' }
}
