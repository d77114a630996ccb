import { accept, refuse } from '../../contract'
import type { Grid, Intensity, Result, Warning } from '../../contract'
import type { ImagePoint } from '../geometry/image-point'
import type { Mask } from '../image/mask'
import { paddingRange, type StatedPadding } from '../image/padding'
import { cropAround } from './crop'

/** What the encoder reads: planar [C, H, W] float32, and where the logits that come of it lie in the image. */
export interface ModelInput {
  readonly values: Float32Array
  readonly channels: number
  readonly heightPx: number
  readonly widthPx: number
  /** Without the padding that fills the network's multiple: it may be smaller than the input. */
  readonly grid: Grid
  /** On the grid; null: everything counts. */
  readonly fieldOfView: Mask | null
  readonly warnings: readonly Warning[]
}

/** One slice: value = slope * stored + intercept, row by row from the top left. */
export interface GreyFrame extends StatedPadding {
  readonly widthPx: number
  readonly heightPx: number
  readonly stored: ArrayLike<number>
  readonly slope: number
  readonly intercept: number
}

/** A square crop on whole pixels and how its values become the network's. */
export interface CropInput {
  readonly sizePx: number
  readonly intensity: Exclude<Intensity, { readonly kind: 'channelStats' }>
}

/**
 * Nothing in or around a body is below this: air is -1000 HU. Scanners fill what lies outside the scan circle with
 * -2000, -2048 or -3024 HU, and the tag that should say so is wrong in real series (LIDC-IDRI-0001).
 */
export const PADDING_BELOW_HU = -1500

interface Span {
  readonly low: number
  readonly high: number
  readonly paddingCount: number
  readonly outsideCount: number
}

/**
 * The square of `sizePx` native pixels around a point, intensities mapped. Its origin is round(centre) - size / 2.
 * What lies outside the image or the scan circle becomes the low end and is told by a warning. Refused: a centre
 * outside the image, a neighbourhood without one scanned pixel.
 */
export function cropForModel(frame: GreyFrame, centre: ImagePoint, input: CropInput): Result<ModelInput> {
  const column = Math.round(centre.column)
  const row = Math.round(centre.row)
  if (!(column >= 0 && column < frame.widthPx && row >= 0 && row < frame.heightPx)) {
    return refuse(
      'request-invalid',
      `The point (${centre.column}, ${centre.row}) lies outside the image of ${frame.widthPx} × ${frame.heightPx} px.`,
      { next: 'Choose a point on the image.' },
    )
  }
  const { intensity, sizePx } = input
  const crop = cropAround(centre, sizePx)
  const context = intensity.kind === 'cropMinMax' ? cropAround(centre, intensity.contextPx) : crop
  const seen = spanOf(frame, context)
  if (seen.low > seen.high) {
    return refuse('request-invalid', 'There is nothing scanned around this point, only padding.', {
      next: 'Choose a point inside the scanned circle.',
    })
  }
  const ends = intensity.kind === 'huWindow' ? windowEnds(intensity) : seen
  return accept({
    values: mapped(frame, crop, ends),
    channels: 1,
    heightPx: sizePx,
    widthPx: sizePx,
    grid: crop,
    fieldOfView: null,
    warnings: cropWarnings(seen, context.widthPx),
  })
}

const windowEnds = (window: {
  readonly centreHu: number
  readonly widthHu: number
}): Pick<Span, 'low' | 'high'> => ({
  low: window.centreHu - window.widthHu / 2,
  high: window.centreHu + window.widthHu / 2,
})

/** HU at a pixel; NaN outside the image or the scan circle. */
function valueHu(frame: GreyFrame, column: number, row: number): number {
  if (column < 0 || row < 0 || column >= frame.widthPx || row >= frame.heightPx) return Number.NaN
  const stored = frame.stored[row * frame.widthPx + column] ?? Number.NaN
  const value = frame.slope * stored + frame.intercept
  const padding = paddingRange(frame)
  const isPadding = padding !== null && stored >= padding.least && stored <= padding.most
  return isPadding || value <= PADDING_BELOW_HU ? Number.NaN : value
}

function spanOf(frame: GreyFrame, crop: Grid): Span {
  let low = Infinity
  let high = -Infinity
  let paddingCount = 0
  let outsideCount = 0
  for (let row = crop.originRow; row < crop.originRow + crop.heightPx; row += 1) {
    for (let column = crop.originColumn; column < crop.originColumn + crop.widthPx; column += 1) {
      const value = valueHu(frame, column, row)
      if (Number.isNaN(value)) {
        const inImage = column >= 0 && row >= 0 && column < frame.widthPx && row < frame.heightPx
        if (inImage) paddingCount += 1
        else outsideCount += 1
      } else {
        low = Math.min(low, value)
        high = Math.max(high, value)
      }
    }
  }
  return { low, high, paddingCount, outsideCount }
}

/** (value - low) / (high - low), kept within 0..1; padding is 0; a flat neighbourhood is all 0. */
function mapped(frame: GreyFrame, crop: Grid, ends: Pick<Span, 'low' | 'high'>): Float32Array {
  const values = new Float32Array(crop.widthPx * crop.heightPx)
  const range = ends.high - ends.low
  for (let row = 0; row < crop.heightPx; row += 1) {
    for (let column = 0; column < crop.widthPx; column += 1) {
      const value = valueHu(frame, crop.originColumn + column, crop.originRow + row)
      const share = Number.isNaN(value) || range <= 0 ? 0 : (value - ends.low) / range
      values[row * crop.widthPx + column] = Math.min(Math.max(share, 0), 1)
    }
  }
  return values
}

function cropWarnings(seen: Span, sizePx: number): Warning[] {
  const warnings: Warning[] = []
  const share = (count: number): string => `${Math.max(1, Math.round((100 * count) / (sizePx * sizePx)))} %`
  if (seen.outsideCount > 0) {
    warnings.push({
      code: 'crop-at-border',
      text: `The neighbourhood of ${sizePx} px reaches over the edge of the image (${share(seen.outsideCount)} of it). The model has not learned from such crops.`,
    })
  }
  if (seen.paddingCount > 0) {
    warnings.push({
      code: 'crop-over-padding',
      text: `Part of the neighbourhood (${share(seen.paddingCount)}) lies outside the scanned circle and was left out of the intensity range.`,
    })
  }
  if (seen.low === seen.high) {
    warnings.push({ code: 'crop-constant', text: 'All scanned pixels around this point have one value.' })
  }
  return warnings
}
