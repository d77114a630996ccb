/** TIFF photographs: which page, which samples are colours, and the range that 16-bit and float values take. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { Sharp } from 'sharp'
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

/** Samples beyond the colours that are no transparency: not shown, and not multiplied with. */
const isOpaque = ({ extraSamples }: TiffPage): boolean =>
  extraSamples.length > 0 && !extraSamples.some((meaning) => meaning === 1 || meaning === 2)

/** Whether the file needs more than an ordinary picture: deep samples, or samples that only look like alpha. */
export const isSpecial = ({ page }: ShownPage, depth: string | undefined): boolean =>
  isOpaque(page) || (depth !== undefined && depth !== 'uchar')

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

/** Values between which the picture is shown: what the file says, else what its bits can hold, else what it holds. */
function rangeOf(
  values: ArrayLike<number>,
  { maxSampleValue }: TiffPage,
  isFloat: boolean,
): readonly [number, number] {
  let [least, most] = [Infinity, -Infinity]
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0
    if (value < least) least = value
    if (value > most) most = value
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
  const [least, most] = how === undefined ? [0, 255] : rangeOf(values, page, isFloat)
  const colours = info.channels >= 3 && page.photometric !== 0 && page.photometric !== 1 ? 3 : 1
  const rgb = new Uint8Array(info.width * info.height * 3)
  const scale = most > least ? 255 / (most - least) : 0
  for (let pixel = 0; pixel < info.width * info.height; pixel += 1) {
    for (let k = 0; k < 3; k += 1) {
      const value = values[pixel * info.channels + (colours === 3 ? k : 0)] ?? 0
      rgb[3 * pixel + k] = Math.round(Math.min(255, Math.max(0, (value - least) * scale)))
    }
  }
  return {
    widthPx: info.width,
    heightPx: info.height,
    rgb,
    warnings: warningsOf(page, how !== undefined, depth, [least, most]),
  }
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
