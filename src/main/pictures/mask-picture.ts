import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { refuse, type Result } from '../../contract'
import { markedPixels, type PictureSamples } from '../../core/image/marked-pixels'
import type { Mask } from '../../core/image/mask'
import { MAX_PICTURE_PIXELS } from './limits'
import { refusedChunks } from './png-chunks'

export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Samples as they are stored: 16 bits stay 16, so that values of 0 and 1 stay apart. */
async function decode(bytes: Uint8Array): Promise<PictureSamples> {
  const open = (): Sharp => sharp(bytes, { limitInputPixels: MAX_PICTURE_PIXELS }).autoOrient()
  const { depth } = await open().metadata()
  const isDeep = depth !== 'uchar'
  const { data, info } = await open()
    .toColourspace(isDeep ? 'rgb16' : 'srgb')
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const samples = isDeep ? new Uint16Array(Uint8Array.from(data).buffer) : data
  return { widthPx: info.width, heightPx: info.height, channels: info.channels, samples }
}

/**
 * A mask from a PNG, GIF or TIFF of this size (null: of any), by the rule of `markedPixels`. Refused: what that rule refuses, `picture-unsupported`
 * what cannot be decoded, `annotation-mismatch` another size than the photograph's.
 */
export async function readMaskPicture(
  bytes: Uint8Array,
  size: PictureSize | null,
  path: string,
): Promise<Result<Mask>> {
  const crowded = refusedChunks(bytes)
  if (crowded !== null) return { ok: false, refusal: { ...crowded, path } }
  let picture: PictureSamples
  try {
    picture = await decode(bytes)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return refuse('picture-unsupported', `The mask cannot be decoded: ${why}`, { path })
  }
  const { widthPx, heightPx } = picture
  if (size !== null && (widthPx !== size.width || heightPx !== size.height)) {
    return refuse(
      'annotation-mismatch',
      `The mask has ${widthPx} × ${heightPx} pixels, the photograph ${size.width} × ${size.height}.`,
      { path, next: 'Choose the mask that was drawn on this photograph, unscaled.' },
    )
  }
  const mask = markedPixels(picture)
  return mask.ok ? mask : { ok: false, refusal: { ...mask.refusal, path } }
}
