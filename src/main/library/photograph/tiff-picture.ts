/** TIFF photographs, and PNG of 16 bits: which page, which samples are colours, and the range that values take. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { Sharp } from 'sharp'
import type { Warning } from '../../../contract'
import { tiffPages, type TiffPage } from '../../../core/files/tiff-tags'

/** What the tags of a file say of the page that is shown. */
export interface ShownPage {
  readonly page: TiffPage
  readonly index: number
}

/** The first page that is no smaller copy of another one; null of a file that is no TIFF. */
export function shownPage(input: string | Uint8Array): ShownPage | null {
  const pages = pagesOf(input)
  const whole = pages.findIndex(({ isReduced }) => !isReduced)
  const index = Math.max(0, whole)
  const page = pages[index]
  return page === undefined ? null : { page, index }
}

function pagesOf(input: string | Uint8Array): readonly TiffPage[] {
  if (typeof input !== 'string') return tiffPages((offset, length) => input.subarray(offset, offset + length))
  const descriptor = openSync(input, 'r')
  try {
    return tiffPages((offset, length) => {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset))
    })
  } finally {
    closeSync(descriptor)
  }
}

/** Of ExtraSamples: colours are multiplied by the first already, which the decoder takes back. */
const ASSOCIATED_ALPHA = 1
const STRAIGHT_ALPHA = 2
const isAlpha = (meaning: number): boolean => meaning === ASSOCIATED_ALPHA || meaning === STRAIGHT_ALPHA

/** Samples beyond the colours that are no transparency: not shown, and not multiplied with. */
const isOpaque = ({ extraSamples }: TiffPage): boolean =>
  extraSamples.length > 0 && !extraSamples.some(isAlpha)

/** True where 8-bit values end below 255 and the file says so. */
const isShort = ({ bits, maxSampleValue }: TiffPage): boolean =>
  bits === 8 && maxSampleValue !== null && maxSampleValue > 0 && maxSampleValue < 255

/** Whether the file needs more than an ordinary picture: deep or short samples, or samples that only look like alpha. */
export const isSpecial = ({ page }: ShownPage, depth: string | undefined): boolean =>
  isOpaque(page) || isShort(page) || (depth !== undefined && depth !== 'uchar')

/** A picture that is no TIFF, by what its decoder says: samples beyond the colours are transparency there. */
export function plainPage(channels: number, depth: string | undefined): ShownPage {
  const isGrey = channels < 3
  return {
    index: 0,
    page: {
      isReduced: false,
      bits: depth === 'uchar' ? 8 : 16,
      photometric: isGrey ? 1 : 2,
      maxSampleValue: null,
      extraSamples: channels === 2 || channels === 4 ? [STRAIGHT_ALPHA] : [],
    },
  }
}

export interface ShownPixels {
  readonly widthPx: number
  readonly heightPx: number
  /** Red, green and blue of each pixel. */
  readonly rgb: Uint8Array<ArrayBuffer>
  readonly warnings: readonly Warning[]
}

const DEPTHS: Readonly<
  Record<string, { readonly depth: 'ushort' | 'float'; readonly colourspace: string | null }>
> = {
  ushort: { depth: 'ushort', colourspace: 'rgb16' },
  short: { depth: 'ushort', colourspace: 'rgb16' },
}

interface Decoded {
  readonly values: Uint8Array | Uint16Array | Float32Array
  readonly channels: number
  /** Channels that are colours: the first one or three. */
  readonly colours: 1 | 3
}

/** Values between which the colours are shown: what the file says, else what its bits can hold, else what it holds. */
function rangeOf(
  { values, channels, colours }: Decoded,
  { maxSampleValue }: TiffPage,
  isFloat: boolean,
): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity]
  for (let pixel = 0; pixel < values.length; pixel += channels) {
    for (let k = 0; k < colours; k += 1) {
      const value = values[pixel + k] ?? 0
      if (value < least) least = value
      if (value > most) most = value
    }
  }
  if (isFloat) return least >= 0 && most <= 1 ? [0, 1] : [least, most]
  if (maxSampleValue !== null && maxSampleValue >= most && maxSampleValue > 0) return [0, maxSampleValue]
  return [0, 2 ** Math.max(8, Math.ceil(Math.log2(most + 1))) - 1]
}

