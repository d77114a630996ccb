import type { PixelSpacing, Sizes } from '../../contract'
import { fromBase64 } from '../../core/image/base64'
import { unpackMask } from '../../core/image/mask'
import { sizeDistribution } from '../../core/uncertainty/intervals'
import { type Presence, presenceOf } from '../../core/uncertainty/presence'
import { pixelSizeOf, sizesOfMask, sizesOfSamples } from '../../core/uncertainty/sizes'
import { clickedPlace } from '../../core/subject/subject'
import { kindOf } from '../../core/subject/subject-kinds'
import type { RunSnapshot } from './run-snapshot'

export interface SizesSoFar {
  readonly sizes: Sizes
  readonly presence: Presence
}

/** Sizes of the samples that a stopped run kept, by the same rules as the report of a finished one. */
export function sizesSoFar(run: RunSnapshot, spacingMm: PixelSpacing | null): SizesSoFar | null {
  const { grid } = run
  if (grid === null || run.masks.length === 0) return null
  const masks = run.masks.map((packed) => unpackMask(packed, grid.widthPx, grid.heightPx))
  const field =
    run.fieldOfView === null
      ? null
      : unpackMask(fromBase64(run.fieldOfView), grid.widthPx, grid.heightPx).pixels
  const counts = Uint32Array.from(masks, (mask) =>
    mask.pixels.reduce((sum, pixel, at) => sum + (pixel & (field === null ? 1 : (field[at] ?? 0))), 0),
  )
  const place = clickedPlace(run.request.target)
  const presence = presenceOf(masks, counts, grid, place)
  const pixel = pixelSizeOf(grid, spacingMm)
  if (kindOf(run.request.target).sizedBy === 'diameter') {
    const each = masks.map((mask, at) => sizesOfMask(mask, counts[at] ?? 0, pixel))
    return { sizes: sizesOfSamples(each, counts, pixel, null), presence }
  }
  // Outlines of whole photographs are not traced here: only their shares and areas are shown.
  const fieldCount = field === null ? null : field.reduce((sum, inside) => sum + inside, 0)
  const perCount = (unit: number): (number | null)[] =>
    Array.from(counts, (count) => (count === 0 ? null : count * unit))
  return {
    presence,
    sizes: {
      areaPx: sizeDistribution(perCount(pixel.betweenColumns * pixel.betweenRows)),
      ...(fieldCount === null ? {} : { shareOfField: sizeDistribution(perCount(1 / fieldCount)) }),
    },
  }
}
