import { reactive } from 'vue'
import type { PixelSpacing } from '../../contract'
import { discOfMm, discOfPx, type DiscPx } from '../../core/contour/slice-mask'

export type DrawTool = 'brush' | 'erase' | 'polygon'

/** How the tools draw. A diameter is in millimetres where the spacing is known, else in pixels. */
export interface DrawSettings {
  tool: DrawTool
  diameter: number
  /** The brush keeps to values like those it started on. */
  followEdges: boolean
  /** A stroke leaves no more pieces than there were. */
  onePiece: boolean
}

export const createDrawSettings = (hasSpacing: boolean): DrawSettings =>
  reactive({ tool: 'brush', diameter: hasSpacing ? 4.8 : 12, followEdges: false, onePiece: false })

const STEP = 1.25
const LEAST = 0.5
const MOST = 200

/** The next size up or down, to one decimal. */
export function resizeBrush(settings: DrawSettings, direction: 1 | -1): void {
  const next = direction === 1 ? settings.diameter * STEP : settings.diameter / STEP
  settings.diameter = Math.min(MOST, Math.max(LEAST, Math.round(10 * next) / 10))
}

export const brushDisc = ({ diameter }: DrawSettings, spacingMm: PixelSpacing | null): DiscPx =>
  spacingMm === null ? discOfPx(diameter / 2) : discOfMm(diameter / 2, spacingMm)

export const brushWords = ({ diameter }: DrawSettings, spacingMm: PixelSpacing | null): string =>
  `${diameter.toFixed(1)} ${spacingMm === null ? 'px' : 'mm'}`
