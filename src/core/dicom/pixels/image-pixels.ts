/** From the Image Pixel module (PS3.3 C.7.6.3) to a layout, or the reason why there is none. */
import { refuse } from '../../../contract'
import type { Result, Warning } from '../../../contract'
import type { PixelLayout } from '../../image/pixel-layout'
import { decodedFrameBytes } from '../../image/pixel-layout'
import { MAX_FRAME_BYTES, MAX_FRAMES } from '../limits'
import type { DataSet, Element } from '../read-elements'
import { TAG } from '../elements'
import { tagName } from '../tag'
import type { TransferSyntax } from '../transfer-syntax'
import { code, element, integer, word } from '../values'

/** What the Image Pixel module of a file says of its pixels; `PixelDescription` of the contract is of a slice on its way. */
export interface ImagePixels {
  readonly layout: PixelLayout
  /** As the file says, or what it was taken for where the file makes no sense; MONOCHROME1 for all that is shown inverted. */
  readonly photometric: string
  readonly warnings: readonly Warning[]
}

/** The element that holds pixels: integers, floats or doubles; undefined when there is none. */
export const pixelElement = (set: DataSet): Element | undefined =>
  element(set, TAG.PixelData) ?? element(set, TAG.FloatPixelData) ?? element(set, TAG.DoubleFloatPixelData)

const nameless = (tag: number, name: string, value: number | null): Result<never> =>
  refuse(
    'structure-damaged',
    value === null ? `${name} ${tagName(tag)} is missing.` : `${name} ${tagName(tag)} is ${value}.`,
    {
      where: tagName(tag),
      next: 'Export the image again.',
    },
  )

function frameCount(set: DataSet, warnings: Warning[]): Result<number> {
  const said = code(set, TAG.NumberOfFrames)
  const frames = said === '' ? 1 : integer(set, TAG.NumberOfFrames)
  if (frames !== null && frames > MAX_FRAMES) {
    return refuse('pixels-too-large', `${frames} frames are declared, at most ${MAX_FRAMES} are opened.`, {
      where: tagName(TAG.NumberOfFrames),
    })
  }
  if (frames !== null && frames >= 1) return { ok: true, value: frames }
  warnings.push({
    code: 'frames-unreadable',
    text: `Number of Frames is "${said.slice(0, 20)}"; it was taken for 1.`,
  })
  return { ok: true, value: 1 }
}

type Colour = PixelLayout['colour']
const colours: Readonly<Record<string, Colour>> = {
  MONOCHROME1: 'grey',
  MONOCHROME2: 'grey',
  'PALETTE COLOR': 'index',
  RGB: 'rgb',
  YBR_FULL: 'ybr-full',
  YBR_FULL_422: 'ybr-full-422',
}
/** Colour models that only occur inside a compressed stream: its decoder gives RGB, or YCbCr with whole chroma. */
const inStreams: Readonly<Record<string, Colour>> = {
  ...colours,
  YBR_FULL_422: 'ybr-full',
  YBR_PARTIAL_422: 'ybr-full',
  YBR_PARTIAL_420: 'ybr-full',
  YBR_ICT: 'rgb',
  YBR_RCT: 'rgb',
  XYB: 'rgb',
}
/** Colour models that only occur inside a compressed stream, or are retired: native pixels in them are not guessed at. */
const UNREAD = new Set([
  'YBR_PARTIAL_422',
  'YBR_PARTIAL_420',
  'YBR_ICT',
  'YBR_RCT',
  'HSV',
  'ARGB',
  'CMYK',
  'XYB',
])

interface Photometric {
  readonly colour: Colour
  readonly name: string
}

/** The colours that a transfer syntax can hold: chroma is thinned in native pixels alone, which RLE does not pack. */
function coloursOf({ pixels }: TransferSyntax): Readonly<Record<string, Colour>> {
  if (pixels === 'stream') return inStreams
  return pixels === 'rle' ? { ...colours, YBR_FULL_422: 'ybr-full' } : colours
}

function photometricOf(
  set: DataSet,
  samples: number,
  syntax: TransferSyntax,
  warnings: Warning[],
): Result<Photometric> {
  const said = code(set, TAG.PhotometricInterpretation).toUpperCase()
  const known = coloursOf(syntax)
  const colour = Object.hasOwn(known, said) ? known[said] : undefined
  if (colour === undefined && UNREAD.has(said))
    return refuse('pixel-format-unsupported', `Pixels in ${said} are not supported.`, {
      where: '(0028,0004)',
    })
  const isColour = colour === 'rgb' || colour === 'ybr-full' || colour === 'ybr-full-422'
  if (samples === 1 && colour !== undefined && !isColour) return { ok: true, value: { colour, name: said } }
  if (samples === 3 && isColour) return { ok: true, value: { colour, name: said } }
  const what = said === '' ? 'missing' : `"${said.slice(0, 20)}"`
  if (samples === 3)
    return refuse(
      'pixel-format-unsupported',
      `Photometric Interpretation is ${what} with 3 samples a pixel.`,
      { where: '(0028,0004)' },
    )
  warnings.push({
    code: 'photometric-unknown',
    text: `Photometric Interpretation is ${what} with 1 sample a pixel; shown as grey.`,
  })
  return { ok: true, value: { colour: 'grey', name: 'MONOCHROME2' } }
}

