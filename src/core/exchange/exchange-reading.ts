/** Readings that come in or go out, whatever the format: what one reader drew of some structures on one image. */
import type { Warning } from '../../contract'
import type { PlacedMask } from '../contour/box-mask'
import { countPixels } from '../image/mask'

/** A coded concept (PS3.3 8.1): value, coding scheme, meaning. */
export interface Code {
  readonly value: string
  readonly scheme: string
  readonly meaning: string
}

/** Red, green, blue, 0 to 255 each. */
export type Rgb = readonly [number, number, number]

/** Shares of pixels, 0 to 1, in the box of the slice's mask, row by row. */
export interface Fraction {
  readonly kind: 'probability' | 'occupancy'
  readonly values: Float32Array
}

/** Pixels of one structure on one slice. */
export interface ExchangeSlice {
  /** Index in the target's slices; 0 for a photograph. */
  readonly sliceIndex: number
  /** Pixels 0 or 1, row by row, in a box of the image. */
  readonly mask: PlacedMask
  /** Of a fractional segmentation; the mask then holds the pixels of one half or more. Null elsewhere. */
  readonly fraction: Fraction | null
}

export interface ExchangeStructure {
  /** Number of the segment, region, label or category: 1, 2, … */
  readonly ordinal: number
  readonly label: string
  readonly category: Code | null
  readonly type: Code | null
  readonly colour: Rgb | null
  /** What else the file says of it, for example a tracking identifier or a rating. */
  readonly facts: Readonly<Record<string, string>>
  /** Ascending; none of them empty. No slices: the reader drew nothing of it. */
  readonly slices: readonly ExchangeSlice[]
}

export interface ExchangeReading {
  /** Name or pseudonym of who drew it; empty where the file does not say. */
  readonly reader: string
  readonly facts: Readonly<Record<string, string>>
  readonly structures: readonly ExchangeStructure[]
}

/** What a file gave. */
export interface BroughtIn {
  readonly format: ExchangeFormat
  readonly readings: readonly ExchangeReading[]
  readonly warnings: readonly Warning[]
}

export type ExchangeFormat = 'seg' | 'rtstruct' | 'nifti' | 'png' | 'coco' | 'lidc-xml'

export interface Counts {
  readonly readings: number
  readonly structures: number
  /** Outlined slices, summed over structures. */
  readonly slices: number
  /** Pixels set, summed over structures. */
  readonly pixels: number
}

/** Counts in are compared with counts out. */
export function countReadings(readings: readonly ExchangeReading[]): Counts {
  const structures = readings.flatMap((reading) => reading.structures)
  const slices = structures.flatMap((structure) => structure.slices)
  return {
    readings: readings.length,
    structures: structures.length,
    slices: slices.length,
    pixels: slices.reduce((sum, { mask }) => sum + countPixels(mask.mask), 0),
  }
}

/** The slice's mask as a whole image, row by row; what lies outside the image falls away. */
export function wholeMask(
  { mask: placed }: Pick<ExchangeSlice, 'mask'>,
  widthPx: number,
  heightPx: number,
): Uint8Array {
  const pixels = new Uint8Array(widthPx * heightPx)
  const { originColumn, originRow, mask } = placed
  const first = Math.max(0, -originColumn)
  const last = Math.min(mask.widthPx, widthPx - originColumn)
  for (let row = Math.max(0, -originRow); row < mask.heightPx && originRow + row < heightPx; row += 1) {
    if (last <= first) break
    const from = mask.pixels.subarray(row * mask.widthPx + first, row * mask.widthPx + last)
    pixels.set(from, (originRow + row) * widthPx + originColumn + first)
  }
  return pixels
}
