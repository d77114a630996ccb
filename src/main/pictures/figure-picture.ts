/** What libvips does for figures: the picture below, and what is drawn over it. */
import sharp from 'sharp'
import { accept, refuse, type Result } from '../../contract'
import { openRaw, pngBytes, type RawPicture } from './raw-picture'

export interface PictureSizePx {
  readonly widthPx: number
  readonly heightPx: number
}

/** What lies over a picture. */
export interface Drawing extends PictureSizePx {
  /** An SVG file of the picture and what stands beside it. */
  readonly svg: Uint8Array
  /** Right of the picture, in one colour; null: nothing stands there. */
  readonly beside: { readonly widthPx: number; readonly colour: string } | null
}

/** The picture at another size, as PNG in sRGB. */
export const scaledPicture = (
  picture: RawPicture,
  { widthPx, heightPx }: PictureSizePx,
): Promise<Result<Uint8Array>> =>
  pngBytes(openRaw(picture).resize(widthPx, heightPx, { kernel: 'cubic', fit: 'fill' }).toColourspace('srgb'))

const DIMMED_LIGHT = 0.72
const DIMMED_COLOUR = 0.5

/** The picture at another size, dimmed below a map of its own pixels, as PNG. */
export async function pictureUnderMap(
  picture: RawPicture,
  map: RawPicture,
  { widthPx: width, heightPx: height }: PictureSizePx,
): Promise<Result<Uint8Array>> {
  const size = { width, height, fit: 'fill' } as const
  const over = await openRaw(map)
    .resize({ ...size, kernel: 'nearest' })
    .png()
    .toBuffer()
  const dimmed = await openRaw(picture)
    .resize(size)
    .modulate({ brightness: DIMMED_LIGHT, saturation: DIMMED_COLOUR })
    .png()
    .toBuffer()
  return pngBytes(sharp(dimmed).composite([{ input: over }]))
}

/** A PNG at the size of the drawing, with what lies over and beside it: PNG without transparency. */
export async function drawnPicture(
  png: Uint8Array,
  { widthPx, heightPx, svg, beside }: Drawing,
): Promise<Result<Uint8Array>> {
  const scaled = sharp(png)
    .resize(widthPx, heightPx, { kernel: 'cubic', fit: 'fill' })
    .toColourspace('srgb')
    .removeAlpha()
  const ground =
    beside === null ? scaled : scaled.extend({ right: beside.widthPx, background: beside.colour })
  const below = await ground.png().toBuffer()
  return pngBytes(
    sharp(below)
      .composite([{ input: Buffer.from(svg) }])
      .removeAlpha(),
  )
}

/** Far above the largest figure. */
const MOST_PIXELS = 2 ** 27

/** Decodes a PNG or SVG from end to end. Refused: what gives so much as a warning. */
export async function readsBack(bytes: Uint8Array): Promise<Result<null>> {
  try {
    await sharp(bytes, { failOn: 'warning', limitInputPixels: MOST_PIXELS }).stats()
    return accept(null)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refuse('internal', `The figure did not read back as it was written: ${why}.`)
  }
}
