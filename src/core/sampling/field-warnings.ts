import type { Warning } from '../../contract'
import { countPixels, type Mask } from '../image/mask'
import type { RgbPicture } from './field-of-view'
import { formatNumber, NO_BREAK } from '../words/numbers'

/** Fundus cameras fill at least this much of a picture; of 28 photographs of two cameras the least was 0.66. */
const LEAST_SHARE = 0.3
/** A whole field is a disc, cut by the picture at most: 0.99 and more of it in the same 28; 0.97 with a dark side left out. */
const LEAST_OF_DISC = 0.985
/** A field that is this much of the picture has no black around it, or has taken it in. */
const NEARLY_ALL = 0.9
/** A field that is this much of the picture has no edge in it: it would be cut on all sides. */
const NO_EDGE = 0.98
/**
 * Pixels below this part of the mean of the picture, its brightest channel each, are as dark as what lies around a
 * photograph. Of 17 photographs of a camera whose black is not quite black, 0.07 to 0.27 of the field that was found is so
 * dark; of fields that are right, 0.01.
 */
const DARK_OF_MEAN = 0.25
const MOST_DARK = 0.05

/** The part of a field that is as dark as what lies around a photograph. */
function darkShare({ pixels }: Mask, { rgb }: RgbPicture, count: number): number {
  const brightest = (at: number): number =>
    Math.max(rgb[3 * at] ?? 0, rgb[3 * at + 1] ?? 0, rgb[3 * at + 2] ?? 0)
  let sum = 0
  for (let at = 0; at < pixels.length; at += 1) sum += brightest(at)
  const dark = (DARK_OF_MEAN * sum) / pixels.length
  let found = 0
  for (let at = 0; at < pixels.length; at += 1) if (pixels[at] === 1 && brightest(at) < dark) found += 1
  return count === 0 ? 0 : found / count
}

/**
 * The part of the picture in the circle around a field that the field covers: around the middle of its extent, as wide
 * as its longer side; above 1 for a field with corners.
 */
function shareOfDisc({ widthPx, heightPx, pixels }: Mask, count: number): number {
  let [left, right, top, bottom] = [widthPx, -1, heightPx, -1]
  for (let row = 0; row < heightPx; row += 1) {
    const line = pixels.subarray(row * widthPx, (row + 1) * widthPx)
    const first = line.indexOf(1)
    if (first < 0) continue
    left = Math.min(left, first)
    right = Math.max(right, line.lastIndexOf(1))
    top = Math.min(top, row)
    bottom = row
  }
  const radius = Math.max(right - left + 1, bottom - top + 1) / 2
  const [middleColumn, middleRow] = [(left + right) / 2, (top + bottom) / 2]
  let disc = 0
  for (let row = 0; row < heightPx; row += 1) {
    const away = radius ** 2 - (row - middleRow) ** 2
    if (away < 0) continue
    const reach = Math.sqrt(away)
    const from = Math.max(0, Math.ceil(middleColumn - reach))
    const to = Math.min(widthPx - 1, Math.floor(middleColumn + reach))
    disc += Math.max(0, to - from + 1)
  }
  return disc === 0 ? 0 : count / disc
}

const AS_A_MASK = 'Lay the field beside the photograph as a mask, NAME_fov.png, to have them right.'

/**
 * What is said of a field of view that was found by brightness: how much of the picture it is, and that dark parts seem
 * to be left out of it, since each share of the field is then too large, or that what lies around it is taken in, or may
 * be, since each is then too small.
 */
export function foundFieldWarnings(field: Mask, picture: RgbPicture): readonly Warning[] {
  const count = countPixels(field)
  const share = count / field.pixels.length
  const percent = (fraction: number): string => `${formatNumber(fraction * 100, 1)}${NO_BREAK}%`
  const found: Warning = {
    code: 'field-of-view-found',
    text: `The field of view was found by brightness, since none that can be used came with this photograph: ${percent(share)} of the picture.`,
  }
  const dark = share < NEARLY_ALL ? 0 : darkShare(field, picture, count)
  if (dark > MOST_DARK)
    return [
      found,
      {
        code: 'field-of-view-doubtful',
        text: `The field of view that was found is ${percent(share)} of the picture, and ${percent(dark)} of it is as dark as what lies around a photograph: that seems to be taken in, and shares of the field are then too small. ${AS_A_MASK}`,
      },
    ]
  if (share >= NO_EDGE)
    return [
      found,
      {
        code: 'field-of-view-doubtful',
        text: `No edge of the field of view was found: shares are of the whole picture, and too small where anything but the eye is on it. ${AS_A_MASK}`,
      },
    ]
  const ofDisc = shareOfDisc(field, count)
  if (share >= LEAST_SHARE && ofDisc >= LEAST_OF_DISC) return [found]
  const what =
    share < LEAST_SHARE ? `only ${percent(share)} of the picture` : `${percent(ofDisc)} of the disc around it`
  return [
    found,
    {
      code: 'field-of-view-doubtful',
      text: `The field of view that was found is ${what}: dark parts seem to be left out, and shares of the field are then too large. ${AS_A_MASK}`,
    },
  ]
}
