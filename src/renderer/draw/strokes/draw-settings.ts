import { reactive } from 'vue'
import type { PixelSpacing } from '../../../contract'
import type { ValueRange } from '../../../core/contour/brush'
import { discOfMm, discOfPx, type DiscPx } from '../../../core/contour/slice-mask'

export type DrawTool = 'brush' | 'erase' | 'polygon' | 'wire' | 'fill'

/** How the tools draw. A diameter is in millimetres where the spacing is known, else in pixels. */
export interface DrawSettings {
  tool: DrawTool
  diameter: number
  /** The brush keeps to values like those it started on. */
  followEdges: boolean
  /** A stroke leaves no more pieces than there were. */
  onePiece: boolean
  /** Brush and fill take only values in the limits. */
  limited: boolean
  /** HU of a CT, else the values of the picture; green of a photograph. */
  limits: ValueRange
}

/** Soft tissue and what is denser: what a nodule is outlined against lung. */
const CT_LIMITS: ValueRange = { low: -400, high: 300 }
const OTHER_LIMITS: ValueRange = { low: 0, high: 255 }

export const createDrawSettings = (isCt: boolean): DrawSettings =>
  reactive({
    tool: 'brush',
    diameter: isCt ? 4.8 : 12,
    followEdges: false,
    onePiece: false,
    limited: false,
    limits: isCt ? CT_LIMITS : OTHER_LIMITS,
  })

const STEP = 1.25
export const LEAST_DIAMETER = 0.5
const MOST_DIAMETER = 200

/** To one decimal and within what a brush can be; null for what is no number. */
export const heldDiameter = (diameter: number): number | null =>
  Number.isFinite(diameter)
    ? Math.min(MOST_DIAMETER, Math.max(LEAST_DIAMETER, Math.round(10 * diameter) / 10))
    : null

/** The next size up or down. */
export function resizeBrush(settings: DrawSettings, direction: 1 | -1): void {
  const next = direction === 1 ? settings.diameter * STEP : settings.diameter / STEP
  settings.diameter = heldDiameter(next) ?? settings.diameter
}

export const brushDisc = ({ diameter }: DrawSettings, spacingMm: PixelSpacing | null): DiscPx =>
  spacingMm === null ? discOfPx(diameter / 2) : discOfMm(diameter / 2, spacingMm)

export const brushWords = ({ diameter }: DrawSettings, spacingMm: PixelSpacing | null): string =>
  `${diameter.toFixed(1)} ${spacingMm === null ? 'px' : 'mm'}`
