/** Samples as pictures for other programs: one sheet of all masks, and the variance as a map. */
import sharp from 'sharp'
import { addSamples, mapOf, noMoments, varianceOfSamples } from '../../core/uncertainty/moments'
import type { CollectedRun } from './collect-run'
import { cividis, VARIANCE_MAX } from '../../core/image/data-colours'

const SHEET_COLUMNS = 10

/**
 * All masks of a run on one sheet, ten to a row in sample order, without gaps: sample k begins at column
 * (k mod 10) * width, row floor(k / 10) * height. 0 or 255, PNG of 1 bit.
 */
export async function maskSheet({ masks, grid }: CollectedRun): Promise<Uint8Array> {
  const across = Math.min(SHEET_COLUMNS, masks.length)
  const width = across * grid.widthPx
  const height = Math.ceil(masks.length / across) * grid.heightPx
  const sheet = new Uint8Array(width * height)
  masks.forEach((mask, index) => {
    const left = (index % across) * grid.widthPx
    const top = Math.floor(index / across) * grid.heightPx
    mask.pixels.forEach((pixel, at) => {
      const place = (top + Math.floor(at / grid.widthPx)) * width + left + (at % grid.widthPx)
      sheet[place] = pixel * 255
    })
  })
  const raw = { width, height, channels: 1 } as const
  return new Uint8Array(
    await sharp(sheet, { raw }).toColourspace('b-w').png({ colours: 2, palette: true, dither: 0 }).toBuffer(),
  )
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
export async function varianceMapPicture(run: CollectedRun): Promise<Uint8Array> {
  const { widthPx, heightPx } = run.grid
  const rgba = varianceRgba(varianceOf(run), 255)
  const raw = { width: widthPx, height: heightPx, channels: 4 } as const
  return new Uint8Array(await sharp(rgba, { raw }).png().toBuffer())
}

/** Red, green, blue and alpha of a variance map; alpha is 0 where the variance is 0. */
export function varianceRgba(variance: Float32Array, alpha: number): Uint8Array {
  const rgba = new Uint8Array(variance.length * 4)
  variance.forEach((value, index) => {
    if (value > 0) rgba.set([...cividis(value / VARIANCE_MAX).map(Math.round), alpha], index * 4)
  })
  return rgba
}