/** Decodes the page that is shown to 8-bit RGB. `open` opens the file at a page, turned as its EXIF says. */
export async function decodeSpecial(
  open: (page: number) => Sharp,
  { page, index }: ShownPage,
  depth: string,
): Promise<ShownPixels> {
  const isFloat = depth !== 'uchar' && DEPTHS[depth] === undefined
  const { space } = await open(index).metadata()
  const how = isFloat ? { depth: 'float' as const, colourspace: space } : DEPTHS[depth]
  const sized =
    how?.colourspace == null
      ? open(index)
      : open(index).pipelineColourspace(how.colourspace).toColourspace(how.colourspace)
  const { data, info } = await sized
    .raw({ depth: how?.depth ?? 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const bytes = Uint8Array.from(data)
  const values =
    how === undefined
      ? bytes
      : how.depth === 'float'
        ? new Float32Array(bytes.buffer)
        : new Uint16Array(bytes.buffer)
  const { channels } = info
  const isColour = channels >= 3 && page.photometric !== 0 && page.photometric !== 1
  const decoded: Decoded = { values, channels, colours: isColour ? 3 : 1 }
  // The decoder turns values of pictures whose zero is white; the range that the file names is that of the others.
  const isTurned = page.photometric === 0 && how?.depth === 'ushort'
  if (isTurned) turn(decoded)
  const isWhole = how === undefined && !isShort(page)
  const range = isWhole ? ([0, 255] as const) : rangeOf(decoded, page, isFloat)
  const rgb = rgbOf(decoded, page, range, isTurned)
  const isRanged = how !== undefined || isShort(page)
  return {
    widthPx: info.width,
    heightPx: info.height,
    rgb,
    warnings: warningsOf(page, isRanged, depth, range),
  }
}

const LARGEST_16_BIT = 65_535

function turn({ values, channels, colours }: Decoded): void {
  for (let pixel = 0; pixel < values.length; pixel += channels)
    for (let k = 0; k < colours; k += 1) values[pixel + k] = LARGEST_16_BIT - (values[pixel + k] ?? 0)
}

/** Largest value of transparency: all of what the samples can hold, whatever the colours take of it. */
const opaqueOf = (values: Decoded['values']): number =>
  values instanceof Uint8Array ? 255 : values instanceof Uint16Array ? LARGEST_16_BIT : 1

function rgbOf(
  { values, channels, colours }: Decoded,
  { extraSamples }: TiffPage,
  [least, most]: readonly [number, number],
  isTurned: boolean,
): Uint8Array<ArrayBuffer> {
  const pixels = values.length / channels
  const rgb = new Uint8Array(pixels * 3)
  const scale = most > least ? 255 / (most - least) : 0
  const alpha = extraSamples.findIndex(isAlpha)
  const opaque = opaqueOf(values)
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const shows = alpha < 0 ? 1 : Math.min(1, (values[pixel * channels + colours + alpha] ?? opaque) / opaque)
    for (let k = 0; k < 3; k += 1) {
      const value = values[pixel * channels + (colours === 3 ? k : 0)] ?? 0
      const shown = Math.min(255, Math.max(0, (value - least) * scale))
      rgb[3 * pixel + k] = Math.round((isTurned ? 255 - shown : shown) * shows)
    }
  }
  return rgb
}

function warningsOf(
  page: TiffPage,
  isDeep: boolean,
  depth: string,
  [least, most]: readonly [number, number],
): readonly Warning[] {
  const warnings: Warning[] = []
  if (isOpaque(page)) {
    const text = `${page.extraSamples.length} samples of each pixel are neither colour nor transparency and are not shown.`
    warnings.push({ code: 'picture-samples', text })
  }
  if (isDeep) {
    const text = `Values from ${Number(least.toPrecision(6))} to ${Number(most.toPrecision(6))} are shown from black to white.`
    warnings.push({ code: 'picture-range', text })
  }
  if (depth === 'short') warnings.push({ code: 'picture-signed', text: 'Values below 0 are shown black.' })
  return warnings
}
