/** TIFF photographs, and PNG of 16 bits: which page, which samples are colours, and the range that values take. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { OutputInfo, Sharp } from 'sharp'
import type { Warning } from '../../contract'
import { tiffPages, type TiffPage } from '../../core/files/tiff-tags'

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
      hasColourMap: false,
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

type Kind = 'byte' | 'whole' | 'signed' | 'float'
const kindOf = (depth: string): Kind => {
  if (depth === 'uchar') return 'byte'
  if (depth === 'ushort') return 'whole'
  return depth === 'short' ? 'signed' : 'float'
}

interface Decoded {
  readonly values: Uint8Array | Uint16Array | Float32Array
  readonly channels: number
  /** Channels that are colours: the first one or three. */
  readonly colours: 1 | 3
}

/** What the colours of a picture hold. Values that are no numbers, or infinite, are counted and not shown. */
interface Held {
  readonly least: number
  readonly most: number
  readonly noNumbers: number
}

function held({ values, channels, colours }: Decoded): Held {
  let [least, most, noNumbers] = [Infinity, -Infinity, 0]
  for (let pixel = 0; pixel < values.length; pixel += channels) {
    for (let k = 0; k < colours; k += 1) {
      const value = values[pixel + k] ?? 0
      if (!Number.isFinite(value)) noNumbers += 1
      else if (value < least) least = value
      if (Number.isFinite(value) && value > most) most = value
    }
  }
  if (most < least) throw new Error('none of its values is a number.')
  return { least, most, noNumbers }
}

/** Values between which the colours are shown: what the file says, else what its bits can hold, else what it holds. */
function rangeOf({ least, most }: Held, { maxSampleValue }: TiffPage, kind: Kind): readonly [number, number] {
  if (kind === 'float') return least >= 0 && most <= 1 ? [0, 1] : [least, most]
  if (kind === 'signed') return [Math.min(0, least), Math.max(most, maxSampleValue ?? most)]
  if (maxSampleValue !== null && maxSampleValue >= most && maxSampleValue > 0) return [0, maxSampleValue]
  return [0, 2 ** Math.max(8, Math.ceil(Math.log2(most + 1))) - 1]
}

/** In deep grey the decoder cuts values below 0 off, and in colours it does not: they are lifted before, and lowered after. */
const SIGNED_LIFT = 32_768

async function valuesOf(
  opened: Sharp,
  kind: Kind,
): Promise<{ readonly values: Decoded['values']; readonly info: OutputInfo }> {
  const { space } = await opened.metadata()
  const keeping = (kept: string): Sharp => opened.clone().pipelineColourspace(kept).toColourspace(kept)
  const read = async (sized: Sharp, depth: 'uchar' | 'ushort' | 'float') => {
    const { data, info } = await sized.raw({ depth }).toBuffer({ resolveWithObject: true })
    return { bytes: Uint8Array.from(data), info }
  }
  switch (kind) {
    case 'byte': {
      const { bytes, info } = await read(opened, 'uchar')
      return { values: bytes, info }
    }
    case 'whole': {
      const { bytes, info } = await read(keeping('rgb16'), 'ushort')
      return { values: new Uint16Array(bytes.buffer), info }
    }
    case 'signed': {
      if (space !== 'grey16') return valuesOf(opened, 'float')
      const { bytes, info } = await read(keeping(space).linear(1, SIGNED_LIFT), 'ushort')
      return { values: Float32Array.from(new Uint16Array(bytes.buffer), (one) => one - SIGNED_LIFT), info }
    }
    case 'float': {
      const { bytes, info } = await read(keeping(space), 'float')
      return { values: new Float32Array(bytes.buffer), info }
    }
  }
}

/** Decodes the page that is shown to 8-bit RGB. `open` opens the file at a page, turned as its EXIF says. */
export async function decodeSpecial(
  open: (page: number) => Sharp,
  { page, index }: ShownPage,
  depth: string,
): Promise<ShownPixels> {
  const kind = kindOf(depth)
  const { values, info } = await valuesOf(open(index), kind)
  const { channels } = info
  const isColour = channels >= 3 && page.photometric !== 0 && page.photometric !== 1
  const decoded: Decoded = { values, channels, colours: isColour ? 3 : 1 }
  // The decoder turns values of pictures whose zero is white; the range that the file names is that of the others.
  // Signed and floating ones it leaves as they are.
  const isTurned = page.photometric === 0 && kind !== 'byte'
  if (isTurned && kind === 'whole') turn(decoded)
  const found = held(decoded)
  const isRanged = kind !== 'byte' || isShort(page)
  const range = isRanged ? rangeOf(found, page, kind) : ([0, 255] as const)
  return {
    widthPx: info.width,
    heightPx: info.height,
    rgb: rgbOf(decoded, page, range, isTurned),
    warnings: warningsOf(page, isRanged, found, range),
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
      if (!Number.isFinite(value)) continue
      const shown = Math.min(255, Math.max(0, (value - least) * scale))
      rgb[3 * pixel + k] = Math.round((isTurned ? 255 - shown : shown) * shows)
    }
  }
  return rgb
}

function warningsOf(
  page: TiffPage,
  isDeep: boolean,
  { noNumbers }: Held,
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
  if (noNumbers > 0) {
    const text = `${noNumbers} values are no finite numbers and are shown black.`
    warnings.push({ code: 'picture-no-numbers', text })
  }
  return warnings
}