interface Bits {
  readonly allocated: PixelLayout['bitsAllocated']
  readonly stored: number
  readonly high: number
}

function bitsOf(set: DataSet, float: boolean, warnings: Warning[]): Result<Bits> {
  const allocated = word(set, TAG.BitsAllocated)
  if (allocated === null || allocated === 0) return nameless(TAG.BitsAllocated, 'Bits Allocated', allocated)
  const known = ([1, 8, 12, 16, 32, 64] as const).find((bits) => bits === allocated)
  if (known === undefined || (known === 64 && !float)) {
    return refuse('pixel-format-unsupported', `${allocated} bits allocated a sample are not supported.`, {
      where: '(0028,0100)',
    })
  }
  if (float) return { ok: true, value: { allocated: known, stored: known, high: known - 1 } }
  const stored = word(set, TAG.BitsStored) ?? known
  const high = word(set, TAG.HighBit) ?? stored - 1
  if (stored >= 1 && stored <= known && high < known && high >= stored - 1)
    return { ok: true, value: { allocated: known, stored, high } }
  warnings.push({
    code: 'bits-contradictory',
    text: `${stored} bits stored up to bit ${high} do not fit into ${known}; all ${known} bits were read.`,
  })
  return { ok: true, value: { allocated: known, stored: known, high: known - 1 } }
}

/** Elements whose value representation is US or SS by the sign of the pixels (PS3.6). */
const SIGNED_LIKE_PIXELS = [
  ...[TAG.PixelPaddingValue, TAG.PixelPaddingRangeLimit],
  ...[TAG.SmallestImagePixelValue, TAG.LargestImagePixelValue],
]

/** By Pixel Representation; where it is missing or neither 0 nor 1, by elements that share its sign, and said so. */
function isSigned(set: DataSet, matters: boolean, warnings: Warning[]): boolean {
  const said = word(set, TAG.PixelRepresentation)
  if (said === 0 || said === 1) return said === 1
  const signed = SIGNED_LIKE_PIXELS.some((tag) => element(set, tag)?.vr === 'SS')
  const what = said === null ? 'is missing' : `is ${said}`
  if (matters)
    warnings.push({
      code: 'pixel-sign-unknown',
      text: `Pixel Representation ${tagName(TAG.PixelRepresentation)} ${what}: values were read as ${signed ? 'signed' : 'unsigned'}, which may be wrong.`,
    })
  return signed
}

/**
 * Describes the pixels of a data set. Refuses what is missing, not supported, or larger than the limits, before
 * anything is allocated; what can be mended is mended with a warning.
 */
export function describePixels(set: DataSet, syntax: TransferSyntax): Result<ImagePixels> {
  const pixels = pixelElement(set)
  if (pixels === undefined)
    return refuse('pixels-absent', 'There is no pixel data.', {
      next: 'Export the image again, with its pixels.',
    })
  const warnings: Warning[] = []
  const rows = word(set, TAG.Rows)
  const columns = word(set, TAG.Columns)
  if (rows === null || rows === 0) return nameless(TAG.Rows, 'Rows', rows)
  if (columns === null || columns === 0) return nameless(TAG.Columns, 'Columns', columns)
  const samples = word(set, TAG.SamplesPerPixel) ?? 1
  if (samples !== 1 && samples !== 3)
    return refuse('pixel-format-unsupported', `${samples} samples a pixel are not supported.`, {
      where: '(0028,0002)',
    })
  const frames = frameCount(set, warnings)
  if (!frames.ok) return frames
  const float = pixels.tag !== TAG.PixelData
  const bits = bitsOf(set, float, warnings)
  if (!bits.ok) return bits
  const photometric = photometricOf(set, samples, syntax, warnings)
  if (!photometric.ok) return photometric
  const { allocated, stored, high } = bits.value
  if (samples === 3 && (allocated === 1 || allocated === 12))
    return refuse('pixel-format-unsupported', `Colour of ${allocated} bits a sample is not supported.`)
  const layout: PixelLayout = {
    rows,
    columns,
    frames: frames.value,
    samplesPerPixel: samples,
    bitsAllocated: allocated,
    bitsStored: stored,
    highBit: high,
    signed: isSigned(set, samples === 1 && !float, warnings),
    planar: word(set, TAG.PlanarConfiguration) === 1,
    colour: photometric.value.colour,
    float,
    littleEndian: set.littleEndian !== syntax.swapped,
    bytesSwapped: !set.littleEndian && allocated === 8 && pixels.vr === 'OW' && syntax.pixels === 'native',
  }
  if (decodedFrameBytes(layout) > MAX_FRAME_BYTES) {
    const reason = `A frame of ${columns} × ${rows} pixels would take ${decodedFrameBytes(layout)} bytes; at most ${MAX_FRAME_BYTES} are decoded.`
    return refuse('pixels-too-large', reason, { where: '(0028,0010)' })
  }
  // A presentation LUT that inverts says of MONOCHROME2 what MONOCHROME1 says by itself (PS3.3 C.11.6.1.2).
  const isInverse = code(set, TAG.PresentationLUTShape) === 'INVERSE'
  const { name } = photometric.value
  const shown = isInverse && name === 'MONOCHROME2' ? 'MONOCHROME1' : name
  return { ok: true, value: { layout, photometric: shown, warnings } }
}
