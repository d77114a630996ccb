/** Photographs by libvips: PNG, JPEG, TIFF, GIF; turned as their EXIF says, in sRGB, 8 bits a channel. */
import { basename } from 'node:path'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { PICTURE_TURNED, refuse } from '../../contract'
import { blackWarnings } from '../../core/image/almost-black'
import { CMYK_WARNING } from '../../core/sampling/photograph-fit'
import { rgbDescription, type SliceBody } from '../../core/image/slice-body'
import { EYE_DOUBTED } from '../../core/dicom/stated-eye'
import { eyeInName } from '../../core/subject/eyes'
import type { ImageSummary, Result, Warning } from '../../contract'
import { MAX_PICTURE_PIXELS, PICTURE_LIMIT_SECONDS } from './limits'
import { refusedChunks } from './png-chunks'
import { openRaw, pngBytes, type RawPicture } from './raw-picture'
import { decodeSpecial, isSpecial, plainPage, shownPage, type ShownPixels } from './tiff-picture'

/** Long side of a thumbnail. */
export const THUMBNAIL_PX = 256

const FORMATS = new Set(['png', 'jpeg', 'tiff', 'gif'])

/** A file, or bytes out of an archive. */
export type PictureInput = string | Uint8Array

const open = (input: PictureInput, page = 0): Sharp =>
  sharp(input, { limitInputPixels: MAX_PICTURE_PIXELS, failOn: 'error', pages: 1, page }).timeout({
    seconds: PICTURE_LIMIT_SECONDS,
  })

const bitsOf = (depth: string | undefined): number => {
  if (depth === 'ushort' || depth === 'short') return 16
  return depth === 'uint' || depth === 'int' || depth === 'float' ? 32 : 8
}

const refused = (path: string, error: unknown): Result<never> => {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
  const isLarge = /pixel limit/i.test(message)
  if (isLarge)
    return refuse('pixels-too-large', `The picture has more than ${MAX_PICTURE_PIXELS} pixels.`, { path })
  return refuse('picture-unsupported', `The picture cannot be read: ${message}`, {
    path,
    next: 'Save it again as PNG, JPEG or TIFF.',
  })
}

/** Of PhotometricInterpretation. */
const PALETTE = 3

/** A picture decoded to 8-bit RGB, as a browser would show it on black. */
async function decode(input: PictureInput): Promise<ShownPixels> {
  const page = shownPage(input)
  if (page?.page.photometric === PALETTE && !page.page.hasColourMap)
    throw new Error('its pixels are numbers of a palette (photometric 3), and the file has no ColorMap.')
  const { depth, channels } = await open(input, page?.index).metadata()
  const told = page ?? plainPage(channels, depth)
  if (isSpecial(told, depth)) return decodeSpecial((index) => open(input, index).autoOrient(), told, depth)
  const { data, info } = await open(input, page?.index)
    .autoOrient()
    .toColourspace('srgb')
    .flatten({ background: '#000' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const rgb = info.channels === 3 ? Uint8Array.from(bytes) : greyToRgb(bytes, info.channels)
  return { widthPx: info.width, heightPx: info.height, rgb, warnings: [] }
}

/** What a picture is. Its pixels are decoded once, so that what is listed can be shown. */
export async function describePhotograph(
  imageId: string,
  path: string,
  input: PictureInput,
): Promise<Result<ImageSummary>> {
  try {
    const crowded = refusedChunks(input)
    if (crowded !== null) return { ok: false, refusal: { ...crowded, path } }
    const page = shownPage(input)
    const found = await open(input, page?.index).metadata()
    const { width, height } = found.autoOrient
    if (!FORMATS.has(found.format) || !(width > 0) || !(height > 0))
      return refuse('picture-unsupported', `Pictures of the kind ${found.format} are not opened.`, {
        path,
        next: 'Save it as PNG, JPEG or TIFF.',
      })
    if (width * height > MAX_PICTURE_PIXELS) return refused(path, new Error('pixel limit'))
    const bitsPerChannel = bitsOf(found.depth)
    const warnings: Warning[] = []
    if (bitsPerChannel > 8)
      warnings.push({ code: 'picture-depth', text: `${bitsPerChannel} bits a channel are shown in 8.` })
    if ((found.pages ?? 1) > 1)
      warnings.push({
        code: 'picture-pages',
        text: `Page ${(page?.index ?? 0) + 1} of ${found.pages ?? 1} is shown.`,
      })
    if ((found.orientation ?? 1) > 1)
      warnings.push({
        code: PICTURE_TURNED,
        text: `Shown turned or mirrored, as the file says (EXIF orientation ${found.orientation ?? 1}).`,
      })
    if (found.space === 'cmyk') warnings.push(CMYK_WARNING)
    const decoded = await decode(input)
    warnings.push(...decoded.warnings, ...blackWarnings(decoded.rgb))
    const name = basename(path.split('!/').at(-1) ?? path).normalize('NFC')
    const { eye, doubt } = eyeInName(name)
    if (doubt !== null) warnings.push({ code: EYE_DOUBTED, text: doubt })
    const value = {
      imageId,
      path,
      name,
      format: found.format,
      width,
      height,
      bitsPerChannel,
      channels: found.channels,
      eye,
      warnings,
    }
    return { ok: true, value }
  } catch (error) {
    return refused(path, error)
  }
}

/** 8-bit RGB. */
export async function photographPixels(
  summary: ImageSummary,
  input: PictureInput,
): Promise<Result<SliceBody>> {
  try {
    const { rgb, ...size } = await decode(input)
    return { ok: true, value: { description: rgbDescription(size, summary.warnings), bytes: rgb } }
  } catch (error) {
    return refused(summary.path, error)
  }
}

/** One grey channel (perhaps with others behind it) as three equal ones. */
function greyToRgb(bytes: Uint8Array, channels: number): Uint8Array<ArrayBuffer> {
  const pixels = bytes.length / channels
  const rgb = new Uint8Array(pixels * 3)
  for (let index = 0; index < pixels; index += 1)
    rgb.fill(bytes[index * channels] ?? 0, 3 * index, 3 * index + 3)
  return rgb
}

/** A PNG of at most 256 px on its long side. */
export async function photographThumbnail(path: string, input: PictureInput): Promise<Result<Uint8Array>> {
  try {
    const { rgb, ...size } = await decode(input)
    return await pixelsThumbnail({ ...size, pixels: rgb, channels: 3 }, 1)
  } catch (error) {
    return refused(path, error)
  }
}

/** A PNG of at most 256 px on its long side; `aspect` is height over width of one pixel. */
export function pixelsThumbnail(picture: RawPicture, aspect: number): Promise<Result<Uint8Array>> {
  const { widthPx, heightPx } = picture
  const tall = heightPx * aspect
  const scale = Math.min(1, THUMBNAIL_PX / Math.max(widthPx, tall))
  const width = Math.max(1, Math.round(widthPx * scale))
  const height = Math.max(1, Math.min(THUMBNAIL_PX, Math.round(tall * scale)))
  return pngBytes(openRaw(picture).resize({ width, height, fit: 'fill' }))
}
