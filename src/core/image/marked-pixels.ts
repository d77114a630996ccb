/**
 * What a mask picture marks, by its colours alone: the one rule for pictures that are brought in and for those that lie
 * beside photographs. A picture of two colours marks the one that is not the background, whatever the two are (black
 * and red, 0 and 1, a palette's, nothing and black). More colours are labels, or no mask: it cannot be told which of
 * them is meant, and they are named.
 */
import { accept, refuse, type Result } from '../../contract'
import type { Mask } from './mask'

/** Decoded pixels, as they were stored: 1 (grey), 2 (grey, alpha), 3 (colour) or 4 (colour, alpha) samples a pixel. */
export interface PictureSamples {
  readonly widthPx: number
  readonly heightPx: number
  readonly channels: number
  readonly samples: ArrayLike<number>
}

/** So many colours are named; more of them are no labels but shades. */
const NAMED = 16
/** Of a drawing with soft or compressed edges at least so many pixels are as good as black or white. */
const SHARP_FRACTION = 0.97
/** How far from black or white that is, as a share of the range. */
const SHARP_RANGE = 0.1
const TRANSPARENT = 'transparent'
const NEXT = 'Save one mask for each structure, of two colours.'

/** A pixel's colour as text, `transparent` where nothing of it shows. */
function colourAt({ channels, samples }: PictureSamples, pixel: number): string {
  const at = pixel * channels
  const first = samples[at] ?? 0
  const hasAlpha = channels === 2 || channels === 4
  if (hasAlpha && (samples[at + channels - 1] ?? 0) === 0) return TRANSPARENT
  if (channels < 3) return String(first)
  const [second, third] = [samples[at + 1] ?? 0, samples[at + 2] ?? 0]
  return first === second && second === third ? String(first) : `${first},${second},${third}`
}

/** Pixels by their colour, up to one colour more than are named; with the number on the border of the picture. */
function coloursOf(picture: PictureSamples): ReadonlyMap<string, number> {
  const { widthPx, heightPx } = picture
  const colours = new Map<string, number>()
  let [last, lastKey] = [-1, '']
  for (let pixel = 0; pixel < widthPx * heightPx && colours.size <= NAMED; pixel += 1) {
    const key = last >= 0 && samePixel(picture, last, pixel) ? lastKey : colourAt(picture, pixel)
    const [column, row] = [pixel % widthPx, Math.floor(pixel / widthPx)]
    const isBorder = column === 0 || row === 0 || column === widthPx - 1 || row === heightPx - 1
    colours.set(key, (colours.get(key) ?? 0) + (isBorder ? 1 : 0))
    ;[last, lastKey] = [pixel, key]
  }
  return colours
}

function samePixel({ channels, samples }: PictureSamples, a: number, b: number): boolean {
  for (let k = 0; k < channels; k += 1)
    if (samples[a * channels + k] !== samples[b * channels + k]) return false
  return true
}

const largest = (values: ArrayLike<number>): number => {
  let most = 0
  for (let at = 0; at < values.length; at += 1) most = Math.max(most, values[at] ?? 0)
  return most
}

/** Of two colours the background: nothing at all, black, white, else the one that more of the border has. */
function backgroundOf(colours: ReadonlyMap<string, number>, white: string): string {
  const names = [...colours.keys()]
  for (const plain of [TRANSPARENT, '0', white]) if (names.includes(plain)) return plain
  return names.sort((a, b) => (colours.get(b) ?? 0) - (colours.get(a) ?? 0))[0] ?? ''
}

function maskWhere(picture: PictureSamples, isSet: (pixel: number) => boolean): Mask {
  const { widthPx, heightPx } = picture
  const pixels = new Uint8Array(widthPx * heightPx)
  for (let pixel = 0; pixel < pixels.length; pixel += 1) pixels[pixel] = isSet(pixel) ? 1 : 0
  return { widthPx, heightPx, pixels }
}

/** Brightness of a pixel, 0 to 1, transparent ones dark. */
function brightnessAt({ channels, samples }: PictureSamples, pixel: number, most: number): number {
  const at = pixel * channels
  const colours = channels < 3 ? 1 : 3
  let sum = 0
  for (let k = 0; k < colours; k += 1) sum += samples[at + k] ?? 0
  const alpha = channels === 2 || channels === 4 ? (samples[at + channels - 1] ?? 0) / most : 1
  return (sum / colours / most) * alpha
}

/** A drawing in black and white whose edges are soft, or were compressed: pixels brighter than half. Null for others. */
function softMask(picture: PictureSamples): Mask | null {
  const count = picture.widthPx * picture.heightPx
  const most = largest(picture.samples)
  let [dark, bright] = [0, 0]
  for (let pixel = 0; pixel < count; pixel += 1) {
    const value = brightnessAt(picture, pixel, most)
    if (value <= SHARP_RANGE) dark += 1
    else if (value >= 1 - SHARP_RANGE) bright += 1
  }
  const isSharp = dark > 0 && bright > 0 && dark + bright >= SHARP_FRACTION * count
  return isSharp ? maskWhere(picture, (pixel) => brightnessAt(picture, pixel, most) > 0.5) : null
}

/**
 * The mask that a picture shows. One colour alone marks all, black or nothing marks none. Refused, naming the values:
 * more than two colours, unless they are the soft edges of a drawing in black and white.
 */
export function markedPixels(picture: PictureSamples): Result<Mask> {
  const colours = coloursOf(picture)
  const names = [...colours.keys()]
  if (names.length === 1) {
    const isEmpty = names[0] === TRANSPARENT || names[0] === '0'
    return accept(maskWhere(picture, () => !isEmpty))
  }
  if (names.length === 2) {
    const most = largest(picture.samples)
    const background = backgroundOf(colours, most <= 255 ? '255' : '65535')
    return accept(maskWhere(picture, (pixel) => colourAt(picture, pixel) !== background))
  }
  if (names.length <= NAMED) {
    const named = names.map((name) => (name.includes(',') ? `(${name})` : name)).join(', ')
    return refuse(
      'annotation-unsupported',
      `The mask has ${names.length} values: ${named}. Which of them is marked cannot be told.`,
      { next: NEXT },
    )
  }
  const soft = softMask(picture)
  if (soft !== null) return accept(soft)
  return refuse(
    'annotation-unsupported',
    `The mask has more than ${NAMED} values: it is a picture, no mask.`,
    {
      next: NEXT,
    },
  )
}
