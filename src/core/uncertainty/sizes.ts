import type { Grid, PixelSpacing, Sizes } from '../../contract'
import { longestDiameter } from '../contour/polygon'
import { traceMask } from '../contour/trace'
import type { Mask } from '../image/mask'
import { sizeDistribution } from './intervals'

/**
 * Sizes of one mask. Area: pixels set times the area of a pixel; holes are not counted. Equivalent diameter: of the
 * disc of that area. Longest diameter: between two points of the outline of one connected piece (outline half way
 * between pixel centres; pieces that touch only at corners are separate), so that a stray piece elsewhere does not
 * stretch it; holes do not matter.
 */
export interface MaskSizes {
  readonly area: number
  readonly equivalentDiameter: number
  readonly longestDiameter: number
}

/** Distance between the centres of neighbouring mask pixels, in mm, or in pixels of the original image where no spacing is known. */
export interface PixelSize {
  readonly unit: 'mm' | 'px'
  readonly betweenColumns: number
  readonly betweenRows: number
}

/** Pixel size of a grid: its steps, in mm where the image's spacing is known. */
export function pixelSizeOf(
  grid: Pick<Grid, 'columnStep' | 'rowStep'>,
  spacingMm: PixelSpacing | null,
): PixelSize {
  return {
    unit: spacingMm === null ? 'px' : 'mm',
    betweenColumns: grid.columnStep * (spacingMm?.column ?? 1),
    betweenRows: grid.rowStep * (spacingMm?.row ?? 1),
  }
}

/** Sizes of a mask in the unit of its pixel size; null for an empty one (no size is not size zero). */
export function sizesOfMask(mask: Mask, pixelCount: number, pixel: PixelSize): MaskSizes | null {
  if (pixelCount === 0) return null
  const area = pixelCount * pixel.betweenColumns * pixel.betweenRows
  return {
    area,
    equivalentDiameter: 2 * Math.sqrt(area / Math.PI),
    longestDiameter: longestDiameter(traceMask(mask), { x: pixel.betweenColumns, y: pixel.betweenRows }),
  }
}

/**
 * Distributions of the sizes of samples (null for an empty one) with that many pixels, in mm where the pixel size is
 * in mm and else in px. `fieldPixelCount`: grid pixels of a photograph's field of view, for the share of it; null
 * where there is none.
 */
export function sizesOfSamples(
  each: readonly (MaskSizes | null)[],
  pixelCounts: Uint32Array,
  pixel: PixelSize,
  fieldPixelCount: number | null,
): Sizes {
  const area = sizeDistribution(each.map((sizes) => sizes?.area ?? null))
  const equivalent = sizeDistribution(each.map((sizes) => sizes?.equivalentDiameter ?? null))
  const longest = sizeDistribution(each.map((sizes) => sizes?.longestDiameter ?? null))
  const shares =
    fieldPixelCount === null
      ? {}
      : {
          shareOfField: sizeDistribution(
            Array.from(pixelCounts, (count) => (count === 0 ? null : count / fieldPixelCount)),
          ),
        }
  return pixel.unit === 'mm'
    ? { areaMm2: area, equivalentDiameterMm: equivalent, longestDiameterMm: longest, ...shares }
    : { areaPx: area, equivalentDiameterPx: equivalent, longestDiameterPx: longest, ...shares }
}
