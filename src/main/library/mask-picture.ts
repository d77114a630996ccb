import sharp from 'sharp'
import { accept, refuse, type Result } from '../../contract'
import type { Mask } from '../../core/image/mask'

/** A grey value above this is set. Right for pictures of 1 bit, of 0 and 255, and for palettes whose indices are 0 and 1. */
const THRESHOLD = 127
/** Far above any photograph of an eye; keeps a hostile file from filling the memory. */
const MAX_MASK_PIXELS = 120_000_000

export interface PictureSize {
  readonly width: number
  readonly height: number
}

/**
 * A mask from a PNG, GIF or TIFF: colours to grey, then a threshold (never palette indices). Refused:
 * `picture-unsupported` what cannot be decoded, `annotation-mismatch` another size than the photograph's.
 */
export async function readMaskPicture(
  bytes: Uint8Array,
  size: PictureSize,
  path: string,
): Promise<Result<Mask>> {
  let grey: { readonly data: Uint8Array; readonly info: { readonly width: number; readonly height: number } }
  try {
    grey = await sharp(bytes, { limitInputPixels: MAX_MASK_PIXELS })
      .autoOrient()
      .flatten({ background: '#000000' })
      .toColourspace('b-w')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refuse('picture-unsupported', `The mask cannot be decoded: ${why}`, { path })
  }
  const { width, height } = grey.info
  if (width !== size.width || height !== size.height) {
    return refuse(
      'annotation-mismatch',
      `The mask has ${width} × ${height} pixels, the photograph ${size.width} × ${size.height}.`,
      { path, next: 'Choose the mask that was drawn on this photograph, unscaled.' },
    )
  }
  const pixels = Uint8Array.from(grey.data, (value) => (value > THRESHOLD ? 1 : 0))
  return accept({ widthPx: width, heightPx: height, pixels })
}
