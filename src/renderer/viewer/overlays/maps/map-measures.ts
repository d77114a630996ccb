import { VARIANCE_MAX } from '../../../../core/image/data-colours'
import { pixelSpread } from '../../../../core/uncertainty/moments'
import { formatPlain, formatPlural, NO_BREAK } from '../../../../core/words/numbers'
import type { MapMeasure } from '../../viewport-types'
import type { RunOverlay } from '../../worker/overlay-types'

/** A measure of each pixel as maps and their legends have it. The scale is the same for every image. */
export interface MapScale {
  readonly name: string
  /** The end of the scale; it begins at 0. */
  readonly highest: number
  /** Clear up to here, also where no threshold is set. */
  readonly clearUpTo: number
  readonly inBits: boolean
  /** What it is, over so many samples. */
  readonly caption: (sampleCount: number) => string
  readonly ends: readonly [low: string, high: string]
}

const over = (sampleCount: number): string => formatPlural(sampleCount, 'sample')

export const MAP_SCALES: { readonly [measure in MapMeasure]: MapScale } = {
  variance: {
    ...{ name: 'Variance', highest: VARIANCE_MAX, clearUpTo: 0, inBits: false },
    caption: (count) => `Variance over ${over(count)}, per pixel`,
    ends: ['0, all agree', `${VARIANCE_MAX}, half and half`],
  },
  share: {
    ...{ name: 'Share of samples', highest: 1, clearUpTo: 0, inBits: false },
    caption: (count) => `Share of ${over(count)} that draw the pixel`,
    ends: ['0, none', '1, all'],
  },
  entropy: {
    ...{ name: 'Entropy', highest: 1, clearUpTo: 0, inBits: true },
    caption: (count) => `Entropy of the share of ${over(count)}, in bits`,
    ends: ['0, all agree', `1${NO_BREAK}bit, half and half`],
  },
  information: {
    // Far from every outline there is a trace of it, which would tint the whole crop.
    ...{ name: 'Mutual information', highest: 1, clearUpTo: 0.01, inBits: true },
    caption: (count) => `Mutual information of pixel and latent, ${over(count)}, in bits`,
    ends: ['0, all say the same', `1${NO_BREAK}bit`],
  },
}

/** A value of a measure with its unit: "0.05", "0.2 bit". */
export const mapValueWords = (measure: MapMeasure, value: number): string =>
  `${formatPlain(value, 4)}${MAP_SCALES[measure].inBits ? `${NO_BREAK}bit` : ''}`

/** Steps that mutual information is told apart in. */
const INFORMATION_STEPS = 1000

/** A map as few levels: the level of each grid pixel, and what each level is worth. */
export interface LevelledMap {
  readonly levels: ArrayLike<number>
  readonly values: readonly number[]
}

/** A measure over the grid of a run; null where what it is made of is not here. */
export function levelledMap(
  { counts, sampleCount, informationBits }: Pick<RunOverlay, 'counts' | 'sampleCount' | 'informationBits'>,
  measure: MapMeasure,
): LevelledMap | null {
  if (measure === 'information') {
    if (informationBits === null) return null
    return {
      levels: Uint16Array.from(informationBits, (bits) => Math.round(bits * INFORMATION_STEPS)),
      values: Array.from({ length: INFORMATION_STEPS + 1 }, (_, step) => step / INFORMATION_STEPS),
    }
  }
  const name = measure === 'entropy' ? 'entropyBits' : measure
  return {
    levels: counts,
    values: Array.from({ length: sampleCount + 1 }, (_, count) => pixelSpread(count, sampleCount)[name]),
  }
}
