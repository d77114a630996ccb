/** Samples as pictures for other programs: one sheet of all masks, and the variance as a map. */
import { writePngMask } from '../../core/files/png-file'
import type { RawPicture } from '../pictures/raw-picture'
import { addSamples, mapOf, noMoments, varianceOfSamples } from '../../core/uncertainty/moments'
import type { CollectedRun } from './collect-run'
import { cividis, VARIANCE_MAX } from '../../core/image/data-colours'

const SHEET_COLUMNS = 10

/**
 * All masks of a run on one sheet, ten to a row in sample order, without gaps: sample k begins at column
 * (k mod 10) * width, row floor(k / 10) * height. 0 or 255, PNG of 1 bit.
 */
export function maskSheet({ masks, grid }: CollectedRun): Uint8Array {
  const across = Math.min(SHEET_COLUMNS, masks.length)
  const widthPx = across * grid.widthPx
  const heightPx = Math.ceil(masks.length / across) * grid.heightPx
  const pixels = new Uint8Array(widthPx * heightPx)
  masks.forEach((mask, index) => {
    const left = (index % across) * grid.widthPx
    const top = Math.floor(index / across) * grid.heightPx
    for (let row = 0; row < grid.heightPx; row += 1) {
      const from = row * grid.widthPx
      pixels.set(mask.pixels.subarray(from, from + grid.widthPx), (top + row) * widthPx + left)
    }
  })
  return writePngMask({ widthPx, heightPx, pixels }, {})
}

/** Variance of the samples at each pixel of the grid, 0..0.25. */
export function varianceOf({ masks, grid }: CollectedRun): Float32Array {
  const none = noMoments(grid.widthPx * grid.heightPx)
  return mapOf(
    addSamples(
      none,
      masks.map((mask) => mask.pixels),
    ),
    varianceOfSamples,
  )
}

/** The variance in cividis over 0..0.25, one pixel a pixel of the grid, clear where all samples agree. */
export function varianceMap(run: CollectedRun, alpha: number): RawPicture {
  const { widthPx, heightPx } = run.grid
  const variance = varianceOf(run)
  const pixels = new Uint8Array(variance.length * 4)
  variance.forEach((value, index) => {
    if (value > 0) pixels.set([...cividis(value / VARIANCE_MAX).map(Math.round), alpha], index * 4)
  })
  return { pixels, widthPx, heightPx, channels: 4 }
}
